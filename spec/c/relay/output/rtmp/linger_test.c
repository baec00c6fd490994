/* SPDX-License-Identifier: MIT */
#include "relay/output/rtmp/linger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MS    1000
#define BEGIN (1000LL * 1000 * MS)
#define MANY  20

/* Whether it pays in the end, of 100 batches so far apart. */
static bool pays(struct cme_linger *linger, size_t count, int64_t apart_us)
{
	bool pays = false;

	for (int i = 0; i < 100; i++)
		pays = cme_linger_pays(linger, count, linger->last_us + apart_us);
	return pays;
}

static void many_wait_for_what_comes_soon(void **state)
{
	struct cme_linger linger = { .last_us = BEGIN };

	(void)state;
	assert_true(pays(&linger, MANY, 5 * MS));
}

static void nobody_waits_for_what_comes_later(void **state)
{
	struct cme_linger linger = { .last_us = BEGIN };

	(void)state;
	assert_false(pays(&linger, MANY, CME_LINGER_MAX_US + MS));
	assert_false(pays(&linger, 500, CME_LINGER_MAX_US + MS));
}

static void few_never_wait(void **state)
{
	struct cme_linger linger = { .last_us = BEGIN };

	(void)state;
	for (size_t count = 0; count <= CME_LINGER_WAKE; count++)
		assert_false(pays(&linger, count, 0));
}

/* A source that is replaced by another one comes otherwise. */
static void it_learns_anew(void **state)
{
	struct cme_linger linger = { .last_us = BEGIN };

	(void)state;
	assert_true(pays(&linger, MANY, MS));
	assert_false(pays(&linger, MANY, 20 * MS));
	assert_true(pays(&linger, MANY, MS));
}

/* One of three batches comes soon: 20 destinations save more by it than it costs, 10 do not. */
static void the_more_there_are_the_sooner_it_pays(void **state)
{
	struct cme_linger linger = { .last_us = BEGIN };
	bool many = true, fewer = false;

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct cme_linger same = linger;
		int64_t now_us = linger.last_us + (i % 3 ? 20 : 5) * MS;

		if (i > 150)
			fewer = fewer || cme_linger_pays(&same, 10, now_us);
		many = (cme_linger_pays(&linger, 30, now_us) || i < 150) && many;
	}
	assert_true(many);
	assert_false(fewer);
}

static void how_long_it_is(void **state)
{
	(void)state;
	assert_int_equal(cme_linger_us(0), CME_LINGER_EACH_US);
	assert_int_equal(cme_linger_us(2), 2 * CME_LINGER_EACH_US);
	assert_int_equal(cme_linger_us(1000), CME_LINGER_MAX_US);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_wait_for_what_comes_soon),
		cmocka_unit_test(nobody_waits_for_what_comes_later),
		cmocka_unit_test(few_never_wait),
		cmocka_unit_test(it_learns_anew),
		cmocka_unit_test(the_more_there_are_the_sooner_it_pays),
		cmocka_unit_test(how_long_it_is),
	};

	return cmocka_run_group_tests_name("linger", tests, NULL, NULL);
}
