/* SPDX-License-Identifier: MIT
 *
 * How long to wait before the next attempt: doubling from `first_s` to `max_s`, the upper half of it
 * jittered so that a hundred engines do not knock together after an outage. A connection that held
 * for `good_s` starts the count anew. Pure: the random number is an argument.
 */
#ifndef CME_RELAY_BACKOFF_H
#define CME_RELAY_BACKOFF_H

struct cme_backoff_policy {
	double first_s;         /* before the second attempt */
	double max_s;           /* never longer than this */
	double refused_first_s; /* the same two after the peer said no */
	double refused_max_s;
	double good_s; /* a connection this old counts as success */
};

struct cme_backoff {
	struct cme_backoff_policy policy;
	unsigned failures; /* in a row */
};

extern const struct cme_backoff_policy cme_backoff_outputs; /* 0.5-30 s; refused 5-60 s; good after 10 s */
extern const struct cme_backoff_policy cme_backoff_inputs;  /* 0.5-5 s, refused the same; good after 10 s */

void cme_backoff_init(struct cme_backoff *backoff, struct cme_backoff_policy policy);

/* An attempt failed, or a connection of `lived_s` seconds ended: seconds to wait. `unit` in [0, 1). */
double cme_backoff_next(struct cme_backoff *backoff, double lived_s, int refused, double unit);

#endif
