/* SPDX-License-Identifier: MIT */
#include "look/eye/peak.h"

#include <libavutil/channel_layout.h>
#include <libswresample/swresample.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TIMES   4   /* BS.1770: four times the rate */
#define STRETCH 256 /* frames that are judged together */
#define ROOM    (TIMES * (STRETCH + CME_PEAK_WARM))
#define REACH   1.8 /* 5 dB; white noise alone rises further */

static struct SwrContext *open_filter(unsigned channels, unsigned rate)
{
	struct SwrContext *over = NULL;
	AVChannelLayout layout;

	av_channel_layout_default(&layout, (int)channels);
	if (swr_alloc_set_opts2(&over, &layout, AV_SAMPLE_FMT_FLT, (int)rate * TIMES, &layout,
				AV_SAMPLE_FMT_FLT, (int)rate, 0, NULL) < 0 ||
	    swr_init(over) < 0)
		swr_free(&over);
	return over;
}

bool cme_peak_init(struct cme_peak *peak, unsigned channels, unsigned rate)
{
	*peak = (struct cme_peak){ .channels = channels };
	peak->oversampled = malloc((size_t)ROOM * channels * sizeof *peak->oversampled);
	peak->over = peak->oversampled ? open_filter(channels, rate) : NULL;
	return peak->over != NULL;
}

void cme_peak_fini(struct cme_peak *peak)
{
	swr_free(&peak->over);
	free(peak->oversampled);
	peak->oversampled = NULL;
}

static float highest_of(const float *samples, size_t count)
{
	float highest = 0;

	for (size_t i = 0; i < count; i++) {
		float height = fabsf(samples[i]);

		highest = height > highest ? height : highest;
	}
	return highest;
}

/* Returns how many samples come out; 0: none. */
static size_t oversample(struct cme_peak *peak, const float *samples, size_t frames)
{
	uint8_t *out[] = { (uint8_t *)peak->oversampled };
	const uint8_t *in[] = { (const uint8_t *)samples };
	int made = swr_convert(peak->over, out, ROOM, in, (int)frames);

	return made > 0 ? (size_t)made * peak->channels : 0;
}

/* What was not examined before is missing in the filter, and its peaks count for nothing. */
static void examine(struct cme_peak *peak, const float *samples, size_t frames)
{
	if (!peak->examined)
		(void)oversample(peak, peak->tail, CME_PEAK_WARM);
	peak->highest = fmax(peak->highest, highest_of(peak->oversampled, oversample(peak, samples, frames)));
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
