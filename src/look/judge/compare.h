/* SPDX-License-Identifier: MIT
 *
 * A viewer beside the source, by the pictures of both: how late it is, whether it stands still while the
 * source moves, and whether it is the source at all. Keeps what it found between two comparisons. Pure.
 */
#ifndef CME_LOOK_JUDGE_COMPARE_H
#define CME_LOOK_JUDGE_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "look/judge/judge.h"
#include "look/judge/match.h"

struct cme_side {
	const struct cme_shot *shots; /* in the order of their times */
	size_t count;
	double rate;    /* pictures a second; NAN: not known */
	int64_t lag_us; /* from its own times to the clock */
};

struct cme_compare {
	bool known;         /* the delay was found */
	int64_t delay_us;   /* the last that was */
	int64_t strange_us; /* since when none was the source's, about: the middle of the first pictures of
			     * which that was found, since those before them were; 0: the last was */
	enum cme_match_kind found;

	bool agreed;       /* the delay was found, and the source has come as it did then */
	int64_t lag_us;    /* the source's, then */
	int64_t source_us; /* time of its last picture, at the last comparison */
	struct {
		int64_t delay_us;
		int64_t since_us; /* 0: they are not */
	} vague; /* since when pictures have been like the source's, and not the same, at one delay */
};

/* How late a viewer may be. Below 0: it shows a picture before the source does, each being read over its own
 * connection. So much of what a viewer has shown last is not compared yet, and pictures of the source are
 * kept for as long as both together. */
extern const struct cme_delays cme_compare_delays;

/* And while it is not known how the two come beside each other: the source may be read by a way that takes
 * much longer than the viewer's. */
extern const struct cme_delays cme_compare_delays_at_first;

/* Compares what both have shown by now, and sets the numbers of the sight that need a source. */
void cme_compare_look(struct cme_compare *compare, const struct cme_side *viewer,
		      const struct cme_side *source, struct cme_sight *sight);

/* Sets those numbers from what was found last, between two comparisons. */
void cme_compare_keep(const struct cme_sight *last, struct cme_sight *sight);

#endif
