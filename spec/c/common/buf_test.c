/* SPDX-License-Identifier: MIT */
#include "common/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void holds_what_is_appended(void **state)
{
	struct cme_buf buf;

	(void)state;
	cme_buf_init(&buf, 4096);
	assert_string_equal(cme_buf_str(&buf), "");
	assert_int_equal(cme_buf_puts(&buf, "abc"), 0);
	assert_int_equal(cme_buf_append(&buf, "\0d", 2), 0);
	assert_int_equal(cme_buf_puts(&buf, "e"), 0);
	assert_int_equal(buf.len, 6);
	assert_memory_equal(buf.data, "abc\0de", 7);
	cme_buf_fini(&buf);
	assert_null(buf.data);
}

static void refuses_what_passes_the_limit_and_keeps_the_rest(void **state)
{
	struct cme_buf buf;

	(void)state;
	cme_buf_init(&buf, 8);
	assert_int_equal(cme_buf_puts(&buf, "12345678"), 0);
	assert_int_equal(cme_buf_puts(&buf, "9"), -1);
	assert_true(buf.failed);
	assert_string_equal(cme_buf_str(&buf), "12345678");
	assert_int_equal(cme_buf_append(&buf, "", 0), 0);
	cme_buf_reset(&buf);
	assert_false(buf.failed);
	assert_int_equal(cme_buf_puts(&buf, "123456789"), -1);
	assert_int_equal(buf.len, 0);
	cme_buf_fini(&buf);
}

static void drops_from_the_front(void **state)
{
	struct cme_buf buf;

	(void)state;
	cme_buf_init(&buf, 64);
	cme_buf_consume(&buf, 1);
	cme_buf_puts(&buf, "line one\nline two");
	cme_buf_consume(&buf, 9);
	assert_string_equal(cme_buf_str(&buf), "line two");
	cme_buf_consume(&buf, 100);
	assert_int_equal(buf.len, 0);
	cme_buf_fini(&buf);
}

static void grows_past_its_first_allocation(void **state)
{
	struct cme_buf buf;
	char block[1000];

	(void)state;
	memset(block, 'x', sizeof block);
	cme_buf_init(&buf, 100000);
	for (int i = 0; i < 100; i++)
		assert_int_equal(cme_buf_append(&buf, block, sizeof block), 0);
	assert_int_equal(buf.len, 100000);
	assert_int_equal(strlen(buf.data), 100000);
	cme_buf_fini(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_what_is_appended),
		cmocka_unit_test(refuses_what_passes_the_limit_and_keeps_the_rest),
		cmocka_unit_test(drops_from_the_front),
		cmocka_unit_test(grows_past_its_first_allocation),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
