/* SPDX-License-Identifier: MIT */
#include "look/judge/match.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/clock.h"

#define STEP_US  (40 * CME_MS_US)
#define NEAR_US  (150 * CME_MS_US) /* a picture of the source stands for this long around it */
#define APART_US (400 * CME_MS_US) /* delays further apart than this are two */
#define LEAST    4                 /* pictures that have to be compared */
#define COVERED  0.6               /* share of the viewer's pictures that have to be */
#define SAME     0.35              /* distance up to which pictures are the same */
#define CLEARLY  1.25              /* times the best distance, another delay fits worse */
#define MARGIN   0.02              /* and by this at least: noise of coding */

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
	double sum = 0;
	size_t compared = 0;

	for (size_t i = 0; i < viewer_count; i++) {
		const struct cme_shot *shot = seen_at(source, source_count, viewer[i].at_us - delay_us);

		if (!shot)
			continue;
		sum += cme_print_distance(&viewer[i].print, &shot->print);
		compared++;
	}
	if (compared < LEAST || (double)compared < COVERED * (double)viewer_count)
		return NAN;
	return sum / (double)compared;
}

struct search {
	double *costs; /* at each delay */
	size_t count;
	size_t best;
};

/* The middle of the run of delays that fit as well as the best: pictures stand for a while. */
static size_t middle_of(const struct search *search)
{
	double most = search->costs[search->best] + MARGIN / 4;
	size_t from = search->best, to = search->best;

	while (from > 0 && search->costs[from - 1] <= most)
		from--;
	while (to + 1 < search->count && search->costs[to + 1] <= most)
		to++;
	return from + (to - from) / 2;
}

/* Whether all other delays fit worse. */
static bool is_clear(const struct search *search)
{
	double best = search->costs[search->best], most = fmax(best * CLEARLY, best + MARGIN);

	for (size_t i = 0; i < search->count; i++) {
		int64_t apart = llabs((int64_t)i - (int64_t)search->best) * STEP_US;

		if (apart > APART_US && search->costs[i] <= most)
			return false;
	}
	return true;
}

static struct cme_match judge(const struct search *search, int64_t least_us)
{
	struct cme_match match = { .kind = CME_MATCH_NONE, .distance = search->costs[search->best] };

	if (match.distance > SAME)
		return match;
	match.kind = is_clear(search) ? CME_MATCH_AT : CME_MATCH_ANYWHERE;
	match.delay_us = least_us + (int64_t)middle_of(search) * STEP_US;
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
