/* SPDX-License-Identifier: MIT */
#include "httpd/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "httpd/limits.h"

static int header(struct cme_httpd_message *message, const char *name, const char *value)
{
	return cme_httpd_message_add_header(message, name, strlen(name), value, strlen(value));
}

static void splits_the_target_at_its_first_question_mark(void **state)
{
	static const char *const rows[][3] = {
		{ "/", "/", "" },  { "/?", "/", "" }, { "/a%2Fb?b=%2F&a=+&&?", "/a%2Fb", "b=%2F&a=+&&?" },
		{ "?x", "", "x" }, { "", "", "" },    { "http://h/p?q#f", "http://h/p", "q#f" },
	};
	struct cme_httpd_message message;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cme_httpd_message_init(&message, 1000);
		assert_int_equal(cme_httpd_message_set_uri(&message, rows[i][0]), 0);
		assert_int_equal(cme_httpd_message_set_method(&message, "GET"), 0);
		assert_string_equal(cme_httpd_message_path(&message), rows[i][1]);
		assert_string_equal(cme_httpd_message_query(&message), rows[i][2]);
		assert_string_equal(cme_httpd_message_method(&message), "GET");
		cme_httpd_message_fini(&message);
	}
}

static void finds_headers_in_order_and_without_case(void **state)
{
	struct cme_httpd_message message;
	size_t cursor = 0;

	(void)state;
	cme_httpd_message_init(&message, 1000);
	cme_httpd_message_set_uri(&message, "/x-a");
	cme_httpd_message_set_method(&message, "GET");
	header(&message, "X-A", " one\t ");
	header(&message, "X-AB", "X-A");
	header(&message, "x-a", "");
	cme_httpd_message_add_header(&message, "X-B", 3, "b\0X-A", 5);
	header(&message, "X-a", "three");
	assert_string_equal(cme_httpd_message_find(&message, "x-A", &cursor), "one");
	assert_string_equal(cme_httpd_message_find(&message, "x-A", &cursor), "");
	assert_string_equal(cme_httpd_message_find(&message, "x-A", &cursor), "three");
	assert_null(cme_httpd_message_find(&message, "x-A", &cursor));
	cursor = 0;
	assert_string_equal(cme_httpd_message_find(&message, "x-b", &cursor), "b");
	cursor = 0;
	assert_null(cme_httpd_message_find(&message, "GET", &cursor));
	cme_httpd_message_fini(&message);
}

static void knows_the_declared_size(void **state)
{
	struct cme_httpd_message message;

	(void)state;
	cme_httpd_message_init(&message, 1000);
	cme_httpd_message_set_uri(&message, "/");
	cme_httpd_message_set_method(&message, "POST");
	assert_int_equal(cme_httpd_message_declared(&message), 0);
	header(&message, "content-length", "10485760");
	assert_int_equal(cme_httpd_message_declared(&message), 10485760);
	header(&message, "Transfer-Encoding", "chunked");
	assert_true(cme_httpd_message_declared(&message) == CME_HTTPD_BODY_UNKNOWN);
	cme_httpd_message_fini(&message);
}

static void refuses_what_passes_its_limit(void **state)
{
	struct cme_httpd_message message;

	(void)state;
	cme_httpd_message_init(&message, 16);
	assert_int_equal(cme_httpd_message_set_uri(&message, "/0123456789?abc"), 0);
	assert_int_equal(cme_httpd_message_set_method(&message, "POST"), -1);
	assert_true(message.text.failed);
	cme_httpd_message_fini(&message);
	cme_httpd_message_init(&message, 4);
	assert_int_equal(cme_httpd_message_set_uri(&message, "/0123456789"), -1);
	assert_string_equal(cme_httpd_message_query(&message), "");
	assert_string_equal(cme_httpd_message_method(&message), "");
	cme_httpd_message_fini(&message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_the_target_at_its_first_question_mark),
		cmocka_unit_test(finds_headers_in_order_and_without_case),
		cmocka_unit_test(knows_the_declared_size),
		cmocka_unit_test(refuses_what_passes_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
