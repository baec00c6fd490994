/* SPDX-License-Identifier: MIT */
#include "control/throttle.h"

static unsigned hash(const char *text)
{
	unsigned value = 5381;

	for (; *text; text++)
		value = value * 33 + (unsigned char)*text;
	return value % CME_THROTTLE_SUBJECTS;
}

bool cme_throttle_admit(struct cme_throttle *throttle, const char *subject, int64_t now_us,
			unsigned *left_out)
{
	unsigned i = hash(subject);
	double tokens = throttle->subject[i].tokens;
	bool pass;

	tokens += (double)(now_us - throttle->subject[i].refill_us) / 1e6 * CME_THROTTLE_PER_SECOND;
	if (tokens > 0)
		tokens = 0;
	pass = tokens >= 1 - CME_THROTTLE_BURST;
	*left_out = pass ? throttle->subject[i].left_out : 0;
	throttle->subject[i].left_out = pass ? 0 : throttle->subject[i].left_out + 1;
	throttle->subject[i].tokens = tokens - pass;
	throttle->subject[i].refill_us = now_us;
	return pass;
}
