/* SPDX-License-Identifier: MIT
 *
 * How much of the thread strangers get for the handshakes of TLS, each of which costs what many pictures do:
 * an address (gate.h) may come as often at once as it may have connections, then a sixteenth of that a
 * second; and all of them together have half of the time. Addresses are told apart by a hash that strangers
 * cannot foresee: two that share one share their allowance. Pure, but for the secret; one thread.
 */
#ifndef CME_EDGE_PACE_H
#define CME_EDGE_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/siphash.h"
#include "edge/gate.h"

#define CME_PACE_ADDRESSES 4096
#define CME_PACE_BURST_US  50000 /* of handshakes at once; then others have their turn */

/* What was taken and has not been given back by time; a zeroed one is full. */
struct cme_pace_allowance {
	double taken;
	int64_t at_us;
};

struct cme_pace {
	struct cme_siphash_secret secret;
	double most; /* of one address at once */
	struct cme_pace_allowance addresses[CME_PACE_ADDRESSES];
	struct cme_pace_allowance time; /* microseconds */
};

/* per_address: connections of one. */
void cme_pace_init(struct cme_pace *pace, size_t per_address);

/* One comes from this address. false: so often that it may not. */
bool cme_pace_enter(struct cme_pace *pace, struct cme_gate_address address, int64_t now_us);

/* Whether there is time for a handshake; and so much of it was taken. */
bool cme_pace_has_time(struct cme_pace *pace, int64_t now_us);
void cme_pace_take_time(struct cme_pace *pace, int64_t took_us, int64_t now_us);

#endif
