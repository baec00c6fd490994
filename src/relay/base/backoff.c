/* SPDX-License-Identifier: MIT */
#include "relay/base/backoff.h"

const struct cme_backoff_policy cme_backoff_outputs = { .first_s = 0.5,
							.max_s = 30,
							.refused_first_s = 5,
							.refused_max_s = 60,
							.good_s = 10,
							.again_s = 1.8,
							.again_first_s = 1,
							.fresh_s = 60,
							.proof_s = 0.5 };
const struct cme_backoff_policy cme_backoff_inputs = {
	.first_s = 0.5, .max_s = 5, .refused_first_s = 0.5, .refused_max_s = 5, .good_s = 10
};
const struct cme_backoff_policy cme_backoff_sockets = {
	.first_s = 0.1, .max_s = 1, .refused_first_s = 0.1, .refused_max_s = 1, .good_s = 10
};

void cme_backoff_init(struct cme_backoff *backoff, struct cme_backoff_policy policy)
{
	*backoff = (struct cme_backoff){ .policy = policy, .proof_s = policy.proof_s };
}

static void start_anew(struct cme_backoff *backoff, double fresh_until_s)
{
	backoff->failures = 0;
	backoff->proof_s = backoff->policy.proof_s;
	backoff->fresh_until_s = fresh_until_s;
}

/* The next connection is believed once it has held longer than the longest that came to nothing. */
static void ask_for_proof(struct cme_backoff *backoff, double lived_s)
{
	double proof_s = lived_s + backoff->policy.proof_s;

	if (proof_s > backoff->policy.good_s)
		proof_s = backoff->policy.good_s;
	if (proof_s > backoff->proof_s)
		backoff->proof_s = proof_s;
}

static double doubled(double first_s, double max_s, unsigned times)
{
	double delay_s = first_s;

	for (unsigned i = 0; i < times && delay_s < max_s; i++)
		delay_s *= 2;
	return delay_s < max_s ? delay_s : max_s;
}

void cme_backoff_take_over(struct cme_backoff *backoff, double now_s)
{
	start_anew(backoff, now_s + backoff->policy.fresh_s);
}

/* How long the peer may take that holds our old session. */
static double wait_for_release(const struct cme_backoff *backoff, double unit)
{
	const struct cme_backoff_policy *policy = &backoff->policy;

	return doubled(policy->again_first_s, policy->again_s, backoff->failures) * (0.75 + 0.25 * unit);
}

static double wait_as_usual(const struct cme_backoff *backoff, const struct cme_backoff_end *end, bool fresh)
{
	const struct cme_backoff_policy *policy = &backoff->policy;
	double delay_s = end->refused
				 ? doubled(policy->refused_first_s, policy->refused_max_s, backoff->failures)
				 : doubled(policy->first_s, policy->max_s, backoff->failures);

	if (fresh && delay_s > policy->again_s)
		delay_s = policy->again_s;
	return delay_s * (0.5 + 0.5 * end->unit);
}

double cme_backoff_next(struct cme_backoff *backoff, const struct cme_backoff_end *end)
{
	const struct cme_backoff_policy *policy = &backoff->policy;
	double delay_s;
	bool fresh;

	if (end->now_s >= backoff->fresh_until_s && backoff->fresh_until_s > 0)
		start_anew(backoff, 0);
	if (end->lived_s >= policy->good_s)
		start_anew(backoff, end->now_s + policy->fresh_s);
	else if (end->hung_up && end->lived_s > 0)
		ask_for_proof(backoff, end->lived_s);
	fresh = end->now_s < backoff->fresh_until_s;
	delay_s = fresh && end->refused ? wait_for_release(backoff, end->unit)
					: wait_as_usual(backoff, end, fresh);
	backoff->failures++;
	return delay_s;
}
