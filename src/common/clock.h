/* SPDX-License-Identifier: MIT
 *
 * The monotonic clock: for deadlines and ages, never for what is shown to people. It has no epoch; only
 * differences mean something. And the wall clock, for the rest. What decides about time takes it as an
 * argument; the code around that asks here. Callable from any thread; does not block.
 */
#ifndef CME_COMMON_CLOCK_H
#define CME_COMMON_CLOCK_H

#include <stdint.h>

#define CME_SECOND_US 1000000LL
#define CME_MS_US     1000LL

int64_t cme_now_us(void);
int64_t cme_now_ms(void);

/* CLOCK_BOOTTIME: monotonic as well, but goes on while the host sleeps; what leases are counted by. All
 * processes of a host have the same. */
int64_t cme_boot_ms(void);

/* How much longer a wait took than it was to, where that is more than waiting for a processor explains: the
 * process, or its machine, stood still. Else 0. A deadline for what a peer has to do does not count it. Pure.
 */
int64_t cme_stood_still_us(int64_t asked_us, int64_t took_us);

/* Unix seconds of the wall clock: for events, expiries and stop times. */
double cme_wall_now(void);

#endif
