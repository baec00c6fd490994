/* SPDX-License-Identifier: MIT */
#include "relay/output/uplink.h"

struct sum {
	size_t live;
	size_t behind;
	int64_t first_us; /* when the first of them fell behind, and the last */
	int64_t last_us;
	double kbps;
};

static void mark(struct cme_uplink_output *output, int64_t now_us)
{
	struct cme_uplink_mark *mark = output->mark;

	if (!output->live || output->held_us < CME_UPLINK_CAUGHT_UP_US)
		mark->behind_us = 0;
	else if (output->held_us >= CME_UPLINK_BEHIND_US && !mark->behind_us)
		mark->behind_us = now_us;
}

static void add(struct sum *sum, const struct cme_uplink_output *output)
{
	int64_t behind_us = output->mark->behind_us;

	sum->live += output->live;
	sum->kbps += output->live ? output->kbps : 0;
	if (!behind_us || output->mark->told) /* one that is slow by itself says nothing of the rest */
		return;
	if (!sum->behind || behind_us < sum->first_us)
		sum->first_us = behind_us;
	if (!sum->behind || behind_us > sum->last_us)
		sum->last_us = behind_us;
	sum->behind++;
}

/* Most of what is live fell behind at the same time. */
static bool together(const struct sum *sum)
{
	return sum->behind >= 2 && sum->behind * 2 > sum->live &&
	       sum->last_us - sum->first_us <= CME_UPLINK_TOGETHER_US;
}

static enum cme_uplink_word word_of(struct cme_uplink_mark *mark, bool full, int64_t now_us)
{
	if (mark->told && !mark->behind_us) {
		mark->told = false;
		return CME_UPLINK_CAUGHT_UP;
	}
	if (full || mark->told || !mark->behind_us || now_us - mark->behind_us < CME_UPLINK_ALONE_US)
		return CME_UPLINK_NOTHING;
	mark->told = true;
	return CME_UPLINK_SLOW;
}

bool cme_uplink_look(struct cme_uplink *uplink, struct cme_uplink_output *outputs, size_t count,
		     int64_t now_us)
{
	struct sum sum = { 0 };
	bool was = uplink->full;

	for (size_t i = 0; i < count; i++) {
		mark(&outputs[i], now_us);
		add(&sum, &outputs[i]);
	}
	if (!was && together(&sum)) {
		uplink->full = true;
		uplink->kbps = sum.kbps;
	} else if (was && sum.behind == 0) {
		uplink->full = false;
	}
	for (size_t i = 0; i < count; i++)
		outputs[i].word = word_of(outputs[i].mark, uplink->full, now_us);
	return uplink->full != was;
}
