/* SPDX-License-Identifier: MIT
 * Tests of src/look/eye/ear.c: what is measured of the sound. */
#include "look/eye/ear.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { RATE = 48000 };

static float samples[RATE * 2];

/* Two seconds of a tone of 1 kHz in each channel, cut off at full scale. */
static struct cme_ear_facts heard(double left, double right)
{
	struct cme_ear_facts facts;
	struct cme_ear ear;

	for (int i = 0; i < RATE; i++) {
		double wave = sin(2 * M_PI * 1000 * i / RATE);

		samples[(size_t)i * 2] = (float)fmax(-1, fmin(1, left * wave));
		samples[(size_t)i * 2 + 1] = (float)fmax(-1, fmin(1, right * wave));
	}
	cme_ear_init(&ear);
	assert_true(cme_ear_hear(&ear, samples, RATE, 2, RATE));
	assert_true(cme_ear_hear(&ear, samples, RATE, 2, RATE));
	facts = ear.facts;
	cme_ear_fini(&ear);
	return facts;
}

static void levels_are_those_of_the_channels(void **state)
{
	struct cme_ear_facts facts = heard(0.1, 0.01);

	(void)state;
	assert_int_equal(facts.channels, 2);
	assert_true(fabs(facts.level_db[0] + 23) < 0.1 && fabs(facts.level_db[1] + 43) < 0.1);
	assert_true(fabs(cme_ear_loudest(&facts) + 23) < 0.1 && fabs(cme_ear_apart(&facts) - 20) < 0.1);
}

/* EBU Tech 3341: a stereo tone of 1 kHz with peaks at -23 dBFS is -23 LUFS. */
static void loudness_is_that_of_ebu_r128(void **state)
{
	struct cme_ear_facts facts = heard(0.0708, 0.0708);

	(void)state;
	assert_true(fabs(facts.momentary + 23) < 0.1 && fabs(facts.integrated + 23) < 0.1);
	assert_true(fabs(facts.true_peak_db + 23) < 0.2);
}

static void silence_has_a_level_and_no_loudness(void **state)
{
	struct cme_ear_facts facts = heard(0, 0);

	(void)state;
	assert_true(cme_ear_loudest(&facts) == -120);
	assert_true(isnan(cme_ear_apart(&facts)));
	assert_true(isnan(facts.momentary) && isnan(facts.integrated) && isnan(facts.true_peak_db));
}

static void what_is_cut_off_is_at_full_scale(void **state)
{
	(void)state;
	assert_true(heard(0.5, 0.5).clipped == 0);
	assert_true(heard(4, 4).clipped > 0.7);
}

static void an_ear_that_heard_nothing_says_nothing(void **state)
{
	struct cme_ear ear;

	(void)state;
	cme_ear_init(&ear);
	assert_true(isnan(cme_ear_loudest(&ear.facts)) && isnan(cme_ear_apart(&ear.facts)));
	assert_true(cme_ear_hear(&ear, samples, 100, 0, RATE));
	assert_true(cme_ear_hear(&ear, samples, 100, 200, RATE));
	assert_int_equal(ear.facts.channels, 0);
	cme_ear_fini(&ear);
}

/* FLAC may say any rate. */
static void a_rate_that_cannot_be_measured_says_nothing(void **state)
{
	const unsigned rates[] = { 5, 15, 3000000, RATE };
	struct cme_ear ear;

	(void)state;
	cme_ear_init(&ear);
	for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
		for (int again = 0; again < 2; again++)
			assert_int_equal(cme_ear_hear(&ear, samples, 1000, 2, rates[i]), rates[i] == RATE);
	cme_ear_fini(&ear);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_are_those_of_the_channels),
		cmocka_unit_test(loudness_is_that_of_ebu_r128),
		cmocka_unit_test(silence_has_a_level_and_no_loudness),
		cmocka_unit_test(what_is_cut_off_is_at_full_scale),
		cmocka_unit_test(an_ear_that_heard_nothing_says_nothing),
		cmocka_unit_test(a_rate_that_cannot_be_measured_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
