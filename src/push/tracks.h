/* SPDX-License-Identifier: MIT
 *
 * The tracks of an MP4 that libavformat writes, for a recording as for HLS: which stream has which, and
 * packets written to them. Any thread, one at a time for each muxer.
 */
#ifndef CME_PUSH_TRACKS_H
#define CME_PUSH_TRACKS_H

#include <libavformat/avformat.h>

#include "push/task.h"

/* What MP4 has to be told of each stream is known. 0, or -1 with err (media.unsupported): what is not. */
int cme_push_tracks_check(const struct cme_push_task *task, struct cme_err *err);

/* Adds a track for each of the task's streams before the header is written. index: of the track by
 * CME_VIDEO and CME_AUDIO, -1 without one. Returns 0 or libavformat's error. */
int cme_push_tracks_add(AVFormatContext *ctx, const struct cme_push_task *task, int index[CME_STREAMS]);

/* Writes a packet with times in microseconds, counted from base_us on, without its side data. Changes av.
 * Returns 0 or libavformat's error. */
int cme_push_tracks_write(AVFormatContext *ctx, const int index[CME_STREAMS], AVPacket *av, int64_t base_us);

#endif
