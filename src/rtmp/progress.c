/* SPDX-License-Identifier: MIT */
#include "rtmp/progress.h"

void cme_progress_start(struct cme_progress *progress, int64_t now_us)
{
	*progress = (struct cme_progress){ .at_us = now_us };
}

/* The peer's program has read something since the mark, as far as can be told. */
static bool was_read(const struct cme_progress_look *mark, const struct cme_progress_look *look)
{
	uint64_t delivered = look->delivered - mark->delivered;
	uint64_t creep = look->creep - mark->creep;

	if (delivered == 0)
		return look->reach > mark->reach + creep && mark->reach > 0;
	if (look->reach == 0 || mark->reach == 0 || 2 * creep >= delivered)
		return true;
	return look->reach > mark->reach + creep;
}

/* Nothing was written since the last look, and all of it is there. */
static bool up_to_date(const struct cme_progress *progress, const struct cme_progress_look *look)
{
	return look->written == progress->written && look->delivered == look->written && !look->waiting;
}

bool cme_progress_stalled(struct cme_progress *progress, const struct cme_progress_look *look, int64_t now_us)
{
	if (was_read(&progress->mark, look) || look->answered != progress->mark.answered ||
	    up_to_date(progress, look)) {
		progress->at_us = now_us;
		progress->mark = *look;
	}
	progress->written = look->written;
	return now_us - progress->at_us >= CME_PROGRESS_LIMIT_US;
}
