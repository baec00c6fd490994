/* SPDX-License-Identifier: MIT */
#include "relay/base/fence.h"

#include "common/clock.h"

void cme_fence_init(struct cme_fence *fence, bool leased)
{
	*fence = (struct cme_fence){ 0 };
	atomic_init(&fence->until_ms, leased ? 0 : CME_FENCE_NEVER);
}

static bool is_leased(const struct cme_fence *fence)
{
	return atomic_load(&fence->until_ms) != CME_FENCE_NEVER;
}

static int refuse(struct cme_err *err, int64_t epoch, const char *fact)
{
	return cme_err_set(err, "lease.refused", "epoch %lld: %s", (long long)epoch, fact);
}

/* Why nothing of this epoch is taken; NULL: it is. */
static const char *fault(const struct cme_fence *fence, int64_t epoch)
{
	if (!is_leased(fence))
		return "the engine was started without --leased";
	if (epoch < fence->epoch)
		return "there was a later one";
	return epoch == fence->epoch && fence->released ? "it was released" : NULL;
}

int cme_fence_lease(struct cme_fence *fence, int64_t epoch, int64_t until_ms, int64_t now_ms,
		    struct cme_err *err)
{
	const char *fact = fault(fence, epoch);
	bool renewal = epoch == fence->epoch;

	if (!fact && until_ms <= now_ms)
		fact = "the lease is over already";
	if (fact)
		return refuse(err, epoch, fact);
	fence->epoch = epoch;
	fence->released = false;
	if (!renewal || until_ms > atomic_load(&fence->until_ms))
		atomic_store(&fence->until_ms, until_ms);
	return 0;
}

int cme_fence_release(struct cme_fence *fence, int64_t epoch, struct cme_err *err)
{
	const char *fact = fault(fence, epoch);

	if (fact && !(fence->released && epoch == fence->epoch))
		return refuse(err, epoch, fact);
	fence->epoch = epoch;
	fence->released = true;
	atomic_store(&fence->until_ms, 0);
	return 0;
}

int64_t cme_fence_left_us(const struct cme_fence *fence, int64_t now_ms)
{
	int64_t until_ms = atomic_load(&fence->until_ms);

	if (until_ms == CME_FENCE_NEVER)
		return INT64_MAX;
	return until_ms > now_ms ? (until_ms - now_ms) * CME_MS_US : 0;
}

bool cme_fence_open(const struct cme_fence *fence)
{
	return !is_leased(fence) || cme_fence_left_us(fence, cme_boot_ms()) > 0;
}
