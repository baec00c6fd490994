/* SPDX-License-Identifier: MIT
 *
 * What the packets of a stream tell without being decoded: pictures a second, bits a second, and how much of
 * the last seconds is missing. Pure. Microseconds.
 */
#ifndef CME_LOOK_JUDGE_PACE_H
#define CME_LOOK_JUDGE_PACE_H

#include <stddef.h>
#include <stdint.h>

enum { CME_PACE_STEPS = 1024 };

struct cme_pace {
	struct {
		int64_t dts_us;
		int64_t arrival_us;
		size_t bytes;
	} step[CME_PACE_STEPS]; /* a ring of packets */
	size_t next;
	size_t count;
};

/* A DTS that jumps begins anew. */
void cme_pace_add(struct cme_pace *pace, int64_t dts_us, int64_t arrival_us, size_t bytes);

/* The stream was opened again. */
void cme_pace_restart(struct cme_pace *pace);

/* Over the last seconds; NAN: too few packets came. */
double cme_pace_rate(const struct cme_pace *pace);
double cme_pace_bits(const struct cme_pace *pace);

/* Which share of the last seconds by the clock no packets came for, 0 to 1; NAN: it has not run so long. */
double cme_pace_missing(const struct cme_pace *pace, int64_t now_us);

#endif
