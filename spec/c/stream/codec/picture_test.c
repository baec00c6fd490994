/* SPDX-License-Identifier: MIT
 *
 * Pictures of 322x182 as libaom and libvpx make them, and the same cut off anywhere.
 */
#include "stream/codec/picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../nal/hevc_sample.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

#define AV1_SEQUENCE "\x0a\x0b\0\0\0\x04\x3d\x06\xd4\xda\xf9\0\x40"
#define VP9_KEY      "\x82\x49\x83\x42\0\x14\x10\x0b\x56\x02"
#define VP8_KEY      "\xf0\x67\0\x9d\x01\x2a\x42\x01\xb6\0"

static const uint8_t hvcc[] = { HEVC_RECORD };

static const struct {
	enum cme_codec codec;
	bool config;
	const uint8_t *data;
	size_t len;
	size_t whole; /* bytes without which nothing is known; 0: nothing is known at all */
} rows[] = {
	{ CME_CODEC_HEVC, true, hvcc, sizeof hvcc, sizeof hvcc },
	{ CME_CODEC_AV1, true, BYTES("\x81\0\x0c\0" AV1_SEQUENCE), 13 },
	{ CME_CODEC_AV1, true, BYTES("\x81\0\x0c\0"), 0 },
	{ CME_CODEC_AV1, false, BYTES("\x12\0" AV1_SEQUENCE "\x32\2ab"), 11 },
	{ CME_CODEC_AV1, false, BYTES("\x32\2ab"), 0 },
	{ CME_CODEC_AV1, false, BYTES("\x32\x7f" AV1_SEQUENCE), 0 },
	{ CME_CODEC_VP9, false, BYTES(VP9_KEY), 9 },
	{ CME_CODEC_VP9, false, BYTES("\x86" VP9_KEY), 0 },
	{ CME_CODEC_VP8, false, BYTES(VP8_KEY), 10 },
	{ CME_CODEC_VP8, false, BYTES("\xf1\x67\0\x9d\x01\x2a\x42\x01\xb6\0"), 0 },
	{ CME_CODEC_MPEG4, false, BYTES("xxxxxxxxxxxx"), 0 },
	{ CME_CODEC_MPEG4, true, BYTES("xxxxxxxxxxxx"), 0 },
};

static void finds_the_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (size_t len = rows[i].len; len > 0; len--) {
			int width = 0, height = 0;
			bool found = rows[i].config ? cme_picture_read_config(rows[i].codec, rows[i].data,
									      len, &width, &height)
						    : cme_picture_read_frame(rows[i].codec, rows[i].data, len,
									     &width, &height);

			assert_int_equal(found, rows[i].whole && len >= rows[i].whole);
			assert_int_equal(width, found ? 322 : 0);
			assert_int_equal(height, found ? 182 : 0);
		}
	}
}

static const struct {
	enum cme_codec codec;
	const uint8_t *frame;
	size_t len;
	const char *record;
} records[] = {
	{ CME_CODEC_VP9, BYTES(VP9_KEY), "\0\x0b\x82\2\2\2\0\0" },
	{ CME_CODEC_VP8, BYTES(VP8_KEY), "\0\x0b\x82\2\2\2\0\0" },
};

static void makes_records(void **state)
{
	struct cme_buf out;

	(void)state;
	for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
		cme_buf_init(&out, 64);
		assert_true(cme_picture_put_record(records[i].codec, records[i].frame, records[i].len, &out));
		assert_int_equal(out.len, 8);
		assert_memory_equal(out.data, records[i].record, 8);
		assert_false(cme_picture_put_record(records[i].codec, records[i].frame, 4, &out));
		cme_buf_fini(&out);
	}
	assert_false(cme_picture_put_record(CME_CODEC_AV1, records[0].frame, records[0].len, &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_size),
		cmocka_unit_test(makes_records),
	};

	return cmocka_run_group_tests_name("picture", tests, NULL, NULL);
}
