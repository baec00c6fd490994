/* SPDX-License-Identifier: MIT
 * Tests of src/look/judge/pace.c. */
#include "look/judge/pace.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/clock.h"

static struct cme_pace pace;

/* `count` packets of 1000 bytes, so far apart in the stream and by the clock. */
static void feed(int count, int64_t dts_us, int64_t step_us, int64_t arrival_us, int64_t clock_us)
{
	for (int i = 0; i < count; i++)
		cme_pace_add(&pace, dts_us + i * step_us, arrival_us + i * clock_us, 1000);
}

static void counts_pictures_and_bits_of_the_last_seconds(void **state)
{
	(void)state;
	cme_pace_restart(&pace);
	assert_true(isnan(cme_pace_rate(&pace)) && isnan(cme_pace_bits(&pace)));
	feed(300, 0, 40000, 0, 40000);
	assert_true(fabs(cme_pace_rate(&pace) - 25) < 0.1);
	assert_true(fabs(cme_pace_bits(&pace) - 200000) < 1000);
	feed(100, 300 * 40000, 80000, 300 * 40000, 80000);
	assert_true(fabs(cme_pace_rate(&pace) - 12.5) < 0.1);
}

static void a_jump_begins_anew(void **state)
{
	(void)state;
	cme_pace_restart(&pace);
	feed(100, 0, 40000, 0, 40000);
	feed(1, 90 * CME_SECOND_US, 40000, 4 * CME_SECOND_US, 40000);
	assert_true(isnan(cme_pace_rate(&pace)));
	feed(1, 0, 40000, 4 * CME_SECOND_US, 40000);
	assert_true(isnan(cme_pace_rate(&pace)));
}

static void what_comes_too_slowly_is_missing(void **state)
{
	(void)state;
	cme_pace_restart(&pace);
	feed(500, 0, 40000, 0, 40000);
	assert_true(cme_pace_missing(&pace, 20 * CME_SECOND_US) < 0.02);
	assert_true(fabs(cme_pace_missing(&pace, 22 * CME_SECOND_US) - 0.2) < 0.03);
	cme_pace_restart(&pace);
	feed(500, 0, 40000, 0, 60000);
	assert_true(fabs(cme_pace_missing(&pace, 30 * CME_SECOND_US) - 0.33) < 0.03);
}

static void what_comes_in_bursts_is_not(void **state)
{
	int64_t arrival_us = 0;

	(void)state;
	cme_pace_restart(&pace);
	for (int burst = 0; burst < 20; burst++, arrival_us += CME_SECOND_US)
		feed(25, burst * CME_SECOND_US, 40000, arrival_us, 0);
	assert_true(cme_pace_missing(&pace, arrival_us) < 0.1);
}

static void a_short_while_says_nothing(void **state)
{
	(void)state;
	cme_pace_restart(&pace);
	feed(20, 0, 40000, 0, 40000);
	assert_true(isnan(cme_pace_missing(&pace, CME_SECOND_US)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_pictures_and_bits_of_the_last_seconds),
		cmocka_unit_test(a_jump_begins_anew),
		cmocka_unit_test(what_comes_too_slowly_is_missing),
		cmocka_unit_test(what_comes_in_bursts_is_not),
		cmocka_unit_test(a_short_while_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
