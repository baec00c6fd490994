/* SPDX-License-Identifier: MIT */
#include "look/judge/judge.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "common/clock.h"

#define LONGEST_STEP_US (2 * CME_SECOND_US) /* a machine that stood still has seen nothing meanwhile */
#define FROM_OPTIONS    NAN

enum side { ABOVE, BELOW };

struct rule {
	const char *name;
	size_t value;   /* in struct cme_sight */
	enum side side; /* of `bad`, where it is true */
	double bad;     /* from here on it counts */
	double good;    /* and up to here it does no more */
	double bad_s;   /* for so long, until it is named */
	double good_s;
};

#define OF(member) offsetof(struct cme_sight, member)

/* Some numbers are seconds themselves, so the wait is in them. A fade to black takes 3 s, a pause in speech
 * or music 5; the picture of a dark film has highlights, a colour that fills it has an edge. */
static const struct rule rules[CME_VERDICTS] = {
	[CME_GONE] = { "gone", OF(absent_s), ABOVE, 5, 0.5, 0, 0.5 },
	[CME_NO_PICTURE] = { "no_picture", OF(pictureless_s), ABOVE, 6, 1, 0, 0.5 },
	[CME_BLACK] = { "black", OF(top_luma), BELOW, 26, 32, 6, 0.5 },
	[CME_FLAT] = { "flat", OF(colour), BELOW, 2, 3, 6, 0.5 },
	[CME_FROZEN] = { "frozen", OF(frozen_s), ABOVE, 7, 1, 0, 0.5 },
	[CME_WRONG] = { "wrong", OF(strange_s), ABOVE, 8, 1, 0, 0.5 },
	[CME_NO_SOUND] = { "no_sound", OF(soundless_s), ABOVE, 6, 1, 0, 0.5 },
	[CME_SILENT] = { "silent", OF(loudest_db), BELOW, -65, -60, 8, 0.5 },
	[CME_ONE_SIDED] = { "one_sided", OF(apart_db), ABOVE, 30, 20, 6, 1 },
	[CME_CLIPPED] = { "clipped", OF(clipped), ABOVE, 0.01, 0.003, 4, 4 },
	[CME_STUTTERING] = { "stuttering", OF(missing), ABOVE, 0.2, 0.1, 3, 5 },
	[CME_SLOW] = { "slow", OF(frame_ratio), BELOW, 0.7, 0.85, 4, 2 },
	[CME_LATE] = { "late", OF(delay_s), ABOVE, FROM_OPTIONS, FROM_OPTIONS, 2, 2 },
	[CME_STILL] = { "still", OF(unmoved_s), ABOVE, 10, 1, 0, 0 },
};

#define LATE_GOOD 0.8 /* of what is late */

const char *cme_verdict_name(enum cme_verdict verdict)
{
	return verdict < CME_VERDICTS ? rules[verdict].name : "ok";
}

struct cme_sight cme_sight_blank(void)
{
	struct cme_sight sight;
	double *values = (double *)&sight;

	for (size_t i = 0; i < sizeof sight / sizeof *values; i++)
		values[i] = NAN;
	return sight;
}

void cme_judge_init(struct cme_judge *judge, struct cme_bounds bounds)
{
	*judge = (struct cme_judge){ .bounds = bounds };
}

static struct rule rule_of(const struct cme_judge *judge, int verdict)
{
	struct rule rule = rules[verdict];

	if (verdict == CME_LATE) {
		rule.bad = judge->bounds.late_s;
		rule.good = judge->bounds.late_s * LATE_GOOD;
	}
	return rule;
}

static double value_of(const struct cme_sight *sight, const struct rule *rule)
{
	return *(const double *)(const void *)((const char *)sight + rule->value);
}

/* Whether the number says the opposite of what stands: 1, or 0 that it says the same; -1: it says nothing. */
static int opposes(const struct rule *rule, double value, bool on)
{
	double sign = rule->side == ABOVE ? 1 : -1;
	bool bad = value * sign >= rule->bad * sign, good = value * sign <= rule->good * sign;

	if (isnan(value) || (!bad && !good))
		return -1;
	return on ? good : bad;
}

static void weigh(struct cme_judge *judge, int verdict, const struct cme_sight *sight, int64_t step_us)
{
	struct rule rule = rule_of(judge, verdict);
	bool *on = &judge->fault[verdict].on;
	int64_t *held_us = &judge->fault[verdict].held_us;
	int against = opposes(&rule, value_of(sight, &rule), *on);

	if (against == 0)
		*held_us = 0;
	if (against <= 0)
		return;
	*held_us += step_us;
	if (*held_us < (int64_t)((*on ? rule.good_s : rule.bad_s) * (double)CME_SECOND_US))
		return;
	*on = !*on;
	*held_us = 0;
}

/* A peer may show another film, sooner or later, at another rate. */
static bool is_told(const struct cme_judge *judge, int verdict)
{
	return !judge->bounds.peer || (verdict != CME_WRONG && verdict != CME_SLOW && verdict != CME_LATE);
}

enum cme_verdict cme_judge_look(struct cme_judge *judge, const struct cme_sight *sight, int64_t now_us)
{
	int64_t step_us = judge->at_us ? now_us - judge->at_us : 0;

	if (step_us > LONGEST_STEP_US)
		step_us = LONGEST_STEP_US;
	judge->at_us = now_us;
	for (int verdict = 0; verdict < CME_VERDICTS; verdict++)
		if (is_told(judge, verdict))
			weigh(judge, verdict, sight, step_us);
	return cme_judge_verdict(judge);
}

enum cme_verdict cme_judge_verdict(const struct cme_judge *judge)
{
	int verdict = 0;

	while (verdict < CME_VERDICTS && !judge->fault[verdict].on)
		verdict++;
	return (enum cme_verdict)verdict;
}
