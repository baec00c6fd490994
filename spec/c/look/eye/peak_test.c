/* SPDX-License-Identifier: MIT
 * Tests of src/look/eye/peak.c: the highest true peak, as it is found when everything is oversampled. */
#include "look/eye/peak.h"

#include <ebur128.h>
#include <libavutil/channel_layout.h>
#include <libswresample/swresample.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { RATE = 48000, CHANNELS = 2, SECONDS = 4, FRAMES = RATE * SECONDS };

static float sound[FRAMES * CHANNELS];
static const double pi = 3.14159265358979323846;

/* Of everything, by the same filter, behind silence. */
static double expected(void)
{
	static float over[FRAMES * CHANNELS * 4], silence[RATE * CHANNELS];
	AVChannelLayout layout = AV_CHANNEL_LAYOUT_STEREO;
	const uint8_t *in[] = { (const uint8_t *)sound }, *before[] = { (const uint8_t *)silence };
	uint8_t *out[] = { (uint8_t *)over };
	struct SwrContext *filter = NULL;
	double highest = 0;
	int made;

	assert_int_equal(swr_alloc_set_opts2(&filter, &layout, AV_SAMPLE_FMT_FLT, RATE * 4, &layout,
					     AV_SAMPLE_FMT_FLT, RATE, 0, NULL),
			 0);
	assert_int_equal(swr_init(filter), 0);
	(void)swr_convert(filter, out, FRAMES * 4, before, RATE);
	made = swr_convert(filter, out, FRAMES * 4, in, FRAMES);
	for (size_t i = 0; i < (size_t)made * CHANNELS; i++)
		highest = fmax(highest, fabsf(over[i]));
	for (size_t i = 0; i < FRAMES * CHANNELS; i++)
		highest = fmax(highest, fabsf(sound[i]));
	swr_free(&filter);
	return highest;
}

/* By another library, whose filter is another. */
static double elsewhere(void)
{
	ebur128_state *state = ebur128_init(CHANNELS, RATE, EBUR128_MODE_TRUE_PEAK);
	double highest = 0, value;

	assert_non_null(state);
	for (size_t i = 0; i < FRAMES; i += RATE / 10)
		ebur128_add_frames_float(state, sound + i * CHANNELS, RATE / 10);
	for (unsigned i = 0; i < CHANNELS; i++) {
		ebur128_true_peak(state, i, &value);
		highest = fmax(highest, value);
	}
	ebur128_destroy(&state);
	return highest;
}

/* By pieces of a size, as decoders give them. */
static double found(size_t piece, size_t *examined)
{
	struct cme_peak peak;
	double highest;

	assert_true(cme_peak_init(&peak, CHANNELS, RATE));
	for (size_t i = 0; i < FRAMES; i += piece)
		cme_peak_hear(&peak, sound + i * CHANNELS, i + piece < FRAMES ? piece : FRAMES - i);
	highest = peak.highest;
	*examined = peak.frames;
	cme_peak_fini(&peak);
	return highest;
}

static void assert_same(size_t piece, double share)
{
	size_t examined;

	assert_true(fabs(20 * log10(found(piece, &examined) / expected())) < 0.01);
	assert_true((double)examined <= share * FRAMES);
}

/* A tone at a quarter of the rate whose samples miss its peaks by 3 dB. */
static void between_the_samples_it_is_higher(void **state)
{
	size_t examined;

	(void)state;
	for (size_t i = 0; i < FRAMES * CHANNELS; i++)
		sound[i] = (float)(0.5 * sin(pi / 2 * (double)(i / CHANNELS) + pi / 4));
	assert_true(found(1024, &examined) > 0.49);
	assert_same(1024, 1);
	assert_same(1000, 1);
}

/* Brown enough to be a sound. */
static void noise(double (*loudness)(size_t frame))
{
	double last[CHANNELS] = { 0 };

	srand(11);
	for (size_t i = 0; i < FRAMES * CHANNELS; i++) {
		double next = (double)rand() / RAND_MAX - 0.5, *before = &last[i % CHANNELS];

		sound[i] = (float)((next + *before) * 0.5 * loudness(i / CHANNELS));
		*before = next;
	}
}

static double bursts(size_t frame)
{
	return frame % RATE < 3000 ? 1.6 : 0.3;
}

static double grows(size_t frame)
{
	return (double)frame / FRAMES;
}

static void what_is_quiet_is_not_oversampled(void **state)
{
	(void)state;
	noise(bursts);
	assert_same(1024, 0.1);
	assert_same(37, 0.1);
	noise(grows);
	assert_same(1024, 1);
}

/* EBU Tech 3341 allows 0.2 dB above the true peak and 0.4 below. */
static void another_library_finds_nearly_the_same(void **state)
{
	size_t examined;

	(void)state;
	noise(grows);
	assert_true(fabs(20 * log10(found(1024, &examined) / elsewhere())) < 0.2);
	for (size_t i = 0; i < FRAMES * CHANNELS; i++)
		sound[i] = (float)(0.5 * sin(0.9 * (double)(i / CHANNELS)));
	assert_true(fabs(20 * log10(found(1024, &examined) / elsewhere())) < 0.2);
}

static void one_sample_counts(void **state)
{
	(void)state;
	noise(bursts);
	sound[CHANNELS * 2 * RATE + 1] = -1.3F; /* at the end and the beginning of stretches, too */
	assert_same(1024, 0.1);
	sound[CHANNELS * 255 + 1] = 1.5F;
	assert_same(1024, 0.1);
	sound[CHANNELS * 512] = 1.7F;
	assert_same(1024, 0.1);
}

/* Two samples at the end of a stretch, the peak between them: the filter tells of it in the next one. */
static void a_peak_at_the_end_of_a_stretch_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < FRAMES * CHANNELS; i++)
		sound[i] = 0;
	sound[CHANNELS * 1022] = sound[CHANNELS * 1023] = 0.7F;
	assert_true(expected() > 0.8);
	assert_same(1024, 0.1);
}

/* And at the beginning of one, behind a stretch that was not oversampled. */
static void a_peak_at_the_beginning_of_a_stretch_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < FRAMES * CHANNELS; i++)
		sound[i] = 0;
	sound[0] = 0.8F;
	sound[CHANNELS * 10239] = 0.44F;
	sound[CHANNELS * 10240] = 0.79F;
	assert_true(expected() > 0.81);
	assert_same(1024, 0.1);
}

static void silence_has_no_peak(void **state)
{
	size_t examined;

	(void)state;
	for (size_t i = 0; i < FRAMES * CHANNELS; i++)
		sound[i] = 0;
	assert_true(found(1024, &examined) == 0);
	assert_int_equal(examined, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(between_the_samples_it_is_higher),
		cmocka_unit_test(what_is_quiet_is_not_oversampled),
		cmocka_unit_test(another_library_finds_nearly_the_same),
		cmocka_unit_test(one_sample_counts),
		cmocka_unit_test(a_peak_at_the_end_of_a_stretch_counts),
		cmocka_unit_test(a_peak_at_the_beginning_of_a_stretch_counts),
		cmocka_unit_test(silence_has_no_peak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
