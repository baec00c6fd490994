/* SPDX-License-Identifier: MIT */
#include "look/judge/compare.h"

#include <math.h>
#include <stdlib.h>

#include "common/clock.h"

#define RECENT_US    (8 * CME_SECOND_US) /* pictures of the viewer that are looked for */
#define SHOTS_MAX    40                  /* and at most so many */
#define SLOT_US      CME_SECOND_US       /* the source moves in a second, or it does not */
#define MOVING       0.5                 /* share of the seconds in which it has to */
#define MOVING_BLIND 0.9                 /* and where it is not known which of them the viewer sees */
#define BLIND_US     (8 * CME_SECOND_US) /* seconds that are looked at then, at least */

/* Measured: the source's pictures coded anew, smaller and with a logo are at most 0.03 away, those of other
 * films at least 0.34, where they come near by chance. */
#define SURE 0.2 /* distance up to which pictures are the source's */
#define STEADY_US \
	(15 * CME_SECOND_US)    /* beyond, they are after so long at one delay: other pictures by then */
#define ONE_US    CME_SECOND_US /* up to which two delays are one */
#define BEHIND_US (2 * CME_SECOND_US) /* the source has to fall back, to come otherwise than it did */

const struct cme_delays cme_compare_delays = { .least_us = -5 * CME_SECOND_US,
					       .most_us = 32 * CME_SECOND_US };
const struct cme_delays cme_compare_delays_at_first = { .least_us = -30 * CME_SECOND_US,
							.most_us = 32 * CME_SECOND_US };

/* What the viewer has shown, and where it was found among the source's. */
struct trial {
	struct cme_side viewer; /* as far as it is compared */
	struct cme_shot shots[SHOTS_MAX];
	size_t count;
	struct cme_match match;
};

static double seconds(int64_t us)
{
	return (double)us / (double)CME_SECOND_US;
}

static int64_t last_of(const struct cme_side *side)
{
	return side->count ? side->shots[side->count - 1].at_us : 0;
}

/* The viewer up to where the source has been seen at each delay. Both are read over connections of their own,
 * so the newest pictures of the viewer may be none of the source's yet. */
static struct cme_side settled(const struct cme_side *viewer, const struct cme_side *source, int64_t least_us)
{
	struct cme_side side = *viewer;
	int64_t until_us = last_of(source) + least_us;

	while (side.count > 0 && side.shots[side.count - 1].at_us > until_us)
		side.count--;
	return side;
}

/* The last pictures that show enough to know them by, for the search. One that stands still is there once,
 * when it came: for as long as it stands, it is later at each shot. */
static size_t recent(const struct cme_side *viewer, struct cme_shot shots[SHOTS_MAX])
{
	size_t count = 0, first = viewer->count;
	int64_t last_us = last_of(viewer);

	while (first > 0 && count < SHOTS_MAX - 1 && last_us - viewer->shots[first - 1].at_us < RECENT_US) {
		const struct cme_shot *shot = &viewer->shots[--first];

		count += shot->moved && !shot->print.plain;
	}
	count = 0;
	for (size_t i = first; i < viewer->count; i++)
		if (!viewer->shots[i].print.plain && (viewer->shots[i].moved || i == first))
			shots[count++] = viewer->shots[i];
	return count;
}

/* The seconds of a span, and in how many of them the source moved. */
struct motion {
	int64_t span_us;
	int64_t moved_us;
};

static struct motion motion_of(const struct cme_side *source, int64_t from_us, int64_t to_us)
{
	struct motion motion = { 0 };
	int64_t slot = -1;

	if (!source->count)
		return motion;
	if (from_us < source->shots[0].at_us)
		from_us = source->shots[0].at_us;
	if (to_us > source->shots[source->count - 1].at_us)
		to_us = source->shots[source->count - 1].at_us;
	motion.span_us = to_us > from_us ? to_us - from_us : 0;
	for (size_t i = 0; i < source->count; i++) {
		const struct cme_shot *shot = &source->shots[i];

		if (shot->at_us < from_us || shot->at_us > to_us || !shot->moved)
			continue;
		if ((shot->at_us - from_us) / SLOT_US != slot)
			motion.moved_us += SLOT_US;
		slot = (shot->at_us - from_us) / SLOT_US;
	}
	return motion;
}

/* Of a viewer whose picture has not moved since from_us. */
static double frozen(const struct cme_compare *compare, const struct cme_side *source, int64_t from_us,
		     int64_t to_us)
{
	int64_t last_us = last_of(source);
	struct motion motion =
		compare->known ? motion_of(source, from_us - compare->delay_us, to_us - compare->delay_us)
			       : motion_of(source, last_us - cme_compare_delays.most_us, last_us);
	double share = motion.span_us ? (double)motion.moved_us / (double)motion.span_us : 0;

	if (compare->known)
		return share >= MOVING ? seconds(motion.span_us) : 0;
	if (motion.span_us < BLIND_US || share < MOVING_BLIND)
		return 0;
	return seconds(to_us - from_us);
}

/* Whether the source has been seen since the earliest that a picture may be from. */
static bool knows_all(const struct cme_side *source, const struct cme_shot *shot)
{
	return source->count && source->shots[0].at_us <= shot->at_us - cme_compare_delays.most_us;
}

