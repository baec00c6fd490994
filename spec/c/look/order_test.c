/* SPDX-License-Identifier: MIT
 * Tests of src/look/order.c: what cme-look is told. */
#include "look/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int take(struct cme_look_order *order, const char *line, struct cme_err *err)
{
	json_t *told = json_loads(line, 0, NULL);

	assert_non_null(told);
	return cme_look_order_init(order, told, err);
}

static void addresses_alone_are_enough(void **state)
{
	struct cme_look_order order;
	struct cme_err err;

	(void)state;
	assert_int_equal(take(&order, "{\"urls\":[\"rtmp://h/a/b\",\"/film.flv\"]}", &err), 0);
	assert_int_equal(order.count, 2);
	assert_string_equal(order.urls[1], "/film.flv");
	assert_null(order.source);
	assert_true(order.for_s == 0 && order.every_s == 10 && order.tell_s == 10);
	cme_look_order_fini(&order);
}

/* A time of less than a microsecond was added for ever to reach the next look. */
static void times_are_bounded(void **state)
{
	struct cme_look_order order;
	struct cme_err err;

	(void)state;
	assert_int_equal(take(&order, "{\"urls\":[\"a\"],\"every\":1e-9,\"tell\":1e-9}", &err), 0);
	assert_true(order.every_s == 0.1 && order.tell_s == 0.1);
	cme_look_order_fini(&order);
	assert_int_equal(take(&order, "{\"urls\":[\"a\"],\"every\":-1,\"for\":1e300,\"tell\":\"3\"}", &err),
			 0);
	assert_true(order.every_s == 10 && order.for_s == 0 && order.tell_s == 10);
	cme_look_order_fini(&order);
}

static void an_order_without_addresses_is_none(void **state)
{
	const char *lines[] = { "{}", "[]", "{\"urls\":[]}", "{\"urls\":[3]}", "{\"urls\":\"a\"}" };
	struct cme_look_order order;
	struct cme_err err;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		assert_int_equal(take(&order, lines[i], &err), -1);
		assert_string_equal(err.code, "internal");
		cme_look_order_fini(&order);
	}
}

static void a_folder_that_is_none_is_refused(void **state)
{
	struct cme_look_order order;
	struct cme_err err;

	(void)state;
	assert_int_equal(take(&order, "{\"urls\":[\"a\"],\"pictures\":\"/nowhere/at/all\"}", &err), -1);
	assert_string_equal(err.code, "invalid.pictures");
	cme_look_order_fini(&order);
}

static void a_playlist_is_late_later(void **state)
{
	struct cme_look_order order;
	struct cme_err err;

	(void)state;
	assert_int_equal(take(&order, "{\"urls\":[\"a\"]}", &err), 0);
	assert_true(cme_look_order_late(&order, "rtmp://h/a/b") == 2.5);
	assert_true(cme_look_order_late(&order, "https://h/live.m3u8?token=x.flv") == 25);
	assert_true(cme_look_order_late(&order, "https://h/live.flv?from=x.m3u8") == 2.5);
	cme_look_order_fini(&order);
	assert_int_equal(take(&order, "{\"urls\":[\"a\"],\"late\":4}", &err), 0);
	assert_true(cme_look_order_late(&order, "https://h/live.m3u8") == 4);
	cme_look_order_fini(&order);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_alone_are_enough),
		cmocka_unit_test(times_are_bounded),
		cmocka_unit_test(an_order_without_addresses_is_none),
		cmocka_unit_test(a_folder_that_is_none_is_refused),
		cmocka_unit_test(a_playlist_is_late_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
