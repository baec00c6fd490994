/* SPDX-License-Identifier: MIT */
#include "stream/nal/nal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void reads_bits_and_codes(void **state)
{
	static const uint8_t data[] = { 0xb5, 0x32, 0x98 }; /* 101 1 010 1 00110 010 1 ... */
	struct cme_bits bits = { .data = data, .count = 24 };

	(void)state;
	assert_int_equal(cme_bits_get(&bits, 3), 5);
	assert_int_equal(cme_bits_ue(&bits), 0);
	assert_int_equal(cme_bits_ue(&bits), 1);
	assert_int_equal(cme_bits_ue(&bits), 0);
	assert_int_equal(cme_bits_ue(&bits), 5);
	assert_int_equal(cme_bits_se(&bits), 1);
	assert_false(bits.failed);
	cme_bits_get(&bits, 32);
	assert_true(bits.failed);
}

static void takes_emulation_bytes_out(void **state)
{
	static const uint8_t unit[] = { 1, 0, 0, 3, 1, 0, 0, 3, 0, 0, 3 };
	uint8_t out[8];

	(void)state;
	assert_int_equal(cme_nal_unescape(unit, sizeof unit, out, sizeof out), 8);
	assert_memory_equal(out, "\1\0\0\1\0\0\0\0", 8);
	assert_int_equal(cme_nal_unescape(unit, sizeof unit, out, 3), 3);
}

static void finds_units_in_both_forms(void **state)
{
	static const struct {
		const char *bytes;
		size_t len, prefix;
		const char *units; /* each with a blank behind it */
	} rows[] = {
		{ "\0\0\1ab\0\0\0\1c", 10, 0, "ab c " },
		{ "x\0\0\1ab\0\0", 8, 0, "ab " },
		{ "\0\0\0\2ab\0\0\0\1c", 11, 4, "ab c " },
		{ "\0\2ab\0\x09z", 7, 2, "ab " },
		{ "\0\0", 2, 4, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cme_nal_units units =
			cme_nal_units((const uint8_t *)rows[i].bytes, rows[i].len, rows[i].prefix);
		const uint8_t *unit;
		char found[32] = "";
		size_t len;

		while (cme_nal_next(&units, &unit, &len)) {
			strncat(found, (const char *)unit, len);
			strcat(found, " ");
		}
		assert_string_equal(found, rows[i].units);
	}
}

static void appends_a_unit_behind_its_length(void **state)
{
	struct cme_buf out;

	(void)state;
	cme_buf_init(&out, 1024);
	assert_int_equal(cme_nal_append(&out, (const uint8_t *)"abc", 3, 2), 0);
	assert_memory_equal(out.data, "\0\3abc", 5);
	assert_int_equal(cme_nal_append(&out, (const uint8_t *)"abc", 300, 1), -1);
	cme_buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_bits_and_codes),
		cmocka_unit_test(takes_emulation_bytes_out),
		cmocka_unit_test(finds_units_in_both_forms),
		cmocka_unit_test(appends_a_unit_behind_its_length),
	};

	return cmocka_run_group_tests_name("nal", tests, NULL, NULL);
}
