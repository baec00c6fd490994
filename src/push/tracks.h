/* SPDX-License-Identifier: MIT
 *
 * The tracks of an MP4 that libavformat writes, for a recording as for HLS: which stream has which, and
 * packets written to them. Any thread, one at a time for each muxer.
 *
 * A packet is held until the next one of its stream is there, since a sample lasts exactly until the next:
 * where libavformat has to guess that at the end of a fragment, and guesses too long, it takes the next
 * packet for one that comes too early, and throws its PTS away.
 */
#ifndef CME_PUSH_TRACKS_H
#define CME_PUSH_TRACKS_H

#include <libavformat/avformat.h>

#include "push/task.h"

/* What MP4 has to be told of each stream is known. 0, or -1 with err (media.unsupported): what is not. */
int cme_push_tracks_check(const struct cme_push_task *task, struct cme_err *err);

struct cme_push_tracks {
	AVFormatContext *ctx;        /* its owner's */
	int index[CME_STREAMS];      /* of the track by CME_VIDEO and CME_AUDIO; -1: there is none */
	AVPacket *held[CME_STREAMS]; /* the latest of the stream; NULL: none */
	int64_t length[CME_STREAMS]; /* of the packet before that, in the track's unit */
};

/* Adds a track for each of the task's streams before the header of ctx is written. Returns 0 or libavformat's
 * error. cme_push_tracks_fini after either, before ctx is freed. */
int cme_push_tracks_init(struct cme_push_tracks *tracks, AVFormatContext *ctx,
			 const struct cme_push_task *task);

/* Takes a packet with times in microseconds, counted from base_us on, without its side data, and writes the
 * one of its stream that is held. Changes av. Returns 0 or libavformat's error. */
int cme_push_tracks_write(struct cme_push_tracks *tracks, AVPacket *av, int64_t base_us);

/* Writes what is held of a stream, which lasts until the given time, in microseconds. As above. */
int cme_push_tracks_end(struct cme_push_tracks *tracks, int stream, int64_t until_us, int64_t base_us);

/* Writes what is held of all streams, each taken to be as long as the packet before it. As above. */
int cme_push_tracks_flush(struct cme_push_tracks *tracks);

/* Lets go of what is held. */
void cme_push_tracks_fini(struct cme_push_tracks *tracks);

#endif
