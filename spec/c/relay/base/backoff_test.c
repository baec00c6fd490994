/* SPDX-License-Identifier: MIT
 *
 * The delays of consecutive failures, without and with the most jitter.
 */
#include "relay/base/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct row {
	struct cme_backoff_end end;
	double expected;
};

static void check(const struct row *rows, size_t count)
{
	struct cme_backoff backoff;

	cme_backoff_init(&backoff, cme_backoff_outputs);
	for (size_t i = 0; i < count; i++)
		assert_float_equal(cme_backoff_next(&backoff, &rows[i].end), rows[i].expected, 1e-9);
}

static void doubles_up_to_the_cap(void **state)
{
	static const struct row rows[] = { { { .unit = 1 }, 0.5 }, { { .unit = 1 }, 1 },
					   { { .unit = 1 }, 2 },   { { .unit = 1 }, 4 },
					   { { .unit = 1 }, 8 },   { { .unit = 1 }, 16 },
					   { { .unit = 1 }, 30 },  { { .unit = 1 }, 30 } };

	(void)state;
	check(rows, sizeof rows / sizeof rows[0]);
}

static void jitter_takes_at_most_half(void **state)
{
	static const struct row rows[] = { { { .unit = 0 }, 0.25 },
					   { { .unit = 0.5 }, 0.75 },
					   { { .unit = 0 }, 1 } };

	(void)state;
	check(rows, sizeof rows / sizeof rows[0]);
}

static void starts_anew_after_a_good_connection_only(void **state)
{
	static const struct row rows[] = {
		{ { .unit = 1 }, 0.5 },
		{ { .unit = 1 }, 1 },
		{ { .unit = 1, .lived_s = 9.9 }, 2 },
		{ { .unit = 1, .lived_s = 10 }, 0.5 },
		{ { .unit = 1 }, 1 },
	};

	(void)state;
	check(rows, sizeof rows / sizeof rows[0]);
}

static void refusals_wait_longer(void **state)
{
	static const struct row rows[] = {
		{ { .unit = 1, .refused = true }, 5 },  { { .unit = 1, .refused = true }, 10 },
		{ { .unit = 1, .refused = true }, 20 }, { { .unit = 1, .refused = true }, 40 },
		{ { .unit = 1, .refused = true }, 60 }, { { .unit = 1, .refused = true }, 60 },
	};

	(void)state;
	check(rows, sizeof rows / sizeof rows[0]);
}

static void stays_at_the_cap_for_ever(void **state)
{
	struct cme_backoff backoff;

	(void)state;
	cme_backoff_init(&backoff, cme_backoff_inputs);
	for (int i = 0; i < 100000; i++)
		assert_true(cme_backoff_next(&backoff, &(struct cme_backoff_end){ .unit = 0.999 }) <= 5);
}

static void waits_a_second_at_most_for_a_socket_of_this_machine(void **state)
{
	struct cme_backoff backoff;

	(void)state;
	cme_backoff_init(&backoff, cme_backoff_sockets);
	for (int i = 0; i < 100; i++) {
		struct cme_backoff_end end = {
			.now_s = i + 1, .lived_s = i % 3, .refused = i % 2, .unit = 0.999
		};
		double delay_s = cme_backoff_next(&backoff, &end);

		assert_true(delay_s <= 1 && (i > 0 || delay_s <= 0.1));
	}
}

static void expect_proof(double lived_s, bool hung_up, double proof_s)
{
	static struct cme_backoff backoff;
	struct cme_backoff_end end = { .now_s = 1, .lived_s = lived_s, .hung_up = hung_up };

	if (lived_s < 0)
		cme_backoff_init(&backoff, cme_backoff_outputs);
	else
		cme_backoff_next(&backoff, &end);
	assert_float_equal(backoff.proof_s, proof_s, 1e-9);
}

/* A peer that hangs up after a while has to be believed for longer than that. */
static void asks_for_more_proof_after_each_hang_up(void **state)
{
	(void)state;
	expect_proof(-1, false, 0.5);
	expect_proof(0, true, 0.5); /* it did not accept us */
	expect_proof(0.2, true, 0.7);
	expect_proof(3, false, 0.7); /* the network failed */
	expect_proof(2, true, 2.5);
	expect_proof(1, true, 2.5);
	expect_proof(9.9, true, 10);
	expect_proof(10, true, 0.5); /* a good connection starts anew */
}

/* The platform still has the session of the host that published before. */
static void knocks_more_often_after_taking_over_whatever_is_answered(void **state)
{
	struct cme_backoff backoff;
	struct cme_backoff_end end = { .now_s = 1000, .unit = 1, .refused = true };

	(void)state;
	cme_backoff_init(&backoff, cme_backoff_outputs);
	cme_backoff_take_over(&backoff, end.now_s);
	assert_float_equal(cme_backoff_next(&backoff, &end), 1, 1e-9);
	for (end.now_s = 1001; end.now_s < 1060; end.now_s += 1.8)
		assert_float_equal(cme_backoff_next(&backoff, &end), 1.8, 1e-9);
	assert_float_equal(cme_backoff_next(&backoff, &end), 5, 1e-9);
}

/* The attempts in the first 10 s, the refused one among them, and the longest wait between two. */
static void expect_knocks(double unit, int attempts, double longest_s)
{
	struct cme_backoff backoff;
	struct cme_backoff_end end = { .now_s = 1000, .unit = unit, .refused = true };
	double wait_s, most_s = 0;
	int count = 0;

	cme_backoff_init(&backoff, cme_backoff_outputs);
	cme_backoff_take_over(&backoff, end.now_s);
	for (; end.now_s < 1010; end.now_s += wait_s) {
		wait_s = cme_backoff_next(&backoff, &end);
		most_s = wait_s > most_s ? wait_s : most_s;
		count++;
	}
	assert_int_equal(count, attempts);
	assert_float_equal(most_s, longest_s, 1e-9);
}

/* Platforms ban who hammers them. A connection takes a moment, too, and 2 s are promised. */
static void knocks_a_handful_of_times(void **state)
{
	(void)state;
	expect_knocks(0, 8, 1.35);
	expect_knocks(0.5, 7, 1.575);
	expect_knocks(0.99, 7, 1.7955);
}

/* Nobody said no: the network may be back at once. */
static void waits_no_longer_than_that_for_the_network(void **state)
{
	static const double waits[] = { 0.5, 1, 1.8, 1.8 };
	struct cme_backoff backoff;
	struct cme_backoff_end end = { .now_s = 1000, .unit = 1 };

	(void)state;
	cme_backoff_init(&backoff, cme_backoff_outputs);
	cme_backoff_take_over(&backoff, end.now_s);
	for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++)
		assert_float_equal(cme_backoff_next(&backoff, &end), waits[i], 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubles_up_to_the_cap),
		cmocka_unit_test(jitter_takes_at_most_half),
		cmocka_unit_test(waits_a_second_at_most_for_a_socket_of_this_machine),
		cmocka_unit_test(starts_anew_after_a_good_connection_only),
		cmocka_unit_test(refusals_wait_longer),
		cmocka_unit_test(stays_at_the_cap_for_ever),
		cmocka_unit_test(asks_for_more_proof_after_each_hang_up),
		cmocka_unit_test(knocks_more_often_after_taking_over_whatever_is_answered),
		cmocka_unit_test(knocks_a_handful_of_times),
		cmocka_unit_test(waits_no_longer_than_that_for_the_network),
	};

	return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
