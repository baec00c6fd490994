/* SPDX-License-Identifier: MIT */
#include "relay/output/queue.h"

#include <stdlib.h>

#define FIRST_CAP 64

void cme_queue_init(struct cme_queue *queue, struct cme_queue_limits limits, void (*drop)(void *packet))
{
	*queue = (struct cme_queue){ .limits = limits, .drop = drop, .holding = true, .need_start = true };
}

static struct cme_queue_item *entry(const struct cme_queue *queue, size_t i)
{
	size_t at = queue->head + i; /* below twice the cap */

	return &queue->items[at < queue->cap ? at : at - queue->cap];
}

static void drop_head(struct cme_queue *queue)
{
	struct cme_queue_item item;

	if (cme_queue_pop(queue, &item))
		queue->drop(item.packet);
}

void cme_queue_clear(struct cme_queue *queue)
{
	while (queue->count)
		drop_head(queue);
	queue->need_start = true;
}

void cme_queue_fini(struct cme_queue *queue)
{
	cme_queue_clear(queue);
	free(queue->items);
	queue->items = NULL;
	queue->cap = 0;
}

int64_t cme_queue_span_us(const struct cme_queue *queue)
{
	int64_t span = queue->count ? entry(queue, queue->count - 1)->at_us - entry(queue, 0)->at_us : 0;

	return span > 0 ? span : 0;
}

static bool over(const struct cme_queue *queue)
{
	return queue->count > queue->limits.max_items || queue->bytes > queue->limits.max_bytes ||
	       cme_queue_span_us(queue) > queue->limits.max_us;
}

/* Drops the head and all after it up to the next keyframe; empties the queue if it holds none. */
static void drop_to_next_start(struct cme_queue *queue)
{
	do {
		drop_head(queue);
		queue->dropped += !queue->holding;
	} while (queue->count && !entry(queue, 0)->start);
	if (!queue->count)
		queue->need_start = true;
}

static bool grow(struct cme_queue *queue)
{
	size_t cap = queue->cap ? queue->cap * 2 : FIRST_CAP;
	struct cme_queue_item *items;

	if (queue->count < queue->cap)
		return true;
	items = malloc(cap * sizeof *items);
	if (!items)
		return false;
	for (size_t i = 0; i < queue->count; i++)
		items[i] = *entry(queue, i);
	free(queue->items);
	queue->items = items;
	queue->cap = cap;
	queue->head = 0;
	return true;
}

static void mark_high(struct cme_queue *queue)
{
	int64_t span_us = cme_queue_span_us(queue);

	if (queue->holding)
		return;
	if (span_us > queue->high_us)
		queue->high_us = span_us;
	if (queue->bytes > queue->high_bytes)
		queue->high_bytes = queue->bytes;
}

void cme_queue_push(struct cme_queue *queue, struct cme_queue_item item)
{
	if (queue->holding && item.start)
		cme_queue_clear(queue);
	if ((queue->need_start && !item.start) || !grow(queue)) {
		queue->drop(item.packet);
		queue->dropped += !queue->holding;
		return;
	}
	queue->need_start = false;
	queue->count++;
	queue->bytes += item.bytes;
	*entry(queue, queue->count - 1) = item;
	mark_high(queue);
	if (!over(queue))
		return;
	queue->overflows += !queue->holding;
	while (over(queue))
		drop_to_next_start(queue);
}

bool cme_queue_pop(struct cme_queue *queue, struct cme_queue_item *item)
{
	if (!queue->count)
		return false;
	*item = *entry(queue, 0);
	queue->head = queue->head + 1 < queue->cap ? queue->head + 1 : 0;
	queue->count--;
	queue->bytes -= item->bytes;
	return true;
}

const struct cme_queue_item *cme_queue_peek(const struct cme_queue *queue)
{
	return queue->count ? entry(queue, 0) : NULL;
}
