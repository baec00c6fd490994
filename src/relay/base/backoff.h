/* SPDX-License-Identifier: MIT
 *
 * How long to wait before the next attempt, and how long a connection has to hold before it counts.
 *
 * The wait doubles from `first_s` to `max_s`, the upper half of it jittered so that a hundred engines do
 * not knock together after an outage. A connection that held for `good_s` starts the count anew. For the
 * first `fresh_s` after its end the wait is at most `again_s`, whatever the peer answers: a peer that
 * refuses then often still holds our old session and has not noticed that it is dead. It is asked soon, as
 * some notice at once, and then often enough to be back on the air within 2 s of the release; but a peer may
 * ban who hammers it, so the waits after such a refusal are jittered by a quarter only: seven or eight
 * attempts in the first 10 s, where half would make up to twelve of it.
 *
 * A peer that refuses may accept first and then hang up. So a new connection counts only after it has held
 * for `proof_s`; if the peer hung up on the one before it was good, the new one has to hold longer than
 * that one did.
 *
 * Pure: the time and the random number are arguments.
 */
#ifndef CME_RELAY_BASE_BACKOFF_H
#define CME_RELAY_BASE_BACKOFF_H

#include <stdbool.h>

struct cme_backoff_policy {
	double first_s;         /* before the second attempt */
	double max_s;           /* never longer than this */
	double refused_first_s; /* the same two after the peer said no */
	double refused_max_s;
	double good_s;        /* a connection this old counts as success */
	double again_s;       /* the longest wait while the end of a good connection is fresh */
	double again_first_s; /* the first one then after the peer said no */
	double fresh_s;       /* how long it is; 0: never */
	double proof_s;       /* how long a connection has to hold to be believed, at least */
};

struct cme_backoff {
	struct cme_backoff_policy policy;
	unsigned failures;    /* in a row, since a good connection ended or that ceased to be fresh */
	double fresh_until_s; /* on the caller's clock; 0: no good connection has ended lately */
	double proof_s;       /* what the next connection has to hold */
};

/* How an attempt or a connection ended. */
struct cme_backoff_end {
	double now_s;   /* any monotonic clock, above 0 */
	double lived_s; /* how long the peer had accepted us; 0: it did not */
	bool refused;   /* the peer said no */
	bool hung_up;   /* the peer closed the connection */
	double unit;    /* a random number in [0, 1) */
};

/* 0.5-30 s; refused 5-60 s; good after 10 s, then 1.8 s for a minute; believed after 0.5 s */
extern const struct cme_backoff_policy cme_backoff_outputs;
/* 0.5-5 s, refused the same; good after 10 s */
extern const struct cme_backoff_policy cme_backoff_inputs;
/* 0.1-1 s: of inputs that come by a socket of this machine, which costs nobody anything */
extern const struct cme_backoff_policy cme_backoff_sockets;

void cme_backoff_init(struct cme_backoff *backoff, struct cme_backoff_policy policy);

/* A connection of another process to this peer may have ended just now: as if a good one of ours had. */
void cme_backoff_take_over(struct cme_backoff *backoff, double now_s);

/* An attempt failed or a connection ended: seconds to wait before the next one. */
double cme_backoff_next(struct cme_backoff *backoff, const struct cme_backoff_end *end);

#endif
