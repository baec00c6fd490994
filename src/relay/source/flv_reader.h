/* SPDX-License-Identifier: MIT
 *
 * Messages of RTMP, which are tags of FLV -> packets in the engine's one form, with the media they belong to
 * (gather.h). The old format and Enhanced RTMP v1 and v2; of several tracks one is relayed, of which the
 * packets go out as they came. Data messages are looked at for the picture's size alone, and only while it is
 * not known.
 *
 * Timestamps of 32 bits go on over their wrap. A picture of a codec that is not read ends the source, sound
 * of one is left out. Belongs to one input thread; does no I/O.
 */
#ifndef CME_RELAY_SOURCE_FLV_READER_H
#define CME_RELAY_SOURCE_FLV_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relay/source/feed.h"
#include "stream/flv/body.h"
#include "stream/gather.h"

struct cme_flv_reader {
	struct cme_gather gather;
	int track[CME_STREAMS]; /* relayed, or CME_TRACK_FIRST */
	int64_t clock_ms;       /* time of the last message, without wraps */
	bool clocked;           /* there was one */
	uint32_t offset_ms;     /* from the messages' times to that clock */
	int64_t gap_ms; /* from the last message to the next one, whose time says nothing of it; -1: it does
			 */
	bool foreign;   /* the message fed last is neither picture nor sound that is relayed */
	char unread[CME_STREAMS][CME_FLV_NAME_MAX]; /* codec of what is not read; "": all is */
	int width, height; /* of the picture, as data messages have it; 0: not known */

	/* the message fed last, as far as it is not used up */
	struct cme_flv_body body;
	int kind; /* of body; -1: it is used up */
	const uint8_t *tags;
	size_t tags_len;
	uint32_t tags_offset; /* from the tags' time to the messages'; of an aggregate message */
	bool tags_fresh;      /* none of them was taken yet */
};

/* track: for each stream, or NULL for the first of both. */
void cme_flv_reader_init(struct cme_flv_reader *reader, const int *track);
void cme_flv_reader_fini(struct cme_flv_reader *reader);

/* The next message comes from another connection, whose times are its own, so many milliseconds after the
 * last one. */
void cme_flv_reader_rejoin(struct cme_flv_reader *reader, int64_t gap_ms);

/* Takes a message of a type of enum cme_rtmp_type, when the last one is used up. Its data have to live until
 * this one is. */
void cme_flv_reader_feed(struct cme_flv_reader *reader, uint8_t type, uint32_t timestamp, const uint8_t *data,
			 size_t len);

/* The next packet (arrival not set), the caller's reference. NULL with *rc 0: the message is used up; NULL
 * with *rc < 0: why it ends (end.h); CME_END_PICTURE: the picture cannot be read, or lacks
 * something. */
struct cme_packet *cme_flv_reader_next(struct cme_flv_reader *reader, int *rc);

/* What a stream lacks, in words for CME_PICTURE_UNREADABLE; NULL: nothing. */
const char *cme_flv_reader_lacks(const struct cme_flv_reader *reader, int kind);

/* Why `next` returned rc, in words. */
void cme_flv_reader_fault(const struct cme_flv_reader *reader, int rc, struct cme_err *err);

void cme_flv_reader_promise(const struct cme_flv_reader *reader, struct cme_promise *promise);

#endif
