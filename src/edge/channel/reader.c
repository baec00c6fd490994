/* SPDX-License-Identifier: MIT */
#include "edge/channel/reader.h"

#include <stdlib.h>

int cme_reader_init(struct cme_reader *reader, const struct cme_reader_ops *ops, struct cme_reader **list)
{
	struct cme_frame **ring = calloc(CME_READER_FRAMES_MAX, sizeof(struct cme_frame *));

	if (!ring)
		return -1;
	*reader = (struct cme_reader){ .ops = ops, .ring = ring, .list = list, .next = *list };
	*list = reader;
	return 0;
}

void cme_reader_leave(struct cme_reader *reader)
{
	struct cme_reader **link = reader->list;

	if (!link)
		return;
	while (*link != reader)
		link = &(*link)->next;
	*link = reader->next;
	reader->list = NULL;
}

void cme_reader_fini(struct cme_reader *reader)
{
	cme_reader_leave(reader);
	for (size_t i = 0; i < reader->count; i++)
		cme_frame_unref(cme_reader_at(reader, i));
	reader->count = 0;
	free(reader->ring);
	reader->ring = NULL;
}

struct cme_frame *cme_reader_at(const struct cme_reader *reader, size_t index)
{
	return reader->ring[(reader->first + index) % CME_READER_FRAMES_MAX];
}

bool cme_reader_push(struct cme_reader *reader, struct cme_frame *frame)
{
	if (reader->count == CME_READER_FRAMES_MAX || frame->len > CME_READER_BYTES_MAX - reader->bytes)
		return false;
	reader->ring[(reader->first + reader->count++) % CME_READER_FRAMES_MAX] = cme_frame_ref(frame);
	reader->bytes += frame->len;
	return true;
}

void cme_reader_pop(struct cme_reader *reader)
{
	struct cme_frame *frame = cme_reader_at(reader, 0);

	reader->sent = 0;
	reader->bytes -= frame->len;
	reader->first = (reader->first + 1) % CME_READER_FRAMES_MAX;
	reader->count--;
	cme_frame_unref(frame);
	if (!reader->count)
		reader->falls = 0;
}

void cme_reader_drop(struct cme_reader *reader)
{
	size_t kept = reader->sent ? 1 : 0;

	while (reader->count > kept) {
		struct cme_frame *frame = cme_reader_at(reader, --reader->count);

		reader->bytes -= frame->len;
		reader->dropped++;
		cme_frame_unref(frame);
	}
}
