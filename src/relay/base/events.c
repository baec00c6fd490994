/* SPDX-License-Identifier: MIT */
#include "relay/base/events.h"

#include <stdint.h>
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

void cme_events_fini(struct cme_events *events)
{
	json_t *event;

	while ((event = cme_events_pop(events)))
		json_decref(event);
	close(events->fd);
	pthread_mutex_destroy(&events->lock);
}

static json_t *stamped(json_t *event)
{
	json_object_set_new(event, "time", json_real(cme_wall_now()));
	return event;
}

json_t *cme_events_pop(struct cme_events *events)
{
	json_t *event = NULL;

	pthread_mutex_lock(&events->lock);
	if (events->lost)
		event = stamped(json_pack("{s:s,s:i}", "event", "lost", "count", (int)events->lost));
	if (event) {
		events->lost = 0;
	} else if (events->count) {
		event = events->ring[events->head];
		events->head = (events->head + 1) % CME_EVENTS_MAX;
		events->count--;
	}
	pthread_mutex_unlock(&events->lock);
	return event;
}

void cme_events_push(struct cme_events *events, json_t *event)
{
	json_t *oldest = NULL;

	if (event) {
		stamped(event);
		pthread_mutex_lock(&events->lock);
		if (events->count == CME_EVENTS_MAX) {
			oldest = events->ring[events->head];
			events->head = (events->head + 1) % CME_EVENTS_MAX;
			events->count--;
			events->lost++;
		}
		events->ring[(events->head + events->count++) % CME_EVENTS_MAX] = event;
		pthread_mutex_unlock(&events->lock);
		json_decref(oldest);
	}
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
