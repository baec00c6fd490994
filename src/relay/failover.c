/* SPDX-License-Identifier: MIT */
#include "relay/failover.h"

bool cme_failover_stalled(int64_t now_us, int64_t last_packet_us, int64_t limit_us)
{
	return now_us - last_packet_us >= limit_us;
}

/* The other input has what this one lost, and no less of the rest. */
static bool has_more(const struct cme_failover_view *view, int other)
{
	if (view->input[other].picture)
		return !view->input[view->active].sound_lost || view->input[other].sound ||
		       !view->input[view->active].picture;
	return !view->input[view->active].picture && !view->input[view->active].sound;
}

/* How long an input that is well may be silent. */
static int64_t quiet_us(const struct cme_failover_view *view, int i)
{
	int64_t quiet = view->input[i].pace_us * CME_FAILOVER_QUIET_PICTURES;

	if (quiet < CME_FAILOVER_QUIET_US)
		quiet = CME_FAILOVER_QUIET_US;
	return quiet < view->limit_us ? quiet : view->limit_us;
}

/* The active input is lost: to the other one, if that is well. */
static struct cme_failover_verdict leave(const struct cme_failover_view *view, int other)
{
	struct cme_failover_verdict verdict = { .to = -1, .check_at_us = INT64_MAX };
	int64_t last_us = view->input[other].last_packet_us;

	if (!view->input[other].live || !has_more(view, other) ||
	    cme_failover_stalled(view->now_us, last_us, view->limit_us))
		return verdict;
	if (cme_failover_stalled(view->now_us, last_us, quiet_us(view, other)))
		verdict.check_at_us = view->now_us + CME_FAILOVER_AGAIN_US;
	else
		verdict.to = other;
	return verdict;
}

struct cme_failover_verdict cme_failover_decide(const struct cme_failover_view *view)
{
	struct cme_failover_verdict verdict = { .to = -1, .check_at_us = INT64_MAX };
	int other = !view->active;
	int64_t last = view->input[view->active].last_packet_us;

	if (last < view->active_since_us)
		last = view->active_since_us;
	if (view->input[view->active].first_try)
		last += CME_FAILOVER_FIRST_US;
	if (!view->enabled || !view->input[other].present)
		return verdict;
	if (view->input[view->active].sound_lost)
		last = view->active_since_us;
	if (!view->input[view->active].over && !cme_failover_stalled(view->now_us, last, view->limit_us)) {
		verdict.check_at_us = last + view->limit_us;
		return verdict;
	}
	return leave(view, other);
}

int64_t cme_failback_at_us(const struct cme_failback_view *view)
{
	int64_t again_us = view->hold_us > CME_FAILBACK_AGAIN_US ? view->hold_us : CME_FAILBACK_AGAIN_US;
	int64_t at_us = view->live_since_us + view->hold_us;

	if (view->hold_us < 0 || !view->away || view->busy || !view->live_since_us)
		return INT64_MAX;
	return view->tried_us && at_us < view->tried_us + again_us ? view->tried_us + again_us : at_us;
}
