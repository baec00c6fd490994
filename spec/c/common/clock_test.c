/* SPDX-License-Identifier: MIT */
#include "common/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void never_steps_back_and_has_one_origin(void **state)
{
	int64_t last_us = cme_now_us();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t ms = cme_now_ms(), us = cme_now_us();

		assert_true(last_us / CME_MS_US <= ms && ms <= us / CME_MS_US);
		last_us = us;
	}
}

static void a_busy_machine_is_no_standstill(void **state)
{
	(void)state;
	assert_int_equal(cme_stood_still_us(100000, 90000), 0);
	assert_int_equal(cme_stood_still_us(100000, 1100000), 0);
	assert_int_equal(cme_stood_still_us(100000, 12100000), 12000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(never_steps_back_and_has_one_origin),
					    cmocka_unit_test(a_busy_machine_is_no_standstill) };

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
