/* SPDX-License-Identifier: MIT */
#include "look/judge/compare.h"

#include <math.h>

#include "common/clock.h"

#define RECENT_US    (8 * CME_SECOND_US) /* pictures of the viewer that are looked for */
#define SHOTS_MAX    40                  /* and at most so many */
#define SLOT_US      CME_SECOND_US       /* the source moves in a second, or it does not */
#define MOVING       0.5                 /* share of the seconds in which it has to */
#define MOVING_BLIND 0.9                 /* and where it is not known which of them the viewer sees */
#define BLIND_US     (8 * CME_SECOND_US) /* seconds that are looked at then, at least */

const struct cme_delays cme_compare_delays = { .least_us = -5 * CME_SECOND_US,
					       .most_us = 32 * CME_SECOND_US };

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
static struct cme_side settled(const struct cme_side *viewer, const struct cme_side *source)
{
	struct cme_side side = *viewer;
	int64_t until_us = last_of(source) + cme_compare_delays.least_us;

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

static struct cme_match match_of(const struct cme_shot *shots, size_t count, const struct cme_side *source)
{
	struct cme_match match = { .kind = CME_MATCH_UNKNOWN,
				   .least_us = cme_compare_delays.least_us,
				   .most_us = cme_compare_delays.most_us };

	if (count >= CME_MATCH_LEAST)
		return cme_match_find(shots, count, source->shots, source->count, cme_compare_delays);
	if (count > 0)
		match.kind = cme_match_still(&shots[count - 1].print, source->shots, source->count);
	return match;
}

/* Since when it has been none of the source's. What it shows while the source is not known yet may be. */
static void note_strange(struct cme_compare *compare, const struct cme_shot *shots, size_t count,
			 const struct cme_side *source)
{
	if (!count)
		return;
	if (compare->found == CME_MATCH_AT || compare->found == CME_MATCH_ANYWHERE ||
	    !knows_all(source, &shots[count - 1]))
		compare->strange_us = 0;
	else if (compare->found == CME_MATCH_NONE && !compare->strange_us && knows_all(source, &shots[0]))
		compare->strange_us = shots[0].at_us + (shots[count - 1].at_us - shots[0].at_us) / 2;
}

static void find(struct cme_compare *compare, const struct cme_side *viewer, const struct cme_side *source)
{
	struct cme_shot shots[SHOTS_MAX];
	size_t count = recent(viewer, shots);
	struct cme_match match = match_of(shots, count, source);

	compare->found = match.kind;
	if (match.kind == CME_MATCH_AT) {
		compare->known = true;
		compare->delay_us = match.delay_us;
	}
	if (match.kind == CME_MATCH_ANYWHERE &&
	    (compare->delay_us < match.least_us || compare->delay_us > match.most_us))
		compare->known = false;
	note_strange(compare, shots, count, source);
}

void cme_compare_look(struct cme_compare *compare, const struct cme_side *viewer,
		      const struct cme_side *source, struct cme_sight *sight)
{
	struct cme_side both = settled(viewer, source);
	int64_t last_us = last_of(viewer);

	find(compare, &both, source);
	if (compare->known)
		sight->delay_s = fmax(0, seconds(compare->delay_us));
	if (!isnan(sight->unmoved_s))
		sight->frozen_s =
			frozen(compare, source, last_us - (int64_t)(sight->unmoved_s * 1e6), last_us);
	if (compare->strange_us && both.count)
		sight->strange_s = seconds(last_of(&both) - compare->strange_us);
	else if (compare->found != CME_MATCH_UNKNOWN)
		sight->strange_s = 0;
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
