/* SPDX-License-Identifier: MIT
 *
 * What the tags of an FLV stream say before libavformat sees them: 5.1 hides the codecs it does not know,
 * takes some of Enhanced RTMP's packet types for old codecs, and allocates whatever size a tag names. It
 * also keeps every property of script data in a list that it searches from the front: script data past a
 * sum are hidden from it. They are hints for the opening of a stream, and nothing of them is relayed.
 * Bytes come split anywhere; only tag headers and the first bytes of each body are looked at, which say
 * how the body is coded ("Video File Format Specification 10.1", annex E; Enhanced RTMP v2). Pure.
 */
#ifndef CME_STREAM_TAGS_H
#define CME_STREAM_TAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "stream/flv/codec.h"

#define CME_TAGS_HEAD_MAX   17 /* a file header, or a tag header and what a verdict needs of its body */
#define CME_TAGS_SCRIPT_MAX (64 * 1024) /* bytes of script data in one stream; an index of 2 h fits */

struct cme_tags {
	uint8_t head[CME_TAGS_HEAD_MAX];
	size_t head_len;
	uint32_t skip;                /* bytes up to the next tag header; 0: in a header */
	size_t tag_max;               /* bytes that a tag may have */
	size_t script_left;           /* bytes of script data that the demuxer may still see */
	bool hide;                    /* the next byte is the first of script data that it may not */
	bool started;                 /* the file header is read */
	char sound[CME_FLV_NAME_MAX]; /* the codec of sound that nothing here reads; "": none came */
};

void cme_tags_init(struct cme_tags *tags, size_t tag_max);

/* 0, or -1 with err: media.unsupported (a picture that nothing here reads, by its name), media.too_large.
 * Writes to the data only to hide script data. */
int cme_tags_feed(struct cme_tags *tags, uint8_t *data, size_t len, struct cme_err *err);

#endif
