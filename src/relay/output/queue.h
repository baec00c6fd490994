/* SPDX-License-Identifier: MIT
 *
 * The bounded queue between the engine and one output. Bounded in time, bytes and items; on overflow
 * it drops from its head to the next keyframe it holds, or, holding none, drops everything and refuses
 * packets until a keyframe comes. So what is popped always starts at a keyframe after a loss. Time is that
 * of arrival: timestamps of sound and picture may lie seconds apart, or come in bursts, without any backlog.
 *
 * While `holding` (the output is not connected) every keyframe restarts the queue: what waits for the
 * connection is never older than one GOP. Pure: no clock, no lock; the owner locks.
 */
#ifndef CME_RELAY_OUTPUT_QUEUE_H
#define CME_RELAY_OUTPUT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cme_queue_item {
	void *packet;  /* owned by the queue until popped or dropped */
	int64_t at_us; /* monotonic clock when it came */
	size_t bytes;
	bool start; /* decoding can start here: a keyframe, or any packet of a stream without picture */
};

struct cme_queue_limits {
	int64_t max_us; /* between the arrivals of the first and the last item held */
	size_t max_bytes;
	size_t max_items;
};

struct cme_queue {
	struct cme_queue_limits limits;
	void (*drop)(void *packet);   /* frees a packet that is not handed out */
	struct cme_queue_item *items; /* ring of cap entries */
	size_t cap;
	size_t head;
	size_t count;
	size_t bytes; /* of the items held */
	/* since init; what happens while holding does not count */
	uint64_t dropped;   /* items lost to overflow */
	uint64_t overflows; /* times that something was */
	int64_t high_us;    /* the most it held: time */
	size_t high_bytes;  /* and bytes */
	bool holding;       /* set by the owner: no connection takes packets now */
	bool need_start;    /* refuse everything up to the next keyframe */
};

void cme_queue_init(struct cme_queue *queue, struct cme_queue_limits limits, void (*drop)(void *packet));
void cme_queue_fini(struct cme_queue *queue);

/* Takes the item over, whether it is kept or dropped. */
void cme_queue_push(struct cme_queue *queue, struct cme_queue_item item);

/* The oldest item, now the caller's; false when there is none. */
bool cme_queue_pop(struct cme_queue *queue, struct cme_queue_item *item);

/* The oldest item, still the queue's; NULL when there is none. */
const struct cme_queue_item *cme_queue_peek(const struct cme_queue *queue);

/* Drops everything, uncounted, and waits for a keyframe. */
void cme_queue_clear(struct cme_queue *queue);

/* Time between the arrivals of the first and the last item held. */
int64_t cme_queue_span_us(const struct cme_queue *queue);

#endif
