/* SPDX-License-Identifier: MIT
 *
 * What the engine asks the system for: the clocks (common/clock.h) and a random number. The pure parts
 * (queue, gop, timeline, backoff, failover, pacer) get them as arguments; only the code around those calls
 * these. Callable from any thread; none of them blocks.
 */
#ifndef CME_RELAY_BASE_SYS_H
#define CME_RELAY_BASE_SYS_H

#include "common/clock.h"

/* A number in [0, 1) for jitter; not for secrets. */
double cme_random_unit(void);

#endif
