/* SPDX-License-Identifier: MIT */
#include "relay/backoff.h"

const struct cme_backoff_policy cme_backoff_outputs = {
	.first_s = 0.5, .max_s = 30, .refused_first_s = 5, .refused_max_s = 60, .good_s = 10
};
const struct cme_backoff_policy cme_backoff_inputs = {
	.first_s = 0.5, .max_s = 5, .refused_first_s = 0.5, .refused_max_s = 5, .good_s = 10
};

void cme_backoff_init(struct cme_backoff *backoff, struct cme_backoff_policy policy)
{
	*backoff = (struct cme_backoff){ .policy = policy };
}

double cme_backoff_next(struct cme_backoff *backoff, double lived_s, int refused, double unit)
{
	double delay = refused ? backoff->policy.refused_first_s : backoff->policy.first_s;
	double max = refused ? backoff->policy.refused_max_s : backoff->policy.max_s;

	if (lived_s >= backoff->policy.good_s)
		backoff->failures = 0;
	for (unsigned i = 0; i < backoff->failures && delay < max; i++)
		delay *= 2;
	if (delay > max)
		delay = max;
	backoff->failures++;
	return delay * (0.5 + 0.5 * unit);
}
