/* SPDX-License-Identifier: MIT */
#include "httpd/origin.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct cme_httpd_origin of(const char *text)
{
	struct sockaddr_storage address = { 0 };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct cme_httpd_origin origin;

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		memcpy(&address, &in, sizeof in);
	else if (inet_pton(AF_INET6, text, &in6.sin6_addr) == 1)
		memcpy(&address, &in6, sizeof in6);
	cme_httpd_origin_of((const struct sockaddr *)&address, &origin);
	return origin;
}

static void test_which_are_the_same(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} CASES[] = {
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "192.0.2.1", "::ffff:192.0.2.1", true },
		{ "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true },
		{ "2001:db8:1:2::1", "2001:db8:1:3::1", false },
		{ "192.0.2.1", "c000:201::", false },
		{ "", "192.0.2.1", false },
		{ "", "", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct cme_httpd_origin a = of(CASES[i].a), b = of(CASES[i].b);

		assert_int_equal(CASES[i].same, cme_httpd_origin_equal(&a, &b));
		if (CASES[i].same)
			assert_int_equal(cme_httpd_origin_bucket(&a), cme_httpd_origin_bucket(&b));
	}
}

static void test_which_are_of_this_machine(void **state)
{
	(void)state;
	assert_true(of("127.0.0.1").loopback);
	assert_true(of("127.9.9.9").loopback);
	assert_true(of("::1").loopback);
	assert_true(of("::ffff:127.0.0.1").loopback);
	assert_false(of("128.0.0.1").loopback);
	assert_false(of("::2").loopback);
	assert_false(of("").loopback);
}

/* Neighbours are what one attacker has: they must not share a bucket. */
static void test_buckets_part_neighbours(void **state)
{
	int used[CME_HTTPD_ORIGIN_BUCKETS] = { 0 };
	char text[32];

	(void)state;
	for (int i = 0; i < 256; i++) {
		struct cme_httpd_origin origin;

		snprintf(text, sizeof text, "10.0.%d.%d", i / 16, i % 16);
		origin = of(text);
		assert_true(cme_httpd_origin_bucket(&origin) < CME_HTTPD_ORIGIN_BUCKETS);
		used[cme_httpd_origin_bucket(&origin)]++;
	}
	for (int i = 0; i < CME_HTTPD_ORIGIN_BUCKETS; i++)
		assert_true(used[i] <= 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_are_the_same),
		cmocka_unit_test(test_which_are_of_this_machine),
		cmocka_unit_test(test_buckets_part_neighbours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
