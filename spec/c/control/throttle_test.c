/* SPDX-License-Identifier: MIT
 *
 * Lines of several subjects against the clock.
 */
#include "control/throttle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define S 1000000LL

static struct cme_throttle throttle;

static bool admit(const char *subject, int64_t now_us, unsigned *left_out)
{
	return cme_throttle_admit(&throttle, subject, now_us, left_out);
}

static void lets_a_burst_pass_and_counts_the_rest(void **state)
{
	unsigned left_out;

	(void)state;
	memset(&throttle, 0, sizeof throttle);
	for (int i = 0; i < CME_THROTTLE_BURST; i++)
		assert_true(admit("1", 100 * S, &left_out));
	for (int i = 0; i < 7; i++)
		assert_false(admit("1", 100 * S + S / 2, &left_out));
	assert_true(admit("1", 102 * S, &left_out));
	assert_int_equal(left_out, 7);
	assert_true(admit("1", 102 * S, &left_out));
	assert_int_equal(left_out, 0);
	assert_false(admit("1", 102 * S, &left_out));
}

static void one_subject_costs_another_nothing(void **state)
{
	unsigned left_out;

	(void)state;
	memset(&throttle, 0, sizeof throttle);
	for (int i = 0; i < 1000; i++)
		admit("1", 100 * S, &left_out);
	assert_false(admit("1", 100 * S, &left_out));
	assert_true(admit("2", 100 * S, &left_out));
	assert_int_equal(left_out, 0);
}

static void silence_gives_back_no_more_than_a_burst(void **state)
{
	unsigned left_out;
	int passed = 0;

	(void)state;
	memset(&throttle, 0, sizeof throttle);
	admit("1", 1 * S, &left_out);
	for (int i = 0; i < 1000; i++)
		passed += admit("1", 100000 * S, &left_out);
	assert_int_equal(passed, CME_THROTTLE_BURST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lets_a_burst_pass_and_counts_the_rest),
		cmocka_unit_test(one_subject_costs_another_nothing),
		cmocka_unit_test(silence_gives_back_no_more_than_a_burst),
	};

	return cmocka_run_group_tests_name("throttle", tests, NULL, NULL);
}
