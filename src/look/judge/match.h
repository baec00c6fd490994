/* SPDX-License-Identifier: MIT
 *
 * Finds the pictures of a viewer among those of the source: by how much later they come, or that they are
 * none of them. Each delay within bounds is tried on all pictures at once; the one that fits best counts when
 * all that lie apart from it fit worse. Pictures that hardly move fit at many delays: then it is known that
 * they are the source's, and not when. Pure.
 */
#ifndef CME_LOOK_JUDGE_MATCH_H
#define CME_LOOK_JUDGE_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "look/judge/print.h"

struct cme_shot {
	int64_t at_us; /* when it was seen, on the clock of all viewers */
	bool moved;    /* it differs from those before */
	struct cme_print print;
};

struct cme_delays {
	int64_t least_us; /* below 0: the source is read later than the viewer sees it */
	int64_t most_us;
};

enum cme_match_kind {
	CME_MATCH_UNKNOWN,  /* there is too little to compare */
	CME_MATCH_NONE,     /* the pictures are none of the source's */
	CME_MATCH_ANYWHERE, /* they are, and it cannot be told when they were */
	CME_MATCH_AT,       /* they are, delay_us later */
};

struct cme_match {
	enum cme_match_kind kind;
	int64_t delay_us;
	int64_t least_us, most_us; /* the delays that fit, when the pictures are the source's */
	double distance;           /* of the pictures, at best */
};

enum { CME_MATCH_LEAST = 4 }; /* pictures that have to be compared */

/* A picture that stands still beside all that the source has shown: CME_MATCH_ANYWHERE or CME_MATCH_NONE,
 * with the distance; CME_MATCH_UNKNOWN: the source has none. */
struct cme_match cme_match_still(const struct cme_print *print, const struct cme_shot *source, size_t count);

/* Both in the order of their times. */
struct cme_match cme_match_find(const struct cme_shot *viewer, size_t viewer_count,
				const struct cme_shot *source, size_t source_count, struct cme_delays delays);

#endif
