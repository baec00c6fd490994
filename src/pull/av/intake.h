/* SPDX-License-Identifier: MIT
 *
 * The bytes of a source on their way into libavformat's demuxers: its own address, and whatever a playlist
 * names in turn. Each is opened with the protocols of the source's kind and verified TLS; what comes is
 * looked at as it passes, and cut off before a demuxer allocates for it: playlists that would cost too much
 * (m3u8.h), compressed answers, redirects that leave TLS. The reason is kept for whoever asks why the reading
 * failed.
 *
 *     demuxer <-- AVIOContext with our read <-- look <-- libcurl (web.h) or libavformat <-- network
 *
 * Belongs to one thread.
 */
#ifndef CME_PULL_AV_INTAKE_H
#define CME_PULL_AV_INTAKE_H

#include <libavformat/avformat.h>

#include "av/avlog.h"
#include "common/err.h"
#include "pull/av/reader.h"
#include "pull/http/web.h"
#include "pull/limit.h"
#include "pull/order.h"

struct cme_intake {
	const struct cme_order *order; /* the first three are the owner's */
	struct cme_limit *limit;
	struct cme_avlog *log;
	struct cme_web web;
	bool opened;                 /* set by the owner once the demuxer has what it needs to begin */
	bool boxed;                  /* something that was opened is an MP4 */
	size_t playlists_left;       /* bytes that playlists may still cost */
	struct cme_err refusal;      /* why something was cut off; code empty: nothing was */
	struct cme_reader_init init; /* what fMP4-HLS began anew with, for the reader */
};

/* For a source that is about to be opened; keeps what is the owner's. */
void cme_intake_init(struct cme_intake *intake);

/* After everything it opened is closed. */
void cme_intake_fini(struct cme_intake *intake);

/* Opens a URL for reading. 0 and *pb, or a libavformat error code. */
int cme_intake_open(struct cme_intake *intake, AVIOContext **pb, const char *url, AVDictionary **options);

/* What comes begins with these bytes, which stay to be read. Waits for them. */
bool cme_intake_begins_with(AVIOContext *pb, const char *mark);

/* The bytes of a source that has an end; -1: not known. */
int64_t cme_intake_size(AVIOContext *pb);

/* NULL does nothing. */
void cme_intake_close(AVIOContext *pb);

#endif
