/* SPDX-License-Identifier: MIT */
#include "http/head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Adds lines up to NULL and returns what is read back, as "name=value;name=value;". */
static const char *read_back(const char *const *lines)
{
	static char out[1024];
	struct cme_http_head head;
	struct cme_http_header header;
	size_t offset = 0;

	cme_http_head_init(&head);
	for (; *lines; lines++)
		assert_int_equal(cme_http_head_add(&head, *lines, strlen(*lines)), 0);
	out[0] = '\0';
	while (cme_http_head_next(cme_buf_str(&head.text), head.text.len, &offset, &header)) {
		size_t used = strlen(out);

		snprintf(out + used, sizeof out - used, "%.*s=%.*s;", (int)header.name_len, header.name,
			 (int)header.value_len, header.value);
	}
	cme_http_head_fini(&head);
	return out;
}

static void reads_back_names_and_values(void **state)
{
	static const struct {
		const char *lines[8];
		const char *expected;
	} rows[] = {
		{ { NULL }, "" },
		{ { "HTTP/1.1 200 OK\r\n", "Content-Type: text/plain\r\n", "\r\n" },
		  "content-type=text/plain;" },
		{ { "HTTP/2 200\r\n", "a:b\r\n", "A: c\r\n", "\r\n" }, "a=b;a=c;" },
		{ { "HTTP/1.1 200\r\n", "x:\r\n", "y: \t z \t\r\n", "\r\n" }, "x=;y=z;" },
		{ { "HTTP/1.1 200\r\n", "u: http://h:1/\r\n", "\r\n" }, "u=http://h:1/;" },
		{ { "HTTP/1.1 200\r\n", "long: a\r\n", "  b\r\n", "\tc\r\n", "\r\n" }, "long=a b c;" },
		{ { "HTTP/1.1 200\r\n", " folded onto nothing\r\n", "a: b\r\n", "\r\n" }, "a=b;" },
		{ { "HTTP/1.1 103 Early\r\n", "e: 1\r\n", "\r\n", "HTTP/1.1 200 OK\r\n", "f: 2\r\n", "\r\n" },
		  "f=2;" },
		{ { "HTTP/1.1 200\r\n", "a: b\r\n", "\r\n", "trailer: x\r\n", "\r\n" }, "a=b;" },
		{ { "HTTP/1.1 200\r\n", "no colon\r\n", ": no name\r\n", "a: b\n", "\n" }, "a=b;" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(read_back(rows[i].lines), rows[i].expected);
}

static void knows_whether_it_ended(void **state)
{
	struct cme_http_head head;

	(void)state;
	cme_http_head_init(&head);
	cme_http_head_add(&head, "HTTP/1.1 200 OK\r\n", 17);
	cme_http_head_add(&head, "a: b\r\n", 6);
	assert_false(head.ended);
	cme_http_head_add(&head, "\r\n", 2);
	assert_true(head.ended);
	cme_http_head_reset(&head);
	assert_false(head.ended);
	cme_http_head_fini(&head);
}

static void is_bounded_in_lines_and_bytes(void **state)
{
	static char line[8192];
	struct cme_http_head head;
	int taken = 0;

	(void)state;
	cme_http_head_init(&head);
	while (taken <= CME_HTTP_LINES_MAX && cme_http_head_add(&head, "a: b\r\n", 6) == 0)
		taken++;
	assert_int_equal(taken, CME_HTTP_LINES_MAX);
	cme_http_head_reset(&head);
	memset(line, 'x', sizeof line);
	line[1] = ':';
	for (taken = 0; taken < 100 && cme_http_head_add(&head, line, sizeof line) == 0;)
		taken++;
	assert_int_equal(taken, CME_HTTP_HEAD_MAX / (int)sizeof line - 1);
	cme_http_head_reset(&head);
	cme_http_head_add(&head, "a: b\r\n", 6);
	line[0] = ' ';
	for (taken = 0; taken < 100 && cme_http_head_add(&head, line, sizeof line) == 0;)
		taken++;
	assert_true(taken < 10);
	cme_http_head_fini(&head);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_back_names_and_values),
		cmocka_unit_test(knows_whether_it_ended),
		cmocka_unit_test(is_bounded_in_lines_and_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
