/* SPDX-License-Identifier: MIT
 *
 * Records in and out, sets that replace others, and bytes that are cut off or wrong anywhere.
 */
#include "stream/nal/sets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hevc_sample.h"

#define SPS      0x67, 0x64, 0x0, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x2, 0x27, 0xe5, 0xc0
#define PPS      0x68, 0xeb, 0xe3, 0xcb
#define PPS_ELSE 0x68, 0xeb, 0xe3, 0xcc

static const uint8_t record[] = {
	1, 0x64, 0, 0x28, 0xfd, 0xe1, 0, 12, SPS, 1, 0, 4, PPS, 0xfd, 0xf8, 0xf8, 0
};
static const uint8_t other[] = { 1, 0x64, 0, 0x28,     0xfd, 0xe1, 0,    12, SPS,
				 1, 0,    4, PPS_ELSE, 0xfd, 0xf8, 0xf8, 0 };

static void expect(const struct cme_sets *sets, const uint8_t *data, size_t len)
{
	struct cme_buf buf;

	cme_buf_init(&buf, 1000);
	assert_int_equal(cme_sets_record(sets, &buf), 0);
	assert_int_equal(buf.len, len);
	assert_memory_equal(buf.data, data, len);
	cme_buf_fini(&buf);
}

static void gives_a_record_back(void **state)
{
	struct cme_sets sets;

	(void)state;
	cme_sets_init(&sets, &cme_sets_h264);
	assert_int_equal(cme_sets_read(&sets, record, sizeof record), 0);
	expect(&sets, record, sizeof record);
	cme_sets_fini(&sets);
}

static void replaces_a_set_by_its_id(void **state)
{
	static const uint8_t same[] = { 0, 4, PPS, 0, 2, 0x65, 0x88 };
	static const uint8_t another[] = { 0, 4, PPS_ELSE, 0, 2, 0x65, 0x88 };
	struct cme_sets sets;

	(void)state;
	cme_sets_init(&sets, &cme_sets_h264);
	assert_int_equal(cme_sets_read(&sets, record, sizeof record), 0);
	assert_false(cme_sets_watch(&sets, same, sizeof same, sets.length_size));
	assert_true(cme_sets_watch(&sets, another, sizeof another, sets.length_size));
	expect(&sets, other, sizeof other);
	cme_sets_fini(&sets);
}

static void needs_both_kinds(void **state)
{
	static const uint8_t sps[] = { 0, 0, 1, SPS };
	struct cme_sets sets;
	struct cme_buf buf;

	(void)state;
	cme_sets_init(&sets, &cme_sets_h264);
	cme_buf_init(&buf, 1000);
	assert_int_equal(cme_sets_record(&sets, &buf), -1);
	assert_true(cme_sets_watch(&sets, sps, sizeof sps, 0));
	assert_int_equal(cme_sets_record(&sets, &buf), -1);
	cme_buf_fini(&buf);
	cme_sets_fini(&sets);
}

/* Every prefix and every flipped bit: never a crash, and never more than there is room for. */
static void survives_broken_bytes(void **state)
{
	struct cme_sets sets;
	uint8_t copy[sizeof record];

	(void)state;
	cme_sets_init(&sets, &cme_sets_h264);
	for (size_t bit = 0; bit < 8 * sizeof record; bit++) {
		memcpy(copy, record, sizeof record);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		for (size_t len = 0; len <= sizeof record; len++) {
			struct cme_buf buf;

			cme_sets_read(&sets, copy, len);
			for (size_t prefix = 0; prefix <= 4; prefix++)
				cme_sets_watch(&sets, copy, len, prefix);
			cme_buf_init(&buf, 1000);
			cme_sets_record(&sets, &buf);
			cme_buf_fini(&buf);
		}
	}
	cme_sets_fini(&sets);
}

