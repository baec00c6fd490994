/* SPDX-License-Identifier: MIT
 *
 * The prints of the last packets of one stream of one connection, oldest first: CME_PRINTS_US of them, and
 * CME_PRINTS_MAX at most. Pure: no clock, no lock, no allocation. Microseconds.
 */
#ifndef CME_RELAY_MERGE_PRINTS_H
#define CME_RELAY_MERGE_PRINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CME_PRINTS_MAX 2048 /* a power of two */
#define CME_PRINTS_US  30000000

struct cme_print {
	int64_t dts;     /* the connection's own */
	int64_t arrival; /* monotonic */
	uint64_t hash;   /* print.h */
	bool key;        /* a keyframe */
};

struct cme_prints {
	struct cme_print ring[CME_PRINTS_MAX];
	size_t head;
	size_t count;
	int64_t began; /* dts of the first since it was cleared */
	int64_t step;  /* that packets are apart by, gaps left out; 0: not known yet */
};

void cme_prints_clear(struct cme_prints *prints);
void cme_prints_add(struct cme_prints *prints, const struct cme_print *print);

/* i < count */
const struct cme_print *cme_prints_at(const struct cme_prints *prints, size_t i);

#endif
