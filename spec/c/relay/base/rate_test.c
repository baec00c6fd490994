/* SPDX-License-Identifier: MIT
 *
 * Rates of full windows of two seconds, and of silence.
 */
#include "relay/base/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define S 1000000LL

static void measures_a_full_window(void **state)
{
	struct cme_rate rate = { 0 };

	(void)state;
	for (int i = 0; i <= 50; i++)
		cme_rate_add(&rate, S + i * S / 25, 1000, 1);
	assert_float_equal(rate.fps, 25, 0.01);
	assert_float_equal(rate.kbps, 200, 0.01);
}

static void reads_zero_after_silence(void **state)
{
	struct cme_rate rate = { 0 };

	(void)state;
	cme_rate_add(&rate, S, 1000, 1);
	cme_rate_settle(&rate, 3 * S);
	assert_float_equal(rate.kbps, 4, 0.01);
	cme_rate_settle(&rate, 5 * S);
	assert_float_equal(rate.kbps, 0, 0.01);
	assert_float_equal(rate.fps, 0, 0.01);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(measures_a_full_window),
		cmocka_unit_test(reads_zero_after_silence),
	};

	return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
