/* SPDX-License-Identifier: MIT
 *
 * Events on their way from the engine's threads to the main thread, which logs them and sends them to
 * the control connections. Bounded: past CME_EVENTS_MAX the oldest is lost, and the event
 * {"event":"lost","count":n} comes out in the place of those. Any thread pushes; only the main thread pops.
 * The lock inside is a leaf: nothing else is taken under it.
 */
#ifndef CME_RELAY_BASE_EVENTS_H
#define CME_RELAY_BASE_EVENTS_H

#include <pthread.h>
#include <stddef.h>

#include <jansson.h>

#include "relay/base/spec.h"

#define CME_EVENTS_MAX (4 * CME_SPEC_OUTPUTS_MAX) /* all outputs may change at once, twice over */

struct cme_events {
	pthread_mutex_t lock;
	json_t *ring[CME_EVENTS_MAX];
	size_t head;
	size_t count;
	unsigned lost; /* before the oldest; not told yet */
	int fd;        /* eventfd, readable when something waits for the main thread */
};

/* 0, or -1 with errno. */
int cme_events_init(struct cme_events *events);
void cme_events_fini(struct cme_events *events);

/* Takes the reference over, adds "time" and wakes the main thread. NULL (no memory) only wakes. */
void cme_events_push(struct cme_events *events, json_t *event);

/* The oldest event, the caller's reference now; NULL when there is none. */
json_t *cme_events_pop(struct cme_events *events);

/* Makes the main thread's poll return. */
void cme_events_wake(struct cme_events *events);

/* The main thread has woken: makes fd unreadable until the next wake. */
void cme_events_rearm(struct cme_events *events);

#endif
