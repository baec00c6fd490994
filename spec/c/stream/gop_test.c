/* SPDX-License-Identifier: MIT
 *
 * What the cache holds after a run of packets: 'K' a keyframe, 'p' another one, each of 10 bytes.
 */
#include "stream/gop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int alive; /* packets that were pushed and not freed */

static void drop(void *packet)
{
	free(packet);
	alive--;
}

static void push_all(struct cme_gop *gop, const char *kinds)
{
	for (size_t i = 0; kinds[i]; i++) {
		char *packet = malloc(1);

		assert_non_null(packet);
		*packet = kinds[i];
		alive++;
		cme_gop_push(gop, packet, 10, kinds[i] == 'K');
	}
}

static const struct {
	size_t max_items, max_bytes;
	const char *pushed, *held;
} rows[] = {
	{ 99, 999, "", "" },           { 99, 999, "pp", "" },    { 99, 999, "ppKpp", "Kpp" },
	{ 99, 999, "KppKp", "Kp" },    { 99, 999, "KK", "K" },   { 3, 999, "Kppp", "" },
	{ 3, 999, "KppppKp", "Kp" },   { 99, 30, "Kpp", "Kpp" }, { 99, 30, "Kppp", "" },
	{ 99, 30, "KppppKpp", "Kpp" }, { 99, 5, "K", "" },
};

static void holds_what_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cme_gop gop;
		char held[16] = "";

		cme_gop_init(&gop, rows[i].max_items, rows[i].max_bytes, drop);
		push_all(&gop, rows[i].pushed);
		for (size_t n = 0; n < gop.count; n++)
			held[n] = *(char *)gop.packets[n];
		assert_string_equal(held, rows[i].held);
		assert_int_equal(gop.bytes, 10 * gop.count);
		assert_int_equal(alive, gop.count);
		cme_gop_fini(&gop);
		assert_int_equal(alive, 0);
	}
}

static void forgets_all_at_a_reconnect(void **state)
{
	struct cme_gop gop;

	(void)state;
	cme_gop_init(&gop, 99, 999, drop);
	push_all(&gop, "Kpp");
	cme_gop_clear(&gop);
	push_all(&gop, "pp");
	assert_int_equal(gop.count, 0);
	assert_int_equal(alive, 0);
	cme_gop_fini(&gop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_what_the_table_says),
		cmocka_unit_test(forgets_all_at_a_reconnect),
	};

	return cmocka_run_group_tests_name("gop", tests, NULL, NULL);
}
