/* SPDX-License-Identifier: MIT
 *
 * What is measured of one picture, after it was made small: how dark it is, whether it is one colour, and the
 * means of its cells, from which motion and the print (judge/print.h) come. Pure.
 */
#ifndef CME_LOOK_EYE_PICTURE_H
#define CME_LOOK_EYE_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "look/judge/print.h"

/* Pictures are measured at this size, as YUV 4:2:0 of limited range. */
enum { CME_SMALL_WIDTH = 160, CME_SMALL_HEIGHT = 90 };

struct cme_small {
	uint8_t luma[CME_SMALL_WIDTH * CME_SMALL_HEIGHT];
	uint8_t chroma[2][CME_SMALL_WIDTH / 2 * (CME_SMALL_HEIGHT / 2)];
};

struct cme_picture_facts {
	double mean_luma;
	double top_luma; /* 199 of 200 pixels are darker; 255 where they have a colour: no luma is green, not
			  * black */
	double spread;   /* standard deviation of the luma */
	double colour;   /* the largest standard deviation of the three planes */
	uint8_t cells[CME_CELLS];
};

void cme_picture_measure(const struct cme_small *small, struct cme_picture_facts *facts);

/* Whether it is all but black, or one colour: the next one is looked for sooner. */
bool cme_picture_doubtful(const struct cme_picture_facts *facts);

/* Whether a picture differs from another by more than coding it anew makes. */
bool cme_picture_moved(const uint8_t a[CME_CELLS], const uint8_t b[CME_CELLS]);

#endif
