/* SPDX-License-Identifier: MIT */
#include "look/judge/match.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/clock.h"

#define STEP_US  (40 * CME_MS_US)
#define NEAR_US  (150 * CME_MS_US) /* a picture of the source stands for this long around it */
#define APART_US (600 * CME_MS_US) /* from the least to the most delay that fits, when it is one */
#define COVERED  0.6               /* share of the viewer's pictures that have to be */
#define SAME     0.35              /* distance up to which pictures are the same */
#define CLEARLY  0.1               /* share of the best distance by which another delay fits worse */
#define MARGIN   0.004             /* and by this at least: coding differs from picture to picture */

/* The picture of the source that was seen next to a time; NULL: none near. */
static const struct cme_shot *seen_at(const struct cme_shot *source, size_t count, int64_t at_us)
{
	size_t from = 0, to = count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (source[middle].at_us < at_us)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == count || (from > 0 && at_us - source[from - 1].at_us < source[from].at_us - at_us))
		from--;
	return count && llabs(source[from].at_us - at_us) <= NEAR_US ? &source[from] : NULL;
}

/* The mean distance at a delay; NAN: too few pictures can be compared. */
static double cost_of(const struct cme_shot *viewer, size_t viewer_count, const struct cme_shot *source,
		      size_t source_count, int64_t delay_us)
{
	struct cme_print_pairs pairs = { .count = 0 };

	for (size_t i = 0; i < viewer_count; i++) {
		const struct cme_shot *shot = seen_at(source, source_count, viewer[i].at_us - delay_us);

		if (shot)
			cme_print_pair(&pairs, &viewer[i].print, &shot->print);
	}
	if (pairs.count < CME_MATCH_LEAST || (double)pairs.count < COVERED * (double)viewer_count)
		return NAN;
	return cme_print_distance(&pairs);
}

struct search {
	double *costs; /* at each delay */
	size_t count;
	size_t best;
};

/* The delays that fit as well as the best, but for so much: the first and the last of them. */
struct span {
	size_t first, last;
};

static struct span span_of(const struct search *search, double margin)
{
	double most = search->costs[search->best] + margin;
	struct span span = { .first = search->best, .last = search->best };

	for (size_t i = 0; i < search->count; i++) {
		if (!(search->costs[i] <= most)) /* NAN too */
			continue;
		span.first = i < span.first ? i : span.first;
		span.last = i > span.last ? i : span.last;
	}
	return span;
}

/* What coding adds to a distance, it adds at each delay alike: a little worse is worse. */
static struct cme_match judge(const struct search *search, int64_t least_us)
{
	struct cme_match match = { .kind = CME_MATCH_NONE, .distance = search->costs[search->best] };
	struct span span = span_of(search, fmax(MARGIN, match.distance * CLEARLY)),
		    best = span_of(search, MARGIN / 4);

	if (match.distance > SAME)
		return match;
	match.least_us = least_us + (int64_t)span.first * STEP_US;
	match.most_us = least_us + (int64_t)span.last * STEP_US;
	match.kind = match.most_us - match.least_us <= APART_US ? CME_MATCH_AT : CME_MATCH_ANYWHERE;
	match.delay_us = least_us + (int64_t)(best.first + (best.last - best.first) / 2) * STEP_US;
	return match;
}

struct cme_match cme_match_still(const struct cme_print *print, const struct cme_shot *source, size_t count)
{
	struct cme_match match = { .kind = CME_MATCH_UNKNOWN, .distance = INFINITY };

	for (size_t i = 0; i < count; i++) {
		struct cme_print_pairs pair = { .count = 0 };

		cme_print_pair(&pair, print, &source[i].print);
		match.distance = fmin(match.distance, cme_print_distance(&pair));
	}
	if (count)
		match.kind = match.distance <= SAME ? CME_MATCH_ANYWHERE : CME_MATCH_NONE;
	return match;
}

struct cme_match cme_match_find(const struct cme_shot *viewer, size_t viewer_count,
				const struct cme_shot *source, size_t source_count, struct cme_delays delays)
{
	struct search search = { .count = (size_t)((delays.most_us - delays.least_us) / STEP_US) + 1 };
	struct cme_match match = { .kind = CME_MATCH_UNKNOWN };
	bool any = false;

	search.costs = calloc(search.count, sizeof *search.costs);
	for (size_t i = 0; search.costs && i < search.count; i++) {
		int64_t delay_us = delays.least_us + (int64_t)i * STEP_US;

		search.costs[i] = cost_of(viewer, viewer_count, source, source_count, delay_us);
		if (isnan(search.costs[i]))
			continue;
		if (!any || search.costs[i] < search.costs[search.best])
			search.best = i;
		any = true;
	}
	if (any)
		match = judge(&search, delays.least_us);
	free(search.costs);
	return match;
}