/* One picture can only be looked for anywhere. */
static void try_at(struct trial *trial, const struct cme_side *viewer, const struct cme_side *source,
		   struct cme_delays delays)
{
	trial->viewer = settled(viewer, source, delays.least_us);
	trial->count = recent(&trial->viewer, trial->shots);
	if (trial->count >= CME_MATCH_LEAST) {
		trial->match =
			cme_match_find(trial->shots, trial->count, source->shots, source->count, delays);
		return;
	}
	trial->match = (struct cme_match){ .kind = CME_MATCH_UNKNOWN };
	if (trial->count > 0)
		trial->match =
			cme_match_still(&trial->shots[trial->count - 1].print, source->shots, source->count);
	trial->match.least_us = delays.least_us;
	trial->match.most_us = delays.most_us;
}

static bool is_match(enum cme_match_kind kind)
{
	return kind == CME_MATCH_AT || kind == CME_MATCH_ANYWHERE;
}

static bool is_one(int64_t a_us, int64_t b_us)
{
	return llabs(a_us - b_us) <= ONE_US;
}

/* Other films come near the source by chance, each time at another delay. So pictures that are like it, and
 * not the same, have to be so where they were, or for so long that they are others. */
static bool is_believed(struct cme_compare *compare, const struct cme_match *match, int64_t at_us)
{
	bool where_it_was = match->kind == CME_MATCH_ANYWHERE ||
			    (compare->known && is_one(match->delay_us, compare->delay_us));

	if (match->distance <= SURE || (where_it_was && !compare->strange_us))
		return true;
	if (!compare->vague.since_us || !is_one(match->delay_us, compare->vague.delay_us)) {
		compare->vague.delay_us = match->delay_us;
		compare->vague.since_us = at_us;
	}
	return at_us - compare->vague.since_us >= STEADY_US;
}

static void note_match(struct cme_compare *compare, const struct cme_match *match,
		       const struct cme_side *source)
{
	compare->vague.since_us = compare->strange_us = 0;
	if (match->kind == CME_MATCH_AT) {
		compare->known = compare->agreed = true;
		compare->delay_us = match->delay_us;
		compare->lag_us = source->lag_us;
	} else if (compare->delay_us < match->least_us || compare->delay_us > match->most_us) {
		compare->known = false;
	}
}

/* Since when it has been none of the source's. What it shows while the source is not known yet may be. */
static void note_strange(struct cme_compare *compare, const struct trial *trial,
			 const struct cme_side *source)
{
	const struct cme_shot *shots = trial->shots;

	if (!trial->count)
		return;
	if (!knows_all(source, &shots[trial->count - 1]))
		compare->strange_us = 0;
	else if (compare->found == CME_MATCH_NONE && !compare->strange_us && knows_all(source, &shots[0]))
		compare->strange_us = shots[0].at_us + (shots[trial->count - 1].at_us - shots[0].at_us) / 2;
}

/* A source that was opened anew, or has fallen back, may come later than the viewer by any time. */
static void note_source(struct cme_compare *compare, const struct cme_side *source)
{
	bool anew = source->count && source->shots[0].at_us > compare->source_us;

	if (anew || source->lag_us - compare->lag_us > BEHIND_US) {
		compare->agreed = compare->known = false;
		compare->strange_us = 0;
		compare->lag_us = source->lag_us;
	}
	compare->source_us = last_of(source);
}

static struct cme_delays delays_of(const struct cme_compare *compare)
{
	struct cme_delays delays = cme_compare_delays;

	if (compare->known && compare->delay_us < 0)
		delays.least_us += compare->delay_us;
	return delays;
}

static void find(struct cme_compare *compare, struct trial *trial, const struct cme_side *viewer,
		 const struct cme_side *source)
{
	try_at(trial, viewer, source, delays_of(compare));
	if (!compare->agreed && !is_match(trial->match.kind))
		try_at(trial, viewer, source, cme_compare_delays_at_first);
	compare->found = trial->match.kind;
	if (!is_match(trial->match.kind))
		compare->vague.since_us = 0;
	else if (is_believed(compare, &trial->match, last_of(&trial->viewer)))
		note_match(compare, &trial->match, source);
	else
		compare->found = CME_MATCH_UNKNOWN;
	if (!is_match(compare->found))
		note_strange(compare, trial, source);
}

void cme_compare_look(struct cme_compare *compare, const struct cme_side *viewer,
		      const struct cme_side *source, struct cme_sight *sight)
{
	struct trial trial;
	int64_t last_us = last_of(viewer);

	note_source(compare, source);
	find(compare, &trial, viewer, source);
	if (compare->known)
		sight->delay_s = fmax(0, seconds(compare->delay_us));
	if (!isnan(sight->unmoved_s))
		sight->frozen_s =
			frozen(compare, source, last_us - (int64_t)(sight->unmoved_s * 1e6), last_us);
	if (is_match(compare->found))
		sight->strange_s = 0;
	else if (compare->strange_us && trial.viewer.count && !is_match(trial.match.kind))
		sight->strange_s = seconds(last_of(&trial.viewer) - compare->strange_us);
	if (viewer->rate > 0 && source->rate > 0)
		sight->frame_ratio = viewer->rate / source->rate;
}

void cme_compare_keep(const struct cme_sight *last, struct cme_sight *sight)
{
	sight->delay_s = last->delay_s;
	sight->frozen_s = last->frozen_s;
	sight->strange_s = last->strange_s;
	sight->frame_ratio = last->frame_ratio;
}
