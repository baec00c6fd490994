/* SPDX-License-Identifier: MIT
 *
 * The print of a picture: what is left of it when it is coded anew, scaled, made lighter, or gets a logo. The
 * means of its cells, each by how far it lies from the mean of all. Two prints are compared by the cells that
 * differ least, so a logo in a corner counts for nothing. Pure.
 */
#ifndef CME_LOOK_JUDGE_PRINT_H
#define CME_LOOK_JUDGE_PRINT_H

#include <stdbool.h>
#include <stdint.h>

enum { CME_CELLS_ACROSS = 32, CME_CELLS_DOWN = 18, CME_CELLS = CME_CELLS_ACROSS * CME_CELLS_DOWN };

struct cme_print {
	int8_t cells[CME_CELLS];
	bool plain; /* there is too little in the picture to know it by */
};

void cme_print_make(struct cme_print *print, const uint8_t cells[CME_CELLS]);

/* 0: the same picture; 1 and more: two that have nothing to do with each other. */
double cme_print_distance(const struct cme_print *a, const struct cme_print *b);

#endif
