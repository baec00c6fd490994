/* SPDX-License-Identifier: MIT */
#include "edge/pace.h"

#define REFILL_S   16  /* in which an address has all of its allowance again */
#define TIME_SHARE 0.5 /* of the thread's */

void cme_pace_init(struct cme_pace *pace, size_t per_address)
{
	*pace = (struct cme_pace){ .secret = cme_siphash_secret(), .most = (double)per_address };
}

/* What of it is taken by now. */
static double taken(struct cme_pace_allowance *allowance, double per_us, int64_t now_us)
{
	double back = per_us * (double)(now_us - allowance->at_us);

	allowance->taken = allowance->taken > back ? allowance->taken - back : 0;
	allowance->at_us = now_us;
	return allowance->taken;
}

bool cme_pace_enter(struct cme_pace *pace, struct cme_gate_address address, int64_t now_us)
{
	uint64_t place = cme_siphash(pace->secret, &address, sizeof address);
	struct cme_pace_allowance *allowance = &pace->addresses[place % CME_PACE_ADDRESSES];

	if (taken(allowance, pace->most / REFILL_S / 1e6, now_us) + 1 > pace->most)
		return false;
	allowance->taken++;
	return true;
}

bool cme_pace_has_time(struct cme_pace *pace, int64_t now_us)
{
	return taken(&pace->time, TIME_SHARE, now_us) < CME_PACE_BURST_US;
}

void cme_pace_take_time(struct cme_pace *pace, int64_t took_us, int64_t now_us)
{
	pace->time.taken = taken(&pace->time, TIME_SHARE, now_us) + (double)took_us;
}
