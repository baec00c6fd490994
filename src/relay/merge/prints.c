/* SPDX-License-Identifier: MIT */
#include "relay/merge/prints.h"

#define STEPS 32 /* that tell the usual one */

void cme_prints_clear(struct cme_prints *prints)
{
	prints->head = prints->count = 0;
	prints->step = 0;
}

const struct cme_print *cme_prints_at(const struct cme_prints *prints, size_t i)
{
	return &prints->ring[(prints->head + i) & (CME_PRINTS_MAX - 1)];
}

/* Keeps `steps` in order. */
static void insert(int64_t *steps, size_t count, int64_t step)
{
	while (count > 0 && steps[count - 1] > step) {
		steps[count] = steps[count - 1];
		count--;
	}
	steps[count] = step;
}

/* The lower quartile: of a rate that varies, or alternates (2:3 pulldown), the faster one. */
static int64_t usual_step(const struct cme_prints *prints)
{
	int64_t steps[STEPS];
	size_t count = 0;

	for (size_t i = prints->count; i > 1 && count < STEPS; i--) {
		int64_t step = cme_prints_at(prints, i - 1)->dts - cme_prints_at(prints, i - 2)->dts;

		if (step > 0)
			insert(steps, count++, step);
	}
	return count ? steps[count / 4] : 0;
}

static void drop_oldest(struct cme_prints *prints)
{
	prints->head = (prints->head + 1) & (CME_PRINTS_MAX - 1);
	prints->count--;
}

void cme_prints_add(struct cme_prints *prints, const struct cme_print *print)
{
	if (prints->count == 0)
		prints->began = print->dts;
	if (prints->count == CME_PRINTS_MAX)
		drop_oldest(prints);
	prints->ring[(prints->head + prints->count++) & (CME_PRINTS_MAX - 1)] = *print;
	while (print->arrival - cme_prints_at(prints, 0)->arrival > CME_PRINTS_US)
		drop_oldest(prints);
	prints->step = usual_step(prints);
}
