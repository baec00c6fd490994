/* SPDX-License-Identifier: MIT */
#include "edge/rtmp/viewer.h"

#include <stddef.h>
#include <stdlib.h>

#include "stream/bytes.h"

#define STREAM_ID 1 /* of the one stream that a connection has (rtmp/server) */
#define FALLS_MAX 1

enum { CSID_AUDIO = 4, CSID_DATA = 5, CSID_VIDEO = 6 };

struct cme_viewer *cme_viewer_of(struct cme_reader *reader)
{
	return (struct cme_viewer *)((char *)reader - offsetof(struct cme_viewer, base));
}

struct cme_viewer *cme_viewer_new(const struct cme_reader_ops *ops, struct cme_reader **list,
				  size_t chunk_size, void *owner)
{
	struct cme_viewer *viewer = malloc(sizeof *viewer);

	if (!viewer)
		return NULL;
	viewer->chunk_size = chunk_size;
	viewer->owner = owner;
	if (cme_reader_init(&viewer->base, ops, list) == 0)
		return viewer;
	free(viewer);
	return NULL;
}

void cme_viewer_free(struct cme_viewer *viewer)
{
	if (!viewer)
		return;
	cme_reader_fini(&viewer->base);
	free(viewer);
}

void cme_viewer_stop(struct cme_viewer *viewer)
{
	cme_reader_leave(&viewer->base);
	cme_reader_drop(&viewer->base);
}

bool cme_viewer_done(const struct cme_viewer *viewer)
{
	return viewer->base.ending && !viewer->base.count;
}

bool cme_viewer_lost(const struct cme_viewer *viewer)
{
	return viewer->base.falls > FALLS_MAX;
}

static uint32_t csid_of(uint8_t type)
{
	if (type == CME_FLV_VIDEO)
		return CSID_VIDEO;
	return type == CME_FLV_AUDIO ? CSID_AUDIO : CSID_DATA;
}

/* The message of a place in the queue. */
static struct cme_message message_at(const struct cme_viewer *viewer, size_t index)
{
	const struct cme_frame *frame = cme_reader_at(&viewer->base, index);
	const uint8_t *tag = frame->bytes;

	return (struct cme_message){ .type = tag[0],
				     .csid = csid_of(tag[0]),
				     .stream_id = STREAM_ID,
				     .timestamp = cme_get_be24(tag + 4) | (uint32_t)tag[7] << 24,
				     .payload = tag + CME_FLV_TAG_HEADER,
				     .payload_len = frame->len - CME_FLV_TAG_HEADER - CME_FLV_TRAILER };
}

static bool add(const struct cme_viewer *viewer, size_t index, struct cme_plan *plan)
{
	struct cme_message message = message_at(viewer, index);

	return cme_plan_add(plan, &message, viewer->chunk_size, index ? 0 : viewer->base.sent);
}

void cme_viewer_plan(const struct cme_viewer *viewer, const struct cme_buf *words, struct cme_plan *plan)
{
	size_t i = viewer->base.sent ? 1 : 0;

	if (i && !add(viewer, 0, plan))
		return;
	if (!cme_plan_add_bytes(plan, words->data, words->len))
		return;
	while (i < viewer->base.count && add(viewer, i, plan))
		i++;
}

/* The oldest message took so many of the bytes, at most. */
static size_t take(struct cme_viewer *viewer, size_t bytes)
{
	struct cme_message message = message_at(viewer, 0);
	size_t left = cme_message_size(&message, viewer->chunk_size) - viewer->base.sent;

	if (bytes < left) {
		viewer->base.sent += bytes;
		return bytes;
	}
	cme_reader_pop(&viewer->base);
	return left;
}

void cme_viewer_advance(struct cme_viewer *viewer, struct cme_buf *words, size_t bytes)
{
	size_t said;

	if (viewer->base.sent)
		bytes -= take(viewer, bytes);
	said = bytes < words->len ? bytes : words->len;
	cme_buf_consume(words, said);
	bytes -= said;
	while (bytes > 0)
		bytes -= take(viewer, bytes);
}
