/* SPDX-License-Identifier: MIT */
#include "relay/base/events.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "relay/base/sys.h"

int cme_events_init(struct cme_events *events)
{
	memset(events, 0, sizeof *events);
	pthread_mutex_init(&events->lock, NULL);
	events->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return events->fd < 0 ? -1 : 0;
}

/* With the lock held, and events in the ring. */
static struct cme_event *take_oldest(struct cme_events *events)
{
	struct cme_event *oldest = events->ring[events->head];

	events->head = (events->head + 1) % CME_EVENTS_MAX;
	events->count--;
	return oldest;
}

void cme_events_fini(struct cme_events *events)
{
	while (events->count)
		free(take_oldest(events));
	close(events->fd);
	pthread_mutex_destroy(&events->lock);
}

bool cme_events_pop(struct cme_events *events, struct cme_event *event)
{
	struct cme_event *oldest = NULL;
	unsigned lost;

	pthread_mutex_lock(&events->lock);
	lost = events->lost;
	events->lost = 0;
	if (!lost && events->count)
		oldest = take_oldest(events);
	pthread_mutex_unlock(&events->lock);
	if (lost)
		*event = (struct cme_event){ .kind = CME_EVENT_LOST, .time = cme_wall_now(), .lost = lost };
	else if (oldest)
		*event = *oldest;
	free(oldest);
	return lost || oldest;
}

static struct cme_event *stamped(const struct cme_event *event)
{
	struct cme_event *copy = malloc(sizeof *copy);

	if (!copy)
		return NULL;
	*copy = *event;
	copy->time = cme_wall_now();
	return copy;
}

void cme_events_push(struct cme_events *events, const struct cme_event *event)
{
	struct cme_event *copy = stamped(event), *oldest = NULL;

	pthread_mutex_lock(&events->lock);
	if (copy && events->count == CME_EVENTS_MAX)
		oldest = take_oldest(events);
	if (copy)
		events->ring[(events->head + events->count++) % CME_EVENTS_MAX] = copy;
	events->lost += !copy || oldest;
	pthread_mutex_unlock(&events->lock);
	free(oldest);
	cme_events_wake(events);
}

void cme_events_wake(struct cme_events *events)
{
	uint64_t one = 1;

	if (write(events->fd, &one, sizeof one) < 0)
		return; /* the counter is full: the main thread is to wake anyway */
}

void cme_events_rearm(struct cme_events *events)
{
	uint64_t count;

	if (read(events->fd, &count, sizeof count) < 0)
		return; /* nothing was pending */
}
