/* SPDX-License-Identifier: MIT
 *
 * Writes a stream to look at: HLS of fragmented MP4 (RFC 8216, and its second edition's partial segments) in
 * a folder of its own. What another process serves from there is a few seconds behind:
 *
 *     FOLDER/index.m3u8      the playlist; replaced as a whole with each part
 *     FOLDER/E.mp4           what decoders have to know before the segments of epoch E
 *     FOLDER/S.P.m4s         part P of segment S: half a second of media; a segment is its parts, one after
 *                            the other, and begins with a keyframe
 *
 * Segments are numbered by the time of day, so that the numbers rise when the process is started again; the
 * files of the process before are removed. At most some seconds of media are kept. Another
 * configuration begins another epoch. So does the first keyframe after a gap in the media: no part and no
 * segment lasts for the gap, which would set how far players stay behind. Nor does a part last for as long as
 * the picture stays away while the sound goes on: the sound is cut into parts then. Belongs to the program's
 * one thread.
 */
#ifndef CME_PUSH_HLS_H
#define CME_PUSH_HLS_H

#include <libavcodec/packet.h>
#include <libavformat/avformat.h>

#include "push/task.h"
#include "push/tracks.h"

#define CME_HLS_SCHEME       "hls:"
#define CME_HLS_SEGMENTS_MAX 10 /* kept; listed is what lies in the last CME_HLS_LISTED_US */
#define CME_HLS_PARTS_MAX    64 /* of one segment */

struct cme_hls_segment {
	int64_t number;
	int64_t epoch;
	int64_t begin_us;                    /* DTS of its first packet */
	int64_t part_us[CME_HLS_PARTS_MAX];  /* lengths */
	bool independent[CME_HLS_PARTS_MAX]; /* decoding may begin with it */
	unsigned parts;                      /* written */
	bool whole;                          /* no more parts come */
};

struct cme_push_hls {
	const struct cme_push_task *task;
	int fd;               /* the folder; -1: not open */
	AVFormatContext *ctx; /* of the epoch; NULL: none yet */
	struct cme_push_tracks tracks;
	int64_t epoch;                                         /* rises, too */
	int64_t base_us;                                       /* DTS that is 0 in the files */
	struct cme_hls_segment segments[CME_HLS_SEGMENTS_MAX]; /* the oldest first */
	unsigned count;
	int64_t next;       /* number of the next segment */
	int64_t part_us;    /* DTS of the first packet of the open part */
	int64_t last_us;    /* DTS of the latest leading packet */
	int64_t frame_us;   /* from the one before to that one; 0: not known */
	int64_t latest_us;  /* DTS of the latest packet of any stream */
	bool gap;           /* nothing is written until a keyframe */
	bool away;          /* the open part began with sound, since the picture stays away */
	bool part_keyed;    /* the open part begins with a keyframe */
	bool empty;         /* nothing is in the open part */
	int64_t longest_us; /* of all parts so far */
	int64_t target_us;  /* of all whole segments so far */
	bool renew;         /* a configuration changed: the next keyframe begins an epoch */
};

/* 0, or -1 with err. cme_push_hls_close after either. */
int cme_push_hls_open(struct cme_push_hls *hls, const struct cme_push_task *task, struct cme_err *err);

/* Takes the packet's content over. 0, or -1 with err. Packets from before the first keyframe are left out. */
int cme_push_hls_write(struct cme_push_hls *hls, AVPacket *av, struct cme_err *err);

/* What is not whole is left out. */
void cme_push_hls_close(struct cme_push_hls *hls);

#endif