static void makes_a_record_of_hevc(void **state)
{
	static const uint8_t stream[] = { 0, 0,        1, 0x46, 1, 0x50,     0, 0, 0, 1,    HEVC_VPS, 0,   0,
					  1, HEVC_SPS, 0, 0,    1, HEVC_PPS, 0, 0, 1, 0x28, 1,        0xac };
	static const uint8_t lengths[] = { 0, 0, 0, 24,       HEVC_VPS, 0, 0, 0, 43,   HEVC_SPS, 0,
					   0, 0, 6, HEVC_PPS, 0,        0, 0, 3, 0x28, 1,        0xac };
	static const uint8_t hvcc[] = { HEVC_RECORD };
	struct cme_sets sets;
	struct cme_buf units;

	(void)state;
	cme_sets_init(&sets, cme_sets_kind(CME_CODEC_HEVC));
	assert_true(cme_sets_watch(&sets, stream, sizeof stream, 0));
	expect(&sets, hvcc, sizeof hvcc);
	assert_false(cme_sets_watch(&sets, stream, sizeof stream, 0));
	assert_int_equal(cme_sets_read(&sets, hvcc, sizeof hvcc), 0);
	expect(&sets, hvcc, sizeof hvcc);
	assert_true(cme_sets_is_record(sets.kind, hvcc, sizeof hvcc));
	assert_false(cme_sets_is_record(sets.kind, stream, sizeof stream));
	cme_buf_init(&units, 1024);
	assert_int_equal(cme_sets_to_lengths(sets.kind, stream, sizeof stream, &units), 0);
	assert_int_equal(units.len, sizeof lengths);
	assert_memory_equal(units.data, lengths, sizeof lengths);
	cme_buf_fini(&units);
	cme_sets_fini(&sets);
}

/* Lengths of one byte, as the record says: a set that they cannot tell would make a record that cannot be
 * taken apart. Found by picture_fuzz. */
static void leaves_out_a_set_that_is_too_long_for_the_lengths(void **state)
{
	static const uint8_t hvcc[] = { HEVC_RECORD };
	uint8_t short_lengths[sizeof hvcc], stream[300] = { 0, 0, 1, HEVC_PPS };
	struct cme_sets sets;
	struct cme_buf out, units;

	(void)state;
	memcpy(short_lengths, hvcc, sizeof hvcc);
	short_lengths[21] &= 0xfc;
	memset(stream + 9, 0xab, sizeof stream - 9);
	cme_sets_init(&sets, &cme_sets_hevc);
	assert_int_equal(cme_sets_read(&sets, short_lengths, sizeof short_lengths), 0);
	assert_int_equal(sets.length_size, 1);
	assert_false(cme_sets_watch(&sets, stream, sizeof stream, 0));
	cme_buf_init(&out, 1024);
	cme_buf_init(&units, 1024);
	assert_int_equal(cme_sets_record(&sets, &out), 0);
	assert_int_equal(cme_sets_units(sets.kind, (const uint8_t *)out.data, out.len, &units), 0);
	cme_buf_fini(&out);
	cme_buf_fini(&units);
	cme_sets_fini(&sets);
}

static void keeps_nothing_of_other_codecs(void **state)
{
	struct cme_sets sets;
	struct cme_buf out;

	(void)state;
	cme_sets_init(&sets, cme_sets_kind(CME_CODEC_AV1));
	assert_int_equal(cme_sets_read(&sets, record, sizeof record), -1);
	assert_false(cme_sets_watch(&sets, record, sizeof record, 0));
	cme_buf_init(&out, 16);
	assert_int_equal(cme_sets_record(&sets, &out), -1);
	cme_sets_fini(&sets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_a_record_of_hevc),
		cmocka_unit_test(leaves_out_a_set_that_is_too_long_for_the_lengths),
		cmocka_unit_test(keeps_nothing_of_other_codecs),
		cmocka_unit_test(gives_a_record_back),
		cmocka_unit_test(replaces_a_set_by_its_id),
		cmocka_unit_test(needs_both_kinds),
		cmocka_unit_test(survives_broken_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
