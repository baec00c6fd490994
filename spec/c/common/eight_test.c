/* SPDX-License-Identifier: MIT */
#include "common/eight.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Eight bytes, all `others` but one. */
static uint64_t eight_with(unsigned char byte, int at, unsigned char others)
{
	unsigned char text[CME_EIGHT];

	memset(text, others, sizeof text);
	text[at] = byte;
	return cme_eight_at(text);
}

static void finds_a_byte_at_each_place(void **state)
{
	(void)state;
	for (int byte = 0; byte < 256; byte++)
		for (int at = 0; at < CME_EIGHT; at++) {
			uint64_t eight = eight_with((unsigned char)byte, at, 'a');

			assert_int_equal(cme_eight_below(eight, ' '), byte < ' ');
			assert_int_equal(cme_eight_below(eight, 128), true); /* the others are */
			assert_int_equal(cme_eight_has(eight, 0x7f), byte == 0x7f);
			assert_int_equal(cme_eight_has(eight, 0), byte == 0);
			assert_int_equal(cme_eight_high(eight), byte >= 0x80);
		}
}

/* Where a subtraction borrows from the next byte. */
static void is_not_misled_by_neighbours(void **state)
{
	(void)state;
	for (int byte = 0; byte < 256; byte++)
		for (int others = ' '; others < 256; others++) {
			uint64_t eight = eight_with((unsigned char)byte, 3, (unsigned char)others);

			assert_int_equal(cme_eight_below(eight, ' '), byte < ' ');
			assert_int_equal(cme_eight_has(eight, '"'), byte == '"' || others == '"');
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_a_byte_at_each_place),
		cmocka_unit_test(is_not_misled_by_neighbours),
	};

	return cmocka_run_group_tests_name("eight", tests, NULL, NULL);
}
