/* SPDX-License-Identifier: MIT */
#include "relay/source/shelf.h"

#include <stdlib.h>

#define FIRST_CAP 64

void cme_shelf_init(struct cme_shelf *shelf, struct cme_shelf_limits limits)
{
	*shelf = (struct cme_shelf){ .limits = limits };
}

static struct cme_shelf_item *item_at(const struct cme_shelf *shelf, int stream, size_t i)
{
	size_t at = shelf->stream[stream].head + i, cap = shelf->stream[stream].cap; /* below twice the cap */

	return &shelf->stream[stream].items[at < cap ? at : at - cap];
}

static const struct cme_shelf_item *head_of(const struct cme_shelf *shelf, int stream)
{
	return shelf->stream[stream].count ? item_at(shelf, stream, 0) : NULL;
}

/* The stream whose head comes next; -1: there is nothing. */
static int next_stream(const struct cme_shelf *shelf)
{
	const struct cme_shelf_item *video = head_of(shelf, CME_VIDEO), *audio = head_of(shelf, CME_AUDIO);

	if (!video || !audio)
		return video ? CME_VIDEO : audio ? CME_AUDIO : -1;
	return video->at_us <= audio->at_us ? CME_VIDEO : CME_AUDIO;
}

const struct cme_shelf_item *cme_shelf_head(const struct cme_shelf *shelf)
{
	int stream = next_stream(shelf);

	return stream < 0 ? NULL : item_at(shelf, stream, 0);
}

int64_t cme_shelf_latest_us(const struct cme_shelf *shelf)
{
	int64_t latest = INT64_MIN;

	for (int i = 0; i < CME_STREAMS; i++)
		if (shelf->stream[i].count && item_at(shelf, i, 0)->at_us > latest)
			latest = item_at(shelf, i, 0)->at_us;
	return latest;
}

/* How far a stream is read ahead of what comes next. */
static int64_t ahead_us(const struct cme_shelf *shelf, int stream)
{
	size_t count = shelf->stream[stream].count;

	return count ? item_at(shelf, stream, count - 1)->at_us - cme_shelf_head(shelf)->at_us : 0;
}

static bool has_room(const struct cme_shelf *shelf)
{
	for (int i = 0; i < CME_STREAMS; i++)
		if (shelf->stream[i].count >= shelf->limits.items)
			return false;
	return shelf->bytes < shelf->limits.bytes;
}

bool cme_shelf_full(const struct cme_shelf *shelf)
{
	if (!cme_shelf_head(shelf))
		return false;
	if (!has_room(shelf))
		return true;
	for (int i = 0; i < CME_STREAMS; i++)
		if (shelf->stream[i].expected && ahead_us(shelf, i) < shelf->limits.ahead_us)
			return false;
	return true;
}

bool cme_shelf_ordered(const struct cme_shelf *shelf)
{
	bool all = cme_shelf_head(shelf) != NULL;

	for (int i = 0; i < CME_STREAMS && all; i++)
		if (shelf->stream[i].expected && !shelf->stream[i].count)
			all = ahead_us(shelf, !i) >= shelf->limits.ahead_us || !has_room(shelf);
	return all;
}

static bool grow(struct cme_shelf *shelf, int stream)
{
	size_t count = shelf->stream[stream].count, cap = shelf->stream[stream].cap;
	size_t larger = cap ? cap * 2 : FIRST_CAP;
	struct cme_shelf_item *items;

	if (count < cap)
		return true;
	items = malloc(larger * sizeof *items);
	if (!items)
		return false;
	for (size_t i = 0; i < count; i++)
		items[i] = *item_at(shelf, stream, i);
	free(shelf->stream[stream].items);
	shelf->stream[stream].items = items;
	shelf->stream[stream].cap = larger;
	shelf->stream[stream].head = 0;
	return true;
}

int cme_shelf_put(struct cme_shelf *shelf, const struct cme_shelf_item *item)
{
	int stream = item->packet ? item->packet->stream : CME_VIDEO;

	if (!grow(shelf, stream)) {
		cme_packet_unref(item->packet);
		return -1;
	}
	for (int i = 0; i < CME_STREAMS; i++)
		shelf->stream[i].expected = item->packet && item->packet->media->par[i];
	shelf->stream[stream].count++;
	*item_at(shelf, stream, shelf->stream[stream].count - 1) = *item;
	shelf->bytes += item->packet ? item->packet->size : 0;
	return 0;
}

struct cme_shelf_item cme_shelf_take(struct cme_shelf *shelf)
{
	int stream = next_stream(shelf);
	struct cme_shelf_item item = *item_at(shelf, stream, 0);

	shelf->stream[stream].head++;
	if (shelf->stream[stream].head == shelf->stream[stream].cap)
		shelf->stream[stream].head = 0;
	shelf->stream[stream].count--;
	shelf->bytes -= item.packet ? item.packet->size : 0;
	return item;
}

void cme_shelf_fini(struct cme_shelf *shelf)
{
	while (cme_shelf_head(shelf))
		cme_packet_unref(cme_shelf_take(shelf).packet);
	for (int i = 0; i < CME_STREAMS; i++)
		free(shelf->stream[i].items);
	cme_shelf_init(shelf, shelf->limits);
}
