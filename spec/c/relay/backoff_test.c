/* SPDX-License-Identifier: MIT
 *
 * The delays of consecutive failures, without and with the most jitter.
 */
#include "relay/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct row {
	double lived_s;
	int refused;
	double unit;
	double expected;
};

static void check(const struct row *rows, size_t count)
{
	struct cme_backoff backoff;

	cme_backoff_init(&backoff, cme_backoff_outputs);
	for (size_t i = 0; i < count; i++)
		assert_float_equal(cme_backoff_next(&backoff, rows[i].lived_s, rows[i].refused, rows[i].unit),
				   rows[i].expected, 1e-9);
}

static void doubles_up_to_the_cap(void **state)
{
	static const struct row rows[] = {
		{ 0, 0, 1, 0.5 }, { 0, 0, 1, 1 },  { 0, 0, 1, 2 },  { 0, 0, 1, 4 },
		{ 0, 0, 1, 8 },   { 0, 0, 1, 16 }, { 0, 0, 1, 30 }, { 0, 0, 1, 30 }
	};

	(void)state;
	check(rows, sizeof rows / sizeof rows[0]);
}

static void jitter_takes_at_most_half(void **state)
{
	static const struct row rows[] = { { 0, 0, 0, 0.25 }, { 0, 0, 0.5, 0.75 }, { 0, 0, 0, 1 } };

	(void)state;
	check(rows, sizeof rows / sizeof rows[0]);
}

static void starts_anew_after_a_good_connection_only(void **state)
{
	static const struct row rows[] = {
		{ 0, 0, 1, 0.5 }, { 0, 0, 1, 1 }, { 9.9, 0, 1, 2 }, { 10, 0, 1, 0.5 }, { 0, 0, 1, 1 }
	};

	(void)state;
	check(rows, sizeof rows / sizeof rows[0]);
}

static void refusals_wait_longer(void **state)
{
	static const struct row rows[] = { { 0, 1, 1, 5 },  { 0, 1, 1, 10 }, { 0, 1, 1, 20 },
					   { 0, 1, 1, 40 }, { 0, 1, 1, 60 }, { 0, 1, 1, 60 } };

	(void)state;
	check(rows, sizeof rows / sizeof rows[0]);
}

static void stays_at_the_cap_for_ever(void **state)
{
	struct cme_backoff backoff;

	(void)state;
	cme_backoff_init(&backoff, cme_backoff_inputs);
	for (int i = 0; i < 100000; i++)
		assert_true(cme_backoff_next(&backoff, 0, 0, 0.999) <= 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubles_up_to_the_cap),
		cmocka_unit_test(jitter_takes_at_most_half),
		cmocka_unit_test(starts_anew_after_a_good_connection_only),
		cmocka_unit_test(refusals_wait_longer),
		cmocka_unit_test(stays_at_the_cap_for_ever),
	};

	return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
