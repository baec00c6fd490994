/* SPDX-License-Identifier: MIT
 *
 * A relay without a spec, as a test's state, and the events that it sends.
 */
#ifndef TEST_RELAY_H
#define TEST_RELAY_H

#include <poll.h>
#include <stddef.h>

#include "relay/relay.h"

static struct cme_events events;

static int open_relay(void **state)
{
	if (cme_events_init(&events) != 0)
		return -1;
	*state = cme_relay_new(NULL, &events);
	return *state ? 0 : -1;
}

/* Waits for the threads: each wakes the main thread when it is through. */
static int close_relay(void **state)
{
	struct pollfd fd = { .fd = events.fd, .events = POLLIN };

	cme_relay_stop(*state, CME_DRAIN_US);
	while (!cme_relay_stopped(*state)) {
		if (poll(&fd, 1, 20000) != 1)
			return -1;
		cme_events_rearm(&events);
	}
	cme_relay_free(*state);
	cme_events_fini(&events);
	return 0;
}

#endif
