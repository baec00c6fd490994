/* SPDX-License-Identifier: MIT
 *
 * What the engine asks the system for: the clocks (common/clock.h), a random number and a wait. The pure
 * parts (queue, gop, timeline, backoff, failover, pacer) get them as arguments; only the code around those
 * calls these. Callable from any thread; none but the wait blocks.
 */
#ifndef CME_RELAY_BASE_SYS_H
#define CME_RELAY_BASE_SYS_H

#include <poll.h>

#include "common/clock.h"

/* A number in [0, 1) for jitter; not for secrets. */
double cme_random_unit(void);

/* poll(2). For as long as the process stood still meanwhile (cme_stood_still_us), *limit_us moves on: what a
 * peer has to do until then it may have done, and nobody looked. */
int cme_wait_for_peer(struct pollfd *fds, nfds_t count, int wait_ms, int64_t *limit_us);

#endif
