/* SPDX-License-Identifier: MIT */
#include "common/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include <cmocka.h>

static const struct {
	const char *text;
	bool is_public;
} rows[] = {
	{ "1.1.1.1", true },
	{ "8.8.8.8", true },
	{ "100.63.255.255", true },
	{ "100.128.0.1", true },
	{ "172.15.0.1", true },
	{ "172.32.0.1", true },
	{ "223.255.255.255", true },
	{ "0.0.0.0", false },
	{ "10.1.2.3", false },
	{ "100.64.0.1", false },
	{ "127.0.0.1", false },
	{ "127.255.255.255", false },
	{ "169.254.169.254", false },
	{ "172.16.0.1", false },
	{ "172.31.255.255", false },
	{ "192.168.1.1", false },
	{ "198.19.0.1", false },
	{ "224.0.0.1", false },
	{ "255.255.255.255", false },
	{ "2606:4700::1111", true },
	{ "2a00:1450::1", true },
	{ "::", false },
	{ "::1", false },
	{ "fe80::1", false },
	{ "fc00::1", false },
	{ "fd12::1", false },
	{ "ff02::1", false },
	{ "2001:db8::1", false },
	{ "2001::1", false },
	{ "::ffff:1.1.1.1", true },
	{ "::ffff:127.0.0.1", false },
	{ "::ffff:10.0.0.1", false },
	{ "64:ff9b::1.1.1.1", true },
	{ "64:ff9b::192.168.0.1", false },
	{ "2002:101:101::1", true },
	{ "2002:7f00:1::1", false },
};

static void tells_public_addresses_from_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sockaddr_in v4 = { .sin_family = AF_INET };
		struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
		const struct sockaddr *address = strchr(rows[i].text, ':') ? (void *)&v6 : (void *)&v4;
		char text[INET6_ADDRSTRLEN];

		if (address->sa_family == AF_INET)
			assert_int_equal(inet_pton(AF_INET, rows[i].text, &v4.sin_addr), 1);
		else
			assert_int_equal(inet_pton(AF_INET6, rows[i].text, &v6.sin6_addr), 1);
		if (cme_address_public(address) != rows[i].is_public)
			fail_msg("%s: %d", rows[i].text, !rows[i].is_public);
		if (address->sa_family == AF_INET)
			assert_string_equal(cme_address_text(address, text, sizeof text), rows[i].text);
	}
}

static void takes_no_other_family(void **state)
{
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	char text[INET6_ADDRSTRLEN];

	(void)state;
	assert_false(cme_address_public((const struct sockaddr *)(const void *)&local));
	assert_string_equal(
		cme_address_text((const struct sockaddr *)(const void *)&local, text, sizeof text), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_public_addresses_from_others),
		cmocka_unit_test(takes_no_other_family),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
