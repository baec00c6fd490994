/* SPDX-License-Identifier: MIT */
#include "look/judge/pace.h"

#include <math.h>
#include <stdbool.h>

#include "common/clock.h"

#define SPAN_US    (5 * CME_SECOND_US) /* of media, that rates are taken over */
#define LEAST_US   (1 * CME_SECOND_US) /* and at least */
#define JUMP_US    (5 * CME_SECOND_US)
#define MISSING_US (10 * CME_SECOND_US) /* by the clock */

/* The packet so many before the last. */
static size_t back(const struct cme_pace *pace, size_t steps)
{
	return (pace->next + CME_PACE_STEPS - 1 - steps) % CME_PACE_STEPS;
}

void cme_pace_restart(struct cme_pace *pace)
{
	pace->next = pace->count = 0;
}

void cme_pace_add(struct cme_pace *pace, int64_t dts_us, int64_t arrival_us, size_t bytes)
{
	int64_t moved_us = pace->count ? dts_us - pace->step[back(pace, 0)].dts_us : 0;

	if (moved_us < 0 || moved_us > JUMP_US)
		cme_pace_restart(pace);
	pace->step[pace->next].dts_us = dts_us;
	pace->step[pace->next].arrival_us = arrival_us;
	pace->step[pace->next].bytes = bytes;
	pace->next = (pace->next + 1) % CME_PACE_STEPS;
	if (pace->count < CME_PACE_STEPS)
		pace->count++;
}

/* How many steps back the span reaches; 0: there are too few packets. */
static size_t reach(const struct cme_pace *pace, int64_t *span_us)
{
	size_t steps = 0;

	*span_us = 0;
	while (steps + 1 < pace->count && *span_us < SPAN_US) {
		steps++;
		*span_us = pace->step[back(pace, 0)].dts_us - pace->step[back(pace, steps)].dts_us;
	}
	return *span_us >= LEAST_US ? steps : 0;
}

double cme_pace_rate(const struct cme_pace *pace)
{
	int64_t span_us;
	size_t steps = reach(pace, &span_us);

	return steps ? (double)steps * (double)CME_SECOND_US / (double)span_us : (double)NAN;
}

double cme_pace_bits(const struct cme_pace *pace)
{
	int64_t span_us;
	size_t steps = reach(pace, &span_us), bytes = 0;

	for (size_t i = 0; i < steps; i++)
		bytes += pace->step[back(pace, i)].bytes;
	return steps ? (double)bytes * 8 * (double)CME_SECOND_US / (double)span_us : (double)NAN;
}

double cme_pace_missing(const struct cme_pace *pace, int64_t now_us)
{
	size_t steps = 0, last;
	int64_t clock_us, media_us;

	if (pace->count < 2)
		return NAN;
	while (steps + 1 < pace->count && now_us - pace->step[back(pace, steps)].arrival_us < MISSING_US)
		steps++;
	last = back(pace, steps);
	clock_us = now_us - pace->step[last].arrival_us;
	media_us = pace->step[back(pace, 0)].dts_us - pace->step[last].dts_us;
	if (clock_us < MISSING_US / 2)
		return NAN;
	return fmax(0, 1 - (double)media_us / (double)clock_us);
}
