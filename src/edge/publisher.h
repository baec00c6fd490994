/* SPDX-License-Identifier: MIT
 *
 * Somebody who publishes or watches, or wants to, whatever the protocol: what ingest.h has to know of it, as
 * a part of the protocol's own struct. One thread.
 */
#ifndef CME_EDGE_PUBLISHER_H
#define CME_EDGE_PUBLISHER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "edge/endpoint.h"
#include "edge/gate.h"
#include "edge/keys/keys.h"

struct cme_publisher;
struct cme_ingest;
struct cme_channel;

/* What a protocol does of what is decided. */
struct cme_publisher_ops {
	const char *protocol;       /* "rtmp" */
	enum cme_key_protocol keys; /* by which its key has to be good */
	/* Its key is good: its media come from now on, or those of `watched` go to it. */
	void (*admit)(struct cme_publisher *publisher);
	/* It is told why it may not go on, and has until limit_us to take that. */
	void (*refuse)(struct cme_publisher *publisher, const struct cme_err *err);
	/* Hangs up; freed after the batch. */
	void (*close)(struct cme_publisher *publisher);
};

struct cme_publisher {
	const struct cme_publisher_ops *ops;
	struct cme_ingest *ingest; /* set by cme_ingest_enter, as all below */
	char address[CME_ENDPOINT_MAX];
	struct cme_gate_address gate_address;
	struct cme_channel *channel; /* what it publishes to; NULL: nothing */
	bool viewer;                 /* what it asked for the last time was to watch */
	bool reader;                 /* a viewer that is the engine of another node */
	bool leaving;                /* it ended by itself: what is left of its media still comes */
	bool told;                   /* of a viewer: the event of its beginning went out */
	struct cme_channel *watched; /* what it watches; NULL: nothing */
	uint64_t received;           /* bytes, since it was admitted the last time; counted by the protocol */
	uint64_t sent;               /* so, to one that watches */
	int64_t media_us;            /* monotonic: when the last media came */
	int64_t limit_us;            /* monotonic: when it is sent away */
	struct cme_publisher *next, *previous;
};

#endif
