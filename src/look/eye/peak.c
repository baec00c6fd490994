/* SPDX-License-Identifier: MIT */
#include "look/eye/peak.h"

#include <math.h>
#include <string.h>

#define STRETCH 256 /* frames that are judged together */
#define REACH   1.8 /* 5 dB; white noise alone rises further */

bool cme_peak_init(struct cme_peak *peak, unsigned channels, unsigned rate)
{
	*peak = (struct cme_peak){ .channels = channels };
	peak->meter = ebur128_init(channels, rate, EBUR128_MODE_TRUE_PEAK);
	return peak->meter != NULL;
}

void cme_peak_fini(struct cme_peak *peak)
{
	if (peak->meter)
		ebur128_destroy(&peak->meter);
}

static double highest_of(const float *samples, size_t count)
{
	float highest = 0;

	for (size_t i = 0; i < count; i++)
		highest = fmaxf(highest, fabsf(samples[i]));
	return highest;
}

/* What was not examined before is missing in the meter's filter, and its peaks count for nothing. */
static void examine(struct cme_peak *peak, const float *samples, size_t frames)
{
	double value;

	if (!peak->examined)
		(void)ebur128_add_frames_float(peak->meter, peak->tail, CME_PEAK_WARM);
	if (ebur128_add_frames_float(peak->meter, samples, frames) != EBUR128_SUCCESS)
		return;
	for (unsigned i = 0; i < peak->channels; i++)
		if (ebur128_prev_true_peak(peak->meter, i, &value) == EBUR128_SUCCESS)
			peak->highest = fmax(peak->highest, value);
	peak->frames += frames;
}

/* A stretch may be shorter than the tail, which then keeps some of what it has. */
static void keep_tail(struct cme_peak *peak, const float *samples, size_t frames)
{
	size_t kept = frames < CME_PEAK_WARM ? CME_PEAK_WARM - frames : 0, taken = CME_PEAK_WARM - kept;

	memmove(peak->tail, peak->tail + taken * peak->channels, kept * peak->channels * sizeof *peak->tail);
	memcpy(peak->tail + kept * peak->channels, samples + (frames - taken) * peak->channels,
	       taken * peak->channels * sizeof *peak->tail);
}

/* The filter is late by some frames, so the stretch behind one that came near is examined as well. */
static void hear_stretch(struct cme_peak *peak, const float *samples, size_t frames)
{
	double highest = highest_of(samples, frames * peak->channels);
	bool near = highest > 0 && highest * REACH > peak->highest, due = near || peak->near;

	peak->highest = fmax(peak->highest, highest);
	if (due)
		examine(peak, samples, frames);
	peak->examined = due;
	peak->near = near;
	keep_tail(peak, samples, frames);
}

void cme_peak_hear(struct cme_peak *peak, const float *samples, size_t frames)
{
	while (frames > 0) {
		size_t taken = frames < STRETCH ? frames : STRETCH;

		hear_stretch(peak, samples, taken);
		samples += taken * peak->channels;
		frames -= taken;
	}
}
