/* SPDX-License-Identifier: MIT
 *
 * Quantiles of delays: how near they are, and which window they are of.
 */
#include "relay/output/delay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define S  1000000LL
#define MS 1000LL

static void is_unknown_before_the_first(void **state)
{
	struct cme_delay delay = { 0 };

	(void)state;
	assert_int_equal(cme_delay_quantile(&delay, 0.5), -1);
}

/* Never too low, and an eighth too high at most (an eighth of a millisecond, for the short ones). */
static void is_an_eighth_off_at_most(void **state)
{
	(void)state;
	for (int64_t us = 0; us < 100 * S; us += us / 7 + 1) {
		struct cme_delay delay = { 0 };
		int64_t read;

		cme_delay_add(&delay, S, us);
		read = cme_delay_quantile(&delay, 1);
		assert_true(read > us);
		assert_true(read <= us + us / 8 + 125);
	}
}

static void bounds_what_is_out_of_range(void **state)
{
	struct cme_delay delay = { 0 };

	(void)state;
	cme_delay_add(&delay, S, -5);
	assert_int_equal(cme_delay_quantile(&delay, 1), 125);
	cme_delay_add(&delay, S, INT64_MAX);
	assert_true(cme_delay_quantile(&delay, 1) > 120 * S);
}

static void tells_the_middle_from_the_tail(void **state)
{
	struct cme_delay delay = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		cme_delay_add(&delay, S, i < 985 ? 4 * MS : 400 * MS);
	assert_in_range(cme_delay_quantile(&delay, 0.5), 4 * MS, 4500);
	assert_in_range(cme_delay_quantile(&delay, 0.98), 4 * MS, 4500);
	assert_in_range(cme_delay_quantile(&delay, 0.99), 400 * MS, 450 * MS);
}

static void is_of_the_last_full_window(void **state)
{
	struct cme_delay delay = { 0 };

	(void)state;
	cme_delay_add(&delay, S, 100 * MS);
	cme_delay_add(&delay, 6 * S, 5 * MS);
	assert_true(cme_delay_quantile(&delay, 0.5) >= 100 * MS);
	cme_delay_settle(&delay, 10 * S);
	assert_true(cme_delay_quantile(&delay, 0.5) >= 100 * MS);
	cme_delay_settle(&delay, 11 * S);
	assert_in_range(cme_delay_quantile(&delay, 0.5), 5 * MS, 6 * MS);
	cme_delay_settle(&delay, 16 * S);
	assert_int_equal(cme_delay_quantile(&delay, 0.5), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_unknown_before_the_first),
		cmocka_unit_test(is_an_eighth_off_at_most),
		cmocka_unit_test(bounds_what_is_out_of_range),
		cmocka_unit_test(tells_the_middle_from_the_tail),
		cmocka_unit_test(is_of_the_last_full_window),
	};

	return cmocka_run_group_tests_name("delay", tests, NULL, NULL);
}
