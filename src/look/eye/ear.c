/* SPDX-License-Identifier: MIT */
#include "look/eye/ear.h"

#include <math.h>

#define FLOOR_DB   (-120.0)
#define HEARD_DB   (-50.0) /* quieter than this, two channels are not compared */
#define FULL_SCALE 0.99F
#define BLOCKS     5 /* a second has */

void cme_ear_init(struct cme_ear *ear)
{
	*ear = (struct cme_ear){ .facts = { .momentary = NAN, .integrated = NAN, .true_peak_db = NAN } };
}

void cme_ear_fini(struct cme_ear *ear)
{
	if (ear->meter)
		ebur128_destroy(&ear->meter);
	cme_peak_fini(&ear->peak);
}

/* The histogram bounds its memory, however long it listens. What could not begin is as if nothing was heard:
 * the next sound tries again. */
static bool begin(struct cme_ear *ear, unsigned channels, unsigned rate)
{
	cme_ear_fini(ear);
	cme_ear_init(ear);
	ear->meter = ebur128_init(channels, rate, EBUR128_MODE_I | EBUR128_MODE_HISTOGRAM);
	if (!ear->meter || !cme_peak_init(&ear->peak, channels, rate)) {
		cme_ear_fini(ear);
		return false;
	}
	ear->channels = channels;
	ear->rate = rate;
	return true;
}

static double decibels(double power)
{
	return fmax(FLOOR_DB, 10 * log10(power));
}

static void end_block(struct cme_ear *ear)
{
	for (unsigned i = 0; i < ear->channels; i++) {
		ear->facts.level_db[i] = decibels(ear->squares[i] / (double)ear->block);
		ear->squares[i] = 0;
	}
	ear->facts.channels = ear->channels;
	ear->block = 0;
}

static void end_second(struct cme_ear *ear)
{
	ear->facts.clipped = (double)ear->clipped / (double)(ear->second * ear->channels);
	ear->second = ear->clipped = 0;
}

/* NAN for what is not known, which libebur128 says as minus infinity. */
static double known(double value)
{
	return isfinite(value) ? value : (double)NAN;
}

static void read_meter(struct cme_ear *ear)
{
	ebur128_state *state = ear->meter;
	double value;

	if (ebur128_loudness_momentary(state, &value) == EBUR128_SUCCESS)
		ear->facts.momentary = known(value);
	if (ebur128_loudness_global(state, &value) == EBUR128_SUCCESS)
		ear->facts.integrated = known(value);
	ear->facts.true_peak_db = known(20 * log10(ear->peak.highest));
}

/* Frames of one block and one second, of one channel. */
static void add_channel(struct cme_ear *ear, const float *samples, size_t frames, unsigned channel)
{
	double squares = 0;
	size_t clipped = 0;

	for (size_t i = 0; i < frames; i++) {
		float sample = samples[i * ear->channels + channel];

		squares += (double)sample * (double)sample;
		clipped += fabsf(sample) >= FULL_SCALE;
	}
	ear->squares[channel] += squares;
	ear->clipped += clipped;
}

/* As many frames as the block and the second at hand still have room for. Returns how many. */
static size_t add_frames(struct cme_ear *ear, const float *samples, size_t frames)
{
	size_t block = ear->rate / BLOCKS;

	if (frames > block - ear->block)
		frames = block - ear->block;
	if (frames > ear->rate - ear->second)
		frames = ear->rate - ear->second;
	for (unsigned i = 0; i < ear->channels; i++)
		add_channel(ear, samples, frames, i);
	ear->block += frames;
	ear->second += frames;
	if (ear->block == block)
		end_block(ear);
	if (ear->second == ear->rate) {
		end_second(ear);
		read_meter(ear);
	}
	return frames;
}

bool cme_ear_hear(struct cme_ear *ear, const float *samples, size_t frames, unsigned channels, unsigned rate)
{
	if (channels < 1 || channels > CME_EAR_CHANNELS || rate < BLOCKS)
		return true;
	if ((channels != ear->channels || rate != ear->rate) && !begin(ear, channels, rate))
		return false;
	if (ebur128_add_frames_float(ear->meter, samples, frames) != EBUR128_SUCCESS)
		return false;
	cme_peak_hear(&ear->peak, samples, frames);
	for (size_t taken = 0; taken < frames;)
		taken += add_frames(ear, samples + taken * channels, frames - taken);
	return true;
}

double cme_ear_loudest(const struct cme_ear_facts *facts)
{
	double loudest = facts->channels ? facts->level_db[0] : (double)NAN;

	for (unsigned i = 1; i < facts->channels; i++)
		loudest = fmax(loudest, facts->level_db[i]);
	return loudest;
}

double cme_ear_apart(const struct cme_ear_facts *facts)
{
	if (facts->channels != 2 || cme_ear_loudest(facts) < HEARD_DB)
		return NAN;
	return fabs(facts->level_db[0] - facts->level_db[1]);
}
