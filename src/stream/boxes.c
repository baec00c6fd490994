/* SPDX-License-Identifier: MIT */
#include "stream/boxes.h"

#include <string.h>

#include "stream/bytes.h"

#define HEAD       8
#define HEAD_LARGE 16
#define FTYP       0x66747970
#define MOOV       0x6d6f6f76

void cme_boxes_init(struct cme_boxes *boxes)
{
	*boxes = (struct cme_boxes){ 0 };
	cme_buf_init(&boxes->init, CME_BOXES_INIT_MAX);
}

void cme_boxes_fini(struct cme_boxes *boxes)
{
	cme_buf_fini(&boxes->init);
}

static size_t needed(const struct cme_boxes *boxes)
{
	return boxes->head_len >= 4 && cme_get_be32(boxes->head) == 1 ? HEAD_LARGE : HEAD;
}

/* The head is whole: what to do with the box. */
static void begin_box(struct cme_boxes *boxes)
{
	uint64_t size = cme_get_be32(boxes->head);
	uint32_t type = cme_get_be32(boxes->head + 4);

	if (size == 1)
		size = (uint64_t)cme_get_be32(boxes->head + 8) << 32 | cme_get_be32(boxes->head + 12);
	boxes->left = size >= boxes->head_len ? size - boxes->head_len : UINT64_MAX; /* up to the end */
	boxes->keep = type == FTYP || type == MOOV;
	boxes->in_moov = type == MOOV;
	if (type == FTYP)
		cme_buf_reset(&boxes->init);
	if (boxes->keep)
		cme_buf_append(&boxes->init, boxes->head, boxes->head_len);
	boxes->head_len = 0;
}

/* Takes what it can of a head or a box; returns how much. */
static size_t take(struct cme_boxes *boxes, const uint8_t *data, size_t len)
{
	size_t want = boxes->left ? (boxes->left < len ? (size_t)boxes->left : len)
				  : needed(boxes) - boxes->head_len;

	want = want < len ? want : len;
	if (boxes->left) {
		boxes->left -= want;
		if (boxes->keep)
			cme_buf_append(&boxes->init, data, want);
		return want;
	}
	memcpy(boxes->head + boxes->head_len, data, want);
	boxes->head_len += want;
	if (boxes->head_len == needed(boxes))
		begin_box(boxes);
	return want;
}

bool cme_boxes_feed(struct cme_boxes *boxes, const uint8_t *data, size_t len)
{
	bool whole = false;

	while (len > 0) {
		size_t n = take(boxes, data, len);

		data += n;
		len -= n;
		if (boxes->in_moov && boxes->left == 0 && boxes->head_len == 0) {
			boxes->in_moov = false;
			whole = !boxes->init.failed;
		}
	}
	return whole;
}
