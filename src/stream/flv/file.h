/* SPDX-License-Identifier: MIT
 *
 * FLV as a run of bytes: the file header and the tags behind it ("Video File Format Specification 10.1",
 * annex E.2 and E.3), and the tags of RTMP's aggregate messages, which have no file header. Bytes come split
 * anywhere. A tag past the limit ends the reading before anything is allocated for it. Pure; one thread.
 */
#ifndef CME_STREAM_FLV_FILE_H
#define CME_STREAM_FLV_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/err.h"

#define CME_FLV_TAG_HEADER 11
/* Bytes of a tag that is read: the largest packet (packet.h), and what may stand before it. */
#define CME_FLV_TAG_MAX ((size_t)8 * 1024 * 1024)
#define CME_FLV_TRAILER 4 /* behind each tag: its size again */

enum cme_flv_type { CME_FLV_AUDIO = 8, CME_FLV_VIDEO = 9, CME_FLV_SCRIPT = 18 };

struct cme_flv_tag {
	uint8_t type;       /* enum cme_flv_type, or anything */
	uint32_t timestamp; /* milliseconds */
	const uint8_t *data;
	size_t len;
};

struct cme_flv_file {
	size_t tag_max;
	bool started; /* the file header is read */
	uint8_t head[CME_FLV_TAG_HEADER];
	size_t head_len;
	bool in_body;        /* of the tag in head */
	size_t skip;         /* bytes to step over before the next head */
	struct cme_buf body; /* the part of it that came */
};

/* tag_max: bytes that a tag may have. */
void cme_flv_file_init(struct cme_flv_file *file, size_t tag_max);
void cme_flv_file_fini(struct cme_flv_file *file);

/* Reads from *data up to the end of the next tag; *data and *len move past what was taken. 1: *tag is whole,
 * its data valid until the next call; 0: all was taken, more is needed; -1 with err: media.unsupported (no
 * FLV), media.too_large. After -1 only fini. */
int cme_flv_file_read(struct cme_flv_file *file, const uint8_t **data, size_t *len, struct cme_flv_tag *tag,
		      struct cme_err *err);

/* The tag at the front of an aggregate message; *data and *len move past it. false: no whole one is left. */
bool cme_flv_next_tag(const uint8_t **data, size_t *len, struct cme_flv_tag *tag);

#endif
