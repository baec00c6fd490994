/* SPDX-License-Identifier: MIT
 *
 * Until when destinations may be written to. Where hosts share the projects, each run of one has an epoch,
 * and who may publish it holds a lease that ends by itself. The service tells the engine the end of its lease
 * with each renewal; past it nothing goes out, whether or not the service lives. So a host that is cut off,
 * or slow, is off the air before another takes its project over.
 *
 *     shut --lease--> open --the time comes, or a release--> shut --lease of a later time or epoch--> open
 *
 * Times are milliseconds of CLOCK_BOOTTIME, which goes on while the host sleeps and does not step.
 * An engine that was not started for it has a fence that is always open. The main thread changes the fence;
 * any thread may look.
 */
#ifndef CME_RELAY_BASE_FENCE_H
#define CME_RELAY_BASE_FENCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

#define CME_FENCE_NEVER INT64_MAX

struct cme_fence {
	int64_t epoch;            /* the highest that it had; 0: none yet. The main thread's */
	bool released;            /* that epoch is over. The main thread's */
	_Atomic int64_t until_ms; /* CME_FENCE_NEVER: it is always open */
};

/* leased: it is shut until the first lease. */
void cme_fence_init(struct cme_fence *fence, bool leased);

/* Opens it until then, or for longer. 0, or -1 with err: an earlier epoch, one that was released, or a time
 * that has passed (lease.refused). */
int cme_fence_lease(struct cme_fence *fence, int64_t epoch, int64_t until_ms, int64_t now_ms,
		    struct cme_err *err);

/* Shuts it, and takes this epoch and earlier ones no more. */
int cme_fence_release(struct cme_fence *fence, int64_t epoch, struct cme_err *err);

/* How long it stays open if nothing happens; 0: it is shut; INT64_MAX: always. */
int64_t cme_fence_left_us(const struct cme_fence *fence, int64_t now_ms);

/* Whether it is open now: looks at the clock. */
bool cme_fence_open(const struct cme_fence *fence);

#endif
