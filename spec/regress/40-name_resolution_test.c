/* SPDX-License-Identifier: MIT
 *
 * "A thread is stuck in name resolution" was said of every thread that had not ended in time, whatever it
 * did.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "relay/base/life.h"
#include "relay/base/sys.h"

static struct cme_life resolver;

static int slow(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **list)
{
	(void)host;
	(void)service;
	(void)hints;
	(void)list;
	assert_true(cme_life_resolving(&resolver));
	assert_int_equal(cme_life_ask(&resolver, cme_now_us() + 60000000), 0);
	assert_int_equal(cme_life_ask(&resolver, cme_now_us() + 90000000), 0);
	resolver.asked_us = 1;
	return 7;
}

static void name_resolution_is_known_and_is_not_being_stuck(void **state)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST };
	struct addrinfo *list = NULL;

	(void)state;
	cme_life_init(&resolver);
	cme_life_begin(&resolver);
	assert_int_equal(cme_life_resolve(slow, "h", NULL, NULL, NULL), 7);
	assert_false(cme_life_resolving(&resolver));
	assert_int_equal(cme_life_ask(&resolver, cme_now_us()), 0); /* coming back from there was a sign */
	assert_int_equal(getaddrinfo("127.0.0.1", NULL, &hints, &list), 0); /* goes on to the C library's */
	freeaddrinfo(list);
	cme_life_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_resolution_is_known_and_is_not_being_stuck),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
