/* SPDX-License-Identifier: MIT */
#include "relay/source/pacer.h"

#define PACER_SLACK_US 10000000 /* further behind, or ahead, than this is a jump */

int64_t cme_pacer_behind_us(const struct cme_pacer *pacer, int64_t dts_us, int64_t now_us)
{
	return pacer->anchored ? (now_us - pacer->anchor_clock_us) - (dts_us - pacer->anchor_dts_us) : 0;
}

int64_t cme_pacer_delay_us(struct cme_pacer *pacer, int64_t dts_us, int64_t now_us)
{
	int64_t delay = -cme_pacer_behind_us(pacer, dts_us, now_us);

	if (!pacer->anchored || delay < -PACER_SLACK_US || delay > PACER_SLACK_US) {
		*pacer = (struct cme_pacer){ true, dts_us, now_us };
		return 0;
	}
	return delay > 0 ? delay : 0;
}
