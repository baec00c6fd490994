/* SPDX-License-Identifier: MIT */
#include "look/judge/print.h"

#include <math.h>
#include <stdlib.h>

#define UNIT        32  /* a standard deviation */
#define LEAST       4.0 /* of luma: what differs less is noise */
#define DIFFERENCES 256

/* Cells that are left out of a comparison: a logo. */
enum { LEFT_OUT = CME_CELLS * 15 / 100, COMPARED = CME_CELLS - LEFT_OUT };

void cme_print_make(struct cme_print *print, const uint8_t cells[CME_CELLS])
{
	double sum = 0, squares = 0, mean, deviation;

	for (int i = 0; i < CME_CELLS; i++) {
		sum += cells[i];
		squares += cells[i] * cells[i];
	}
	mean = sum / CME_CELLS;
	deviation = sqrt(fmax(0, squares / CME_CELLS - mean * mean));
	print->plain = deviation < LEAST;
	for (int i = 0; i < CME_CELLS; i++) {
		double value = (cells[i] - mean) / fmax(deviation, LEAST) * UNIT;

		print->cells[i] = (int8_t)lround(fmax(-127, fmin(127, value)));
	}
}

void cme_print_pair(struct cme_print_pairs *pairs, const struct cme_print *a, const struct cme_print *b)
{
	for (int i = 0; i < CME_CELLS; i++)
		pairs->apart[i] += abs(a->cells[i] - b->cells[i]);
	pairs->count++;
}

double cme_print_distance(const struct cme_print_pairs *pairs)
{
	int count[DIFFERENCES] = { 0 }, left = COMPARED;
	double total[DIFFERENCES] = { 0 }, sum = 0;

	for (int i = 0; i < CME_CELLS; i++) {
		size_t mean = (size_t)pairs->apart[i] / pairs->count;

		count[mean]++;
		total[mean] += pairs->apart[i];
	}
	for (int value = 0; left > 0 && value < DIFFERENCES; value++) {
		int taken = count[value] < left ? count[value] : left;

		if (taken)
			sum += total[value] * taken / count[value];
		left -= taken;
	}
	return sum / (double)pairs->count / COMPARED / UNIT;
}
