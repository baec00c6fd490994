/* SPDX-License-Identifier: MIT */
#include "relay/slate.h"

struct cme_slate_verdict cme_slate_decide(const struct cme_slate_view *view)
{
	struct cme_slate_verdict verdict = { .act = CME_SLATE_STAY, .check_at_us = INT64_MAX };
	bool usable = view->playable && view->fits;
	int64_t due_us = view->last_picture_us + view->after_us;

	if (view->on && !usable)
		verdict.act = CME_SLATE_END;
	if (view->on || !usable || view->input_live)
		return verdict;
	if (view->now_us >= due_us)
		verdict.act = CME_SLATE_BEGIN;
	else
		verdict.check_at_us = due_us;
	return verdict;
}

bool cme_slate_yields(const struct cme_slate_packet *packet)
{
	return packet->start && (packet->picture || !packet->wanted) && (packet->active || packet->failover);
}
