/* SPDX-License-Identifier: MIT
 *
 * MPEG audio by RTP with a dynamic payload type, as GStreamer sends it. libavformat knows RFC 2250's form of
 * the static type 14 alone: what it gives of another begins with the header of four bytes (RFC 2250 3.5),
 * behind which are several frames, or a part of one. Here they become packets of one frame each. Belongs to
 * one thread.
 */
#ifndef CME_PULL_AV_MPA_H
#define CME_PULL_AV_MPA_H

#include <libavcodec/avcodec.h>
#include <stdbool.h>

struct cme_mpa {
	AVCodecParserContext *parser; /* NULL: no packet had such a header */
	AVCodecContext *codec;        /* the parser's */
	AVPacket *packet;             /* that is being taken apart */
	int at;                       /* what of it is used up */
	AVRational time_base;         /* of the stream */
	int64_t next;                 /* time of the next frame that has none of its own */
};

/* Zeroed before. The packet has such a header, or one before it had. */
bool cme_mpa_takes(const struct cme_mpa *mpa, const AVPacket *av);

/* Takes its content over; the one before is used up. 0 or AVERROR(ENOMEM). */
int cme_mpa_put(struct cme_mpa *mpa, AVPacket *av, AVRational time_base);

/* The next frame, into a blank packet. 1; 0: another packet has to be put; or AVERROR(ENOMEM). */
int cme_mpa_next(struct cme_mpa *mpa, AVPacket *av);

void cme_mpa_fini(struct cme_mpa *mpa);

#endif
