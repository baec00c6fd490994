/* SPDX-License-Identifier: MIT */
#include "look/eye/picture.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

enum { LUMA = CME_SMALL_WIDTH * CME_SMALL_HEIGHT, CHROMA = LUMA / 4 };
enum { CELL_WIDTH = CME_SMALL_WIDTH / CME_CELLS_ACROSS, CELL_HEIGHT = CME_SMALL_HEIGHT / CME_CELLS_DOWN };

#define DIM    40 /* of the top luma: what is darker may be black */
#define PLAIN  4  /* of the colour: what varies less may be one */
#define SPECKS (LUMA / 200)
#define GREY   128
#define TINT   24 /* of chroma, from which on a picture is not black */

/* A frozen picture that is coded anew moves its cells by less than this at each keyframe. */
#define MOTION 3

static double deviation(const uint8_t *plane, size_t count, double *mean)
{
	int64_t sum = 0, squares = 0;
	double middle;

	for (size_t i = 0; i < count; i++) {
		sum += plane[i];
		squares += plane[i] * plane[i];
	}
	middle = (double)sum / (double)count;
	*mean = middle;
	return sqrt(fmax(0, (double)squares / (double)count - middle * middle));
}

static double top_of(const uint8_t *luma)
{
	size_t histogram[256] = { 0 }, above = 0;
	int value = 255;

	for (size_t i = 0; i < LUMA; i++)
		histogram[luma[i]]++;
	for (; value > 0; value--) {
		above += histogram[value];
		if (above > SPECKS)
			break;
	}
	return value;
}

static uint8_t cell_of(const uint8_t *luma, int column, int row)
{
	const uint8_t *corner =
		luma + (size_t)row * CELL_HEIGHT * CME_SMALL_WIDTH + (size_t)column * CELL_WIDTH;
	int sum = 0;

	for (int y = 0; y < CELL_HEIGHT; y++)
		for (int x = 0; x < CELL_WIDTH; x++)
			sum += corner[y * CME_SMALL_WIDTH + x];
	return (uint8_t)(sum / (CELL_WIDTH * CELL_HEIGHT));
}

static bool is_grey(const double means[2])
{
	return fabs(means[0] - GREY) < TINT && fabs(means[1] - GREY) < TINT;
}

void cme_picture_measure(const struct cme_small *small, struct cme_picture_facts *facts)
{
	double means[2];

	facts->spread = deviation(small->luma, LUMA, &facts->mean_luma);
	facts->colour = fmax(facts->spread, fmax(deviation(small->chroma[0], CHROMA, &means[0]),
						 deviation(small->chroma[1], CHROMA, &means[1])));
	facts->top_luma = is_grey(means) ? top_of(small->luma) : 255;
	for (int row = 0; row < CME_CELLS_DOWN; row++)
		for (int column = 0; column < CME_CELLS_ACROSS; column++)
			facts->cells[row * CME_CELLS_ACROSS + column] = cell_of(small->luma, column, row);
}

bool cme_picture_doubtful(const struct cme_picture_facts *facts)
{
	return facts->top_luma < DIM || facts->colour < PLAIN;
}

bool cme_picture_moved(const uint8_t a[CME_CELLS], const uint8_t b[CME_CELLS])
{
	for (int i = 0; i < CME_CELLS; i++)
		if (abs(a[i] - b[i]) > MOTION)
			return true;
	return false;
}
