/* SPDX-License-Identifier: MIT
 *
 * Bytes and pictures per second over the last full window of two seconds. Pure; the owner locks.
 */
#ifndef CME_RELAY_BASE_RATE_H
#define CME_RELAY_BASE_RATE_H

#include <stddef.h>
#include <stdint.h>

struct cme_rate {
	int64_t window_us; /* start of the window being filled; 0 before the first packet */
	size_t bytes;      /* in that window */
	unsigned frames;
	double kbps; /* of the last full window, kbit/s */
	double fps;
};

void cme_rate_add(struct cme_rate *rate, int64_t now_us, size_t bytes, unsigned frames);

/* Closes windows that time has passed, so that a silent source reads 0. Call before reading kbps or fps. */
void cme_rate_settle(struct cme_rate *rate, int64_t now_us);

#endif
