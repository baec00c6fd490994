/* SPDX-License-Identifier: MIT */
#include "httpd/listen.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

static void writes_addresses_as_people_do(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(8156) };
	struct sockaddr other = { .sa_family = AF_UNIX };
	char text[CME_HTTPD_ADDRESS_MAX];

	(void)state;
	inet_pton(AF_INET, "127.0.0.1", &in.sin_addr);
	cme_httpd_address_text((const struct sockaddr *)&in, text);
	assert_string_equal(text, "127.0.0.1:80");
	inet_pton(AF_INET6, "::1", &in6.sin6_addr);
	cme_httpd_address_text((const struct sockaddr *)&in6, text);
	assert_string_equal(text, "[::1]:8156");
	inet_pton(AF_INET6, "::ffff:10.0.0.7", &in6.sin6_addr);
	cme_httpd_address_text((const struct sockaddr *)&in6, text);
	assert_string_equal(text, "10.0.0.7:8156");
	cme_httpd_address_text(&other, text);
	assert_string_equal(text, ":0");
}

static void says_why_it_cannot_listen(void **state)
{
	char host[CME_HTTPD_ADDRESS_MAX], expected[128];
	struct cme_err err = { 0 };
	int fd = cme_httpd_listen_open("localhost", 0, &err);
	unsigned port;

	(void)state;
	assert_true(fd >= 0);
	port = cme_httpd_listen_address(fd, host);
	assert_string_equal(host, "127.0.0.1");
	assert_int_equal(cme_httpd_listen_open("127.0.0.1", port, &err), -1);
	assert_string_equal(err.code, "server.listen");
	snprintf(expected, sizeof expected, "listen '127.0.0.1:%u': address already in use (", port);
	assert_memory_equal(err.message, expected, strlen(expected));
	close(fd);
	assert_int_equal(cme_httpd_listen_open("no.such.host", 1, &err), -1);
	assert_string_equal(
		err.message,
		"listen 'no.such.host:1': not an address (give a numeric one, such as 127.0.0.1 or ::1)");
}

static void raises_the_soft_limit_or_lowers_the_cap(void **state)
{
	struct rlimit limit;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = 300;
	limit.rlim_max = 900;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(cme_httpd_descriptors_ensure(20), 20);
	getrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(limit.rlim_cur, 300);
	assert_int_equal(cme_httpd_descriptors_ensure(500), 500);
	getrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(limit.rlim_cur, 756);
	assert_int_equal(cme_httpd_descriptors_ensure(4096), 644);
	getrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(limit.rlim_cur, 900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_addresses_as_people_do),
		cmocka_unit_test(says_why_it_cannot_listen),
		cmocka_unit_test(raises_the_soft_limit_or_lowers_the_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
