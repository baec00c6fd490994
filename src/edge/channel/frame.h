/* SPDX-License-Identifier: MIT
 *
 * One message of an encoder as its readers get it: a tag of FLV, whole, its body as it came.
 * Reference-counted, never changed once made. One thread.
 */
#ifndef CME_EDGE_CHANNEL_FRAME_H
#define CME_EDGE_CHANNEL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream/flv/file.h"

#define CME_FRAME_SCRIPT_MAX ((size_t)64 * 1024) /* bytes of script data that are passed on */
#define CME_FRAME_HEADER_MAX ((size_t)64 * 1024) /* bytes of a header that is kept; larger ones only pass */

/* What a reader that comes later needs it for. */
enum cme_frame_use {
	CME_FRAME_PASS,   /* nothing: it is passed on to who is there */
	CME_FRAME_START,  /* decoding of the picture begins here */
	CME_FRAME_HEADER, /* it goes before all others, until another of the same slot takes its place */
};

struct cme_frame {
	int refs;
	enum cme_frame_use use;
	uint32_t slot;      /* of a header: what it is about */
	uint8_t type;       /* of the tag (CME_FLV_...) */
	uint32_t timestamp; /* milliseconds */
	size_t len;         /* of the tag */
	uint8_t bytes[];    /* header, body, trailer */
};

/* Makes one of a message of media or data. NULL: nothing to pass on, or no memory. */
struct cme_frame *cme_frame_new(const struct cme_flv_tag *tag);

/* The header of an FLV file, which goes before all tags. NULL: no memory. */
struct cme_frame *cme_frame_file_header(void);

struct cme_frame *cme_frame_ref(struct cme_frame *frame);

/* Takes void * so that caches can call it; NULL is nothing. */
void cme_frame_unref(void *frame);

#endif
