/* SPDX-License-Identifier: MIT
 *
 * A platform that has not noticed the end of our session refuses the next publish as "already publishing".
 * An output that was on the air for 10 s asks again within 2 s, for a minute; one that never was does not.
 */
#include "relay/base/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct cme_backoff backoff;

static int fresh_backoff(void **state)
{
	(void)state;
	cme_backoff_init(&backoff, cme_backoff_outputs);
	return 0;
}

static double fail_at(double now_s, double lived_s, bool refused)
{
	struct cme_backoff_end end = { .now_s = now_s, .lived_s = lived_s, .refused = refused, .unit = 1 };

	return cme_backoff_next(&backoff, &end);
}

static void asks_within_2_s_for_a_minute(void **state)
{
	double now_s = 1000;
	int attempts = 0;

	(void)state;
	now_s += fail_at(now_s, 600, false);
	while (now_s < 1060) {
		double delay_s = fail_at(now_s, 0, true);

		assert_true(delay_s <= 2);
		now_s += delay_s;
		attempts++;
	}
	assert_in_range(attempts, 33, 34);
	assert_float_equal(fail_at(now_s, 0, true), 5,
			   1e-9); /* then as slowly as the others, from the start */
	assert_float_equal(fail_at(now_s, 0, true), 10, 1e-9);
}

static void keeps_the_pace_over_short_connections_and_other_failures(void **state)
{
	(void)state;
	fail_at(1000, 10, false);
	for (int i = 1; i < 59; i++)
		assert_true(fail_at(1000 + i, i % 3 ? 0 : 4, i % 2) <= 2);
}

static void is_slow_where_nothing_was_on_the_air(void **state)
{
	(void)state;
	assert_float_equal(fail_at(1000, 0, true), 5, 1e-9);
	assert_float_equal(fail_at(1005, 9.9, true), 10, 1e-9);
	assert_float_equal(fail_at(1025, 0, true), 20, 1e-9);
}

static void each_good_connection_begins_a_minute_of_its_own(void **state)
{
	(void)state;
	fail_at(1000, 10, false);
	assert_true(fail_at(1200, 0, true) > 2);
	fail_at(1300, 20, false);
	assert_true(fail_at(1359, 0, true) <= 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(asks_within_2_s_for_a_minute, fresh_backoff),
		cmocka_unit_test_setup(keeps_the_pace_over_short_connections_and_other_failures,
				       fresh_backoff),
		cmocka_unit_test_setup(is_slow_where_nothing_was_on_the_air, fresh_backoff),
		cmocka_unit_test_setup(each_good_connection_begins_a_minute_of_its_own, fresh_backoff),
	};

	return cmocka_run_group_tests_name("12-stale-session", tests, NULL, NULL);
}
