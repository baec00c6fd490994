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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(never_steps_back_and_has_one_origin) };

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
