/* SPDX-License-Identifier: MIT
 *
 * The three things the engine asks the system for: the monotonic clock, the wall clock and a random
 * number. The pure parts (queue, gop, timeline, backoff, failover, pacer) get them as arguments; only
 * the code around those calls these. Callable from any thread; none of them blocks.
 */
#ifndef CME_RELAY_SYS_H
#define CME_RELAY_SYS_H

#include <stdint.h>

#define CME_SECOND_US 1000000LL
#define CME_MS_US     1000LL

/* Microseconds of the monotonic clock: for deadlines and ages. */
int64_t cme_now_us(void);

/* Unix seconds of the wall clock: for events, `since` and stop times. */
double cme_wall_now(void);

/* A number in [0, 1) for jitter; not for secrets. */
double cme_random_unit(void);

#endif
