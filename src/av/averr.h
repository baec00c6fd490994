/* SPDX-License-Identifier: MIT
 *
 * Turns what libavformat returned, and what it said meanwhile (avlog.h), into one of our errors:
 * a code a program can match and a reason a person can act on. Pure.
 *
 *   network.resolve  network.connect  network.timeout  network.reset  network.tls
 *   publish.refused  source.refused   source.ended     media.unsupported
 *   media.too_large  internal
 */
#ifndef CME_AV_AVERR_H
#define CME_AV_AVERR_H

#include <stdbool.h>

#include "av/avlog.h"
#include "common/err.h"

struct cme_averr {
	int rc;          /* a libavformat error code, negative */
	bool input;      /* reading from a source, not writing to a destination */
	bool open;       /* while connecting, not later */
	bool unproven;   /* of a destination: so shortly after that a hang-up means a refusal */
	int limit_s;     /* the deadline that was set, for the message of a timeout */
	const char *url; /* put redacted into the message; NULL: it has no name */
	const struct cme_avlog *log;
	const struct cme_err *refusal; /* what we ended the reading for (intake.h); NULL or empty: nothing */
};

/* Fills err with `open 'URL, redacted': fact (reason)`, or read, or send. Returns -1. */
int cme_averr_set(struct cme_err *err, const struct cme_averr *what);

/* libavformat's error code for what stream/end.h has, and 0 for 0. */
int cme_averr_of_end(int rc);

/* The peer closed the connection; for a libavformat error code. */
bool cme_averr_hung_up(int rc);

#endif
