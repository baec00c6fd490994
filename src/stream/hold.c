/* SPDX-License-Identifier: MIT */
#include "stream/hold.h"

#include "common/clock.h"

#define GAP_MAX_MS 1000

void cme_hold_add(struct cme_hold *hold, enum cme_hold_kind kind, uint32_t timestamp_ms, int64_t now_us)
{
	uint32_t gap_ms = timestamp_ms - hold->kind[kind].timestamp;

	if (hold->kind[kind].came_us && gap_ms > 0) /* those of several tracks have one time */
		hold->kind[kind].gap_us = gap_ms <= GAP_MAX_MS ? gap_ms * CME_MS_US : 0;
	hold->kind[kind].timestamp = timestamp_ms;
	hold->kind[kind].came_us = now_us;
	hold->last_us = now_us;
	if (!hold->since_us)
		hold->since_us = now_us;
}

/* One of a kind is to come until then. If it is late by more than anything waits, it is not waited for. */
static bool is_due(const struct cme_hold *hold, int kind, int64_t until_us)
{
	int64_t next_us = hold->kind[kind].came_us + hold->kind[kind].gap_us;

	return hold->kind[kind].gap_us && next_us <= until_us && next_us > hold->last_us - CME_HOLD_MAX_US;
}

int64_t cme_hold_until(const struct cme_hold *hold)
{
	int64_t until_us = hold->since_us + CME_HOLD_MAX_US;

	if (hold->since_us &&
	    (is_due(hold, CME_HOLD_SOUND, until_us) || is_due(hold, CME_HOLD_PICTURE, until_us)))
		return until_us;
	return 0;
}

void cme_hold_release(struct cme_hold *hold)
{
	hold->since_us = 0;
}
