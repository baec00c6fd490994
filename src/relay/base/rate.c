/* SPDX-License-Identifier: MIT */
#include "relay/base/rate.h"

#define WINDOW_US 2000000

void cme_rate_settle(struct cme_rate *rate, int64_t now_us)
{
	int64_t age = now_us - rate->window_us;

	if (rate->window_us == 0 || age < WINDOW_US)
		return;
	rate->kbps = (double)rate->bytes * 8000.0 / (double)age;
	rate->fps = rate->frames * 1e6 / (double)age;
	rate->bytes = 0;
	rate->frames = 0;
	rate->window_us = now_us;
}

void cme_rate_add(struct cme_rate *rate, int64_t now_us, size_t bytes, unsigned frames)
{
	if (rate->window_us == 0)
		rate->window_us = now_us;
	cme_rate_settle(rate, now_us);
	rate->bytes += bytes;
	rate->frames += frames;
}
