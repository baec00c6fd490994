/* SPDX-License-Identifier: MIT */
#include "common/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *text, *left;
} rows[] = {
	{ "", "" },
	{ " \t ", "" },
	{ "x", "x" },
	{ " x", "x" },
	{ "x\t", "x" },
	{ "\t a \t b\t ", "a \t b" },
	{ "\r\nx\r", "\r\nx\r" },
};

static void trims_spaces_and_tabs_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *text = rows[i].text;
		size_t len = strlen(text);

		cme_trim(&text, &len);
		assert_int_equal(len, strlen(rows[i].left));
		assert_memory_equal(text, rows[i].left, len);
	}
}

static void stays_within_the_length(void **state)
{
	const char *text = "  a  ";
	size_t len = 2;

	(void)state;
	cme_trim(&text, &len);
	assert_int_equal(len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trims_spaces_and_tabs_only),
		cmocka_unit_test(stays_within_the_length),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
