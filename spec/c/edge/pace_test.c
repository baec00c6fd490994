/* SPDX-License-Identifier: MIT */
#include "edge/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SECOND 1000000
#define BEGIN  (1000LL * SECOND)

static struct cme_pace pace;

static unsigned enter(uint64_t address, unsigned times, int64_t now_us)
{
	unsigned entered = 0;

	while (times-- > 0)
		entered += cme_pace_enter(&pace, (struct cme_gate_address){ .high = address }, now_us);
	return entered;
}

static void an_address_comes_so_often_and_then_now_and_then(void **state)
{
	(void)state;
	cme_pace_init(&pace, 64);
	assert_int_equal(enter(1, 1000, BEGIN), 64);
	assert_int_equal(enter(1, 1000, BEGIN + SECOND), 4);
	assert_int_equal(enter(1, 1000, BEGIN + SECOND), 0);
	assert_int_equal(enter(1, 1000, BEGIN + 100 * SECOND), 64);
}

/* Of 4096 places, two addresses share one with some tries. */
static void one_address_takes_nothing_from_most_others(void **state)
{
	unsigned entered = 0;

	(void)state;
	cme_pace_init(&pace, 4);
	enter(0, 1000, BEGIN);
	for (uint64_t other = 1; other <= 10; other++)
		entered += enter(other, 1, BEGIN);
	assert_true(entered >= 8);
}

static void one_connection_comes_all_the_same(void **state)
{
	(void)state;
	cme_pace_init(&pace, 1);
	assert_int_equal(enter(1, 2, BEGIN), 1);
	assert_int_equal(enter(1, 2, BEGIN + 16 * SECOND), 1);
}

static void all_together_have_half_of_the_time(void **state)
{
	int64_t now = BEGIN, took = 0;

	(void)state;
	cme_pace_init(&pace, 64);
	while (now < BEGIN + 10 * SECOND) {
		bool has = cme_pace_has_time(&pace, now);

		now += 1000;
		if (!has)
			continue;
		cme_pace_take_time(&pace, 1000, now);
		took += 1000;
	}
	assert_true(took >= 5 * SECOND);
	assert_true(took <= 5 * SECOND + CME_PACE_BURST_US + 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_comes_so_often_and_then_now_and_then),
		cmocka_unit_test(one_address_takes_nothing_from_most_others),
		cmocka_unit_test(one_connection_comes_all_the_same),
		cmocka_unit_test(all_together_have_half_of_the_time),
	};

	return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
