/* SPDX-License-Identifier: MIT
 *
 * The boxes of an MP4 as it passes, split anywhere: keeps what describes its streams (ftyp and moov, which is
 * what an HLS playlist's EXT-X-MAP names), and skips the media. ISO/IEC 14496-12 4.2. Pure; trusts no length
 * it reads.
 */
#ifndef CME_STREAM_BOXES_H
#define CME_STREAM_BOXES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

#define CME_BOXES_INIT_MAX ((size_t)1024 * 1024)

struct cme_boxes {
	uint8_t head[16]; /* of the box that begins */
	size_t head_len;
	uint64_t left;       /* bytes of the box at hand; 0: a head comes next */
	bool keep;           /* they go to `init` */
	bool in_moov;        /* and are the last that do */
	struct cme_buf init; /* ftyp and moov so far */
};

void cme_boxes_init(struct cme_boxes *boxes);
void cme_boxes_fini(struct cme_boxes *boxes);

/* true: `init` has become whole. Too large a one is left out. */
bool cme_boxes_feed(struct cme_boxes *boxes, const uint8_t *data, size_t len);

#endif
