/* SPDX-License-Identifier: MIT
 *
 * The print of a picture: what is left of it when it is coded anew, scaled, made lighter, or gets a logo. The
 * means of its cells, each by how far it lies from the mean of all. Pictures are compared pair by pair with
 * those of the source, by the cells that differ least over all pairs: a logo stays where it is and counts for
 * nothing, and what moves through the picture does count. Pure.
 */
#ifndef CME_LOOK_JUDGE_PRINT_H
#define CME_LOOK_JUDGE_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CME_CELLS_ACROSS = 32, CME_CELLS_DOWN = 18, CME_CELLS = CME_CELLS_ACROSS * CME_CELLS_DOWN };

struct cme_print {
	int8_t cells[CME_CELLS];
	bool plain; /* there is too little in the picture to know it by */
};

void cme_print_make(struct cme_print *print, const uint8_t cells[CME_CELLS]);

/* Pairs that are compared together; begins as zeros. */
struct cme_print_pairs {
	int32_t apart[CME_CELLS]; /* of each cell, over all pairs */
	size_t count;
};

void cme_print_pair(struct cme_print_pairs *pairs, const struct cme_print *a, const struct cme_print *b);

/* 0: the same pictures; 1 and more: some that have nothing to do with each other. At least one pair. */
double cme_print_distance(const struct cme_print_pairs *pairs);

#endif
