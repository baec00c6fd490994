/* SPDX-License-Identifier: MIT
 *
 * How many connections there may be: in all, of one address (of IPv6: one /64, which is one customer's), of
 * strangers, whom nothing was admitted of yet, and of viewers, whom everything is sent to: in all, and of one
 * address a quarter of that. So one address leaves places to others, and who watches takes none of who
 * publishes. Pure.
 */
#ifndef CME_EDGE_GATE_H
#define CME_EDGE_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct cme_gate_limits {
	size_t all;
	size_t strangers;
	size_t address;
	size_t viewers; /* of one address: a quarter, and one at least */
};

/* An address as it is counted. */
struct cme_gate_address {
	uint64_t high; /* of IPv6: its /64 */
	uint64_t low;  /* of IPv4: the address, and a bit that tells it from IPv6 */
};

struct cme_gate {
	struct cme_gate_limits limits;
	size_t all;
	size_t strangers;
	size_t viewers;
	struct {
		struct cme_gate_address address;
		size_t count;
		size_t viewers; /* of them */
	} * list;               /* limits.all of them; the first `addresses` are in use */
	size_t addresses;
};

/* 0, or -1: no memory. */
int cme_gate_init(struct cme_gate *gate, struct cme_gate_limits limits);
void cme_gate_fini(struct cme_gate *gate);

struct cme_gate_address cme_gate_address(const struct sockaddr *address);

/* A connection came. false: it may not stay, and was not counted. It counts as a stranger. */
bool cme_gate_enter(struct cme_gate *gate, struct cme_gate_address address);

/* A stranger was admitted, or who was admitted is a stranger again. */
void cme_gate_admit(struct cme_gate *gate);
void cme_gate_dismiss(struct cme_gate *gate);

/* A stranger is to watch. false: so many do, in all or of its address, that it may not. */
bool cme_gate_admit_viewer(struct cme_gate *gate, struct cme_gate_address address);
void cme_gate_dismiss_viewer(struct cme_gate *gate, struct cme_gate_address address);

/* It turned out to be one of our own: it counts for its address no longer, which it has none of then. */
void cme_gate_own(struct cme_gate *gate, struct cme_gate_address *address);

/* A connection went. */
void cme_gate_leave(struct cme_gate *gate, struct cme_gate_address address, bool stranger);

#endif
