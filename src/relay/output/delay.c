/* SPDX-License-Identifier: MIT */
#include "relay/output/delay.h"

#include <stddef.h>

#define WINDOW_US  5000000
#define UNIT_US    125 /* the narrowest bucket */
#define PER_OCTAVE 8
#define LAST       (CME_DELAY_BUCKETS - 1)

/* The bucket of a value in units: its highest bit, and the three bits below that. */
static size_t bucket_of(uint64_t units)
{
	size_t shift = 0;
	size_t bucket;

	while (units >> shift >= (uint64_t)2 * PER_OCTAVE)
		shift++;
	bucket = shift * PER_OCTAVE + (size_t)(units >> shift);
	return bucket < LAST ? bucket : LAST;
}

/* Where the bucket ends, in units. */
static int64_t end_of(size_t bucket)
{
	size_t shift = bucket < PER_OCTAVE ? 0 : bucket / PER_OCTAVE - 1;

	return (int64_t)(bucket - shift * PER_OCTAVE + 1) << shift;
}

void cme_delay_settle(struct cme_delay *delay, int64_t now_us)
{
	if (delay->since_us == 0 || now_us - delay->since_us < WINDOW_US)
		return;
	delay->full = delay->filling;
	delay->filling = (struct cme_delay_window){ 0 };
	delay->since_us = now_us;
}

void cme_delay_add(struct cme_delay *delay, int64_t now_us, int64_t took_us)
{
	if (delay->since_us == 0)
		delay->since_us = now_us;
	cme_delay_settle(delay, now_us);
	delay->filling.count[bucket_of(took_us > 0 ? (uint64_t)took_us / UNIT_US : 0)]++;
	delay->filling.total++;
}

int64_t cme_delay_quantile(const struct cme_delay *delay, double part)
{
	const struct cme_delay_window *window = delay->full.total ? &delay->full : &delay->filling;
	uint32_t below = 0;

	if (window->total == 0)
		return -1;
	for (size_t i = 0; i < LAST; i++) {
		below += window->count[i];
		if (below >= part * window->total)
			return end_of(i) * UNIT_US;
	}
	return end_of(LAST) * UNIT_US;
}
