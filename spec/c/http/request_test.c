/* SPDX-License-Identifier: MIT */
#include "http/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void takes_urls_of_http_only(void **state)
{
	static const char *const good[] = { "http://h", "https://h/", "HTTP://h:80/p?q#f", "https://u:p@h/",
					    "http://[::1]:8080/" };
	static const char *const bad[] = {
		"",           "h",          "ftp://h/",  "http:/h",   "http://",
		"http:///p",  "http://?q",  "http://u@", "http://:1", "http://h/a b",
		"http://h\r", "http://h\n", "http://h\t"
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_null(cme_http_check_url(good[i], strlen(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_non_null(cme_http_check_url(bad[i], strlen(bad[i])));
	assert_non_null(cme_http_check_url("http://h\0x", 10));
}

static void takes_methods_that_are_tokens(void **state)
{
	(void)state;
	assert_null(cme_http_check_method("GET", 3));
	assert_null(cme_http_check_method("M-SEARCH", 8));
	assert_non_null(cme_http_check_method("", 0));
	assert_non_null(cme_http_check_method("GET /", 5));
	assert_non_null(cme_http_check_method("GET\r", 4));
	assert_non_null(cme_http_check_method("GE\0T", 4));
	assert_non_null(cme_http_check_method("ABCDEFGHIJKLMNOP", 16));
}

static void takes_header_lines_of_one_line(void **state)
{
	static const char *const bad[] = { "",       "x",       ":v",    "n ame: v", "n: v\r\ni: w",
					   "n: v\n", "n: \x7f", "n\t: v" };

	(void)state;
	assert_null(cme_http_check_header("Name: value", 11));
	assert_null(cme_http_check_header("Name:", 5));
	assert_null(cme_http_check_header("n: a\tb \xe6\x8e\xa8", 10));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_non_null(cme_http_check_header(bad[i], strlen(bad[i])));
	assert_non_null(cme_http_check_header("n: v\0w", 6));
}

static void shows_host_and_port_only(void **state)
{
	static const char *const rows[][2] = {
		{ "http://h", "h" },
		{ "https://h:8443/p?q=secret", "h:8443" },
		{ "https://user:secret@h/p", "h" },
		{ "https://a@b@h:1?secret", "h:1" },
		{ "http://[::1]:80/p@q", "[::1]:80" },
		{ "http://h?u@secret", "h" },
		{ "http://h\\@secret", "h" },
	};
	char out[CME_HTTP_HOST_MAX], tiny[3];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		cme_http_host_of(rows[i][0], out, sizeof out);
		assert_string_equal(out, rows[i][1]);
	}
	cme_http_host_of("http://host/", tiny, sizeof tiny);
	assert_string_equal(tiny, "ho");
}

static void knows_header_names_in_any_case(void **state)
{
	(void)state;
	assert_true(cme_http_header_is("Content-TYPE: x", "content-type"));
	assert_false(cme_http_header_is("Content-Type-X: x", "content-type"));
	assert_false(cme_http_header_is("Content", "content-type"));
}

static void sees_a_control_character_at_each_place(void **state)
{
	(void)state;
	for (size_t len = 1; len <= 24; len++)
		for (size_t at = 0; at < len; at++)
			for (int byte = 0; byte < 256; byte++) {
				char text[24];
				bool control = (byte < ' ' && byte != '\t') || byte == 0x7f;

				memset(text, 'a', len);
				text[at] = (char)byte;
				assert_int_equal(cme_http_check_plain(text, len) != NULL, control);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_urls_of_http_only),
		cmocka_unit_test(takes_methods_that_are_tokens),
		cmocka_unit_test(takes_header_lines_of_one_line),
		cmocka_unit_test(sees_a_control_character_at_each_place),
		cmocka_unit_test(shows_host_and_port_only),
		cmocka_unit_test(knows_header_names_in_any_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
