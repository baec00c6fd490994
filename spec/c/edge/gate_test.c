/* SPDX-License-Identifier: MIT */
#include "edge/gate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct cme_gate_address of(const char *text)
{
	struct sockaddr_in in4 = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &in4.sin_addr) == 1)
		return cme_gate_address((const struct sockaddr *)&in4);
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return cme_gate_address((const struct sockaddr *)&in6);
}

static void open_gate(struct cme_gate *gate, size_t all, size_t strangers, size_t address)
{
	struct cme_gate_limits limits = {
		.all = all, .strangers = strangers, .address = address, .viewers = 1
	};

	assert_int_equal(cme_gate_init(gate, limits), 0);
}

static void counts_by_address_and_by_64(void **state)
{
	struct cme_gate gate;

	(void)state;
	open_gate(&gate, 100, 100, 2);
	assert_true(cme_gate_enter(&gate, of("2001:db8::1")));
	assert_true(cme_gate_enter(&gate, of("2001:db8::ffff:1")));
	assert_false(cme_gate_enter(&gate, of("2001:db8::2")));
	assert_true(cme_gate_enter(&gate, of("2001:db8:0:1::1")));
	assert_true(cme_gate_enter(&gate, of("192.0.2.1")));
	assert_true(cme_gate_enter(&gate, of("::ffff:192.0.2.1"))); /* the same, as a dual socket has it */
	assert_false(cme_gate_enter(&gate, of("192.0.2.1")));
	assert_true(cme_gate_enter(&gate, of("192.0.2.2")));
	cme_gate_leave(&gate, of("192.0.2.1"), true);
	assert_true(cme_gate_enter(&gate, of("192.0.2.1")));
	cme_gate_fini(&gate);
}

static void counts_all_and_strangers(void **state)
{
	struct cme_gate gate;

	(void)state;
	open_gate(&gate, 3, 2, 3);
	assert_true(cme_gate_enter(&gate, of("192.0.2.1")));
	assert_true(cme_gate_enter(&gate, of("192.0.2.2")));
	assert_false(cme_gate_enter(&gate, of("192.0.2.3"))); /* of strangers */
	cme_gate_admit(&gate);
	assert_true(cme_gate_enter(&gate, of("192.0.2.3")));
	cme_gate_admit(&gate);
	assert_false(cme_gate_enter(&gate, of("192.0.2.4"))); /* of all */
	cme_gate_leave(&gate, of("192.0.2.1"), false);
	assert_true(cme_gate_enter(&gate, of("192.0.2.4")));
	cme_gate_dismiss(&gate);
	assert_int_equal(gate.strangers, 3);
	cme_gate_fini(&gate);
}

/* Who watches takes no place of who publishes. */
static void counts_viewers(void **state)
{
	struct cme_gate_address one = of("192.0.2.1"), other = of("192.0.2.2");
	struct cme_gate gate;

	(void)state;
	open_gate(&gate, 4, 4, 4);
	assert_true(cme_gate_enter(&gate, one));
	assert_true(cme_gate_enter(&gate, other));
	assert_true(cme_gate_admit_viewer(&gate, one));
	assert_int_equal(gate.strangers, 1);
	assert_false(cme_gate_admit_viewer(&gate, other));
	assert_int_equal(gate.strangers, 1);
	cme_gate_dismiss_viewer(&gate, one);
	assert_int_equal(gate.strangers, 2);
	assert_true(cme_gate_admit_viewer(&gate, other));
	cme_gate_fini(&gate);
}

/* One address takes a quarter of the viewers' places, and gives back what it leaves. */
static void counts_viewers_by_address(void **state)
{
	struct cme_gate_limits limits = { .all = 20, .strangers = 20, .address = 20, .viewers = 8 };
	struct cme_gate_address one = of("192.0.2.1"), other = of("2001:db8::1");
	struct cme_gate gate;

	(void)state;
	assert_int_equal(cme_gate_init(&gate, limits), 0);
	for (int i = 0; i < 3; i++) {
		assert_true(cme_gate_enter(&gate, one));
		assert_true(cme_gate_enter(&gate, other));
	}
	assert_true(cme_gate_admit_viewer(&gate, one));
	assert_true(cme_gate_admit_viewer(&gate, one));
	assert_false(cme_gate_admit_viewer(&gate, one));
	assert_true(cme_gate_admit_viewer(&gate, other));
	cme_gate_dismiss_viewer(&gate, one);
	assert_true(cme_gate_admit_viewer(&gate, one));
	assert_int_equal(gate.viewers, 3);
	for (int i = 0; i < 2; i++)
		cme_gate_dismiss_viewer(&gate, one);
	for (int i = 0; i < 3; i++)
		cme_gate_leave(&gate, one, true);
	assert_true(cme_gate_enter(&gate, one)); /* whoever has its place in the list now */
	assert_true(cme_gate_admit_viewer(&gate, one));
	assert_true(cme_gate_admit_viewer(&gate, other));
	assert_false(cme_gate_admit_viewer(&gate, other));
	cme_gate_fini(&gate);
}

/* An engine of the same machine leaves its place to an encoder of it. */
static void our_own_count_for_no_address(void **state)
{
	struct cme_gate_address address = of("127.0.0.1");
	struct cme_gate gate;

	(void)state;
	open_gate(&gate, 4, 4, 1);
	assert_true(cme_gate_enter(&gate, address));
	assert_false(cme_gate_enter(&gate, of("127.0.0.1")));
	cme_gate_admit(&gate);
	cme_gate_own(&gate, &address);
	cme_gate_own(&gate, &address);
	assert_true(cme_gate_enter(&gate, of("127.0.0.1")));
	cme_gate_leave(&gate, address, false);
	assert_int_equal(gate.all, 1);
	assert_int_equal(gate.addresses, 1);
	cme_gate_fini(&gate);
}

/* Addresses that come and go leave nothing behind. */
static void forgets_who_went(void **state)
{
	struct cme_gate gate;

	(void)state;
	open_gate(&gate, 2, 2, 1);
	for (int i = 0; i < 100; i++) {
		char text[16] = "192.0.2.10";

		text[9] = (char)('0' + i % 10);
		assert_true(cme_gate_enter(&gate, of(text)));
		assert_true(cme_gate_enter(&gate, of("2001:db8::1")));
		cme_gate_leave(&gate, of(text), true);
		cme_gate_leave(&gate, of("2001:db8::1"), true);
	}
	assert_int_equal(gate.addresses, 0);
	assert_int_equal(gate.all, 0);
	assert_int_equal(gate.strangers, 0);
	cme_gate_fini(&gate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_by_address_and_by_64),
		cmocka_unit_test(counts_all_and_strangers),
		cmocka_unit_test(counts_viewers),
		cmocka_unit_test(counts_viewers_by_address),
		cmocka_unit_test(our_own_count_for_no_address),
		cmocka_unit_test(forgets_who_went),
	};

	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
