/* SPDX-License-Identifier: MIT
 *
 * How long packets took from their input to the kernel of a destination, as quantiles of the last full
 * window of five seconds (of the one being filled, before the first is full).
 *
 * A histogram whose buckets grow with the value: eight to every doubling, so a quantile reads at most an
 * eighth too high and never too low; below a millisecond they are an eighth of one wide. What took more
 * than two minutes counts as that. Fixed size, no allocation. Pure; the owner locks.
 */
#ifndef CME_RELAY_OUTPUT_DELAY_H
#define CME_RELAY_OUTPUT_DELAY_H

#include <stdint.h>

#define CME_DELAY_BUCKETS 144

struct cme_delay_window {
	uint32_t count[CME_DELAY_BUCKETS];
	uint32_t total; /* of all counts */
};

struct cme_delay {
	int64_t since_us; /* start of the window being filled; 0 before the first packet */
	struct cme_delay_window filling;
	struct cme_delay_window full; /* the last one that was filled */
};

void cme_delay_add(struct cme_delay *delay, int64_t now_us, int64_t took_us);

/* Closes a window that time has passed. Call before reading. */
void cme_delay_settle(struct cme_delay *delay, int64_t now_us);

/* The delay that the fraction `part` of the packets did not pass, in microseconds; -1: there were none. */
int64_t cme_delay_quantile(const struct cme_delay *delay, double part);

#endif
