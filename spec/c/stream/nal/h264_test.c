/* SPDX-License-Identifier: MIT
 *
 * Sizes from real SPS units (made by x264), and start codes to length prefixes and back to units.
 */
#include "stream/nal/h264.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stream/nal/sets.h"

#define BYTES(name, ...) static const uint8_t name[] = { __VA_ARGS__ }

BYTES(sps0, 0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x0, 0xa0, 0x2f, 0xf9, 0x70, 0x11, 0x0, 0x0, 0x3, 0x0, 0x1, 0x0,
      0x0, 0x3, 0x0, 0x32, 0xf, 0x16, 0x2e, 0x48);
BYTES(sps1, 0x67, 0x64, 0x0, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x2, 0x27, 0xe5, 0xc0, 0x44, 0x0, 0x0, 0x3, 0x0,
      0x4, 0x0, 0x0, 0x3, 0x0, 0xc8, 0x3c, 0x60, 0xc6, 0x58);
BYTES(sps2, 0x67, 0x4d, 0x40, 0x15, 0xec, 0xa0, 0xf0, 0x47, 0xf5, 0x80, 0x88, 0x0, 0x0, 0x3, 0x0, 0x8, 0x0,
      0x0, 0x3, 0x1, 0x90, 0x78, 0xb1, 0x6c, 0xb0);
BYTES(sps3, 0x67, 0xf4, 0x0, 0x1f, 0x91, 0x9b, 0x28, 0xa, 0x0, 0xb7, 0x60, 0x22, 0x0, 0x0, 0x3, 0x0, 0x2, 0x0,
      0x0, 0x3, 0x0, 0x64, 0x1e, 0x30, 0x63, 0x2c);
BYTES(sps4, 0x67, 0x64, 0x0, 0x1e, 0xac, 0xd9, 0x40, 0xb4, 0x24, 0xd8, 0x8, 0x80, 0x0, 0x0, 0x3, 0x0, 0x80,
      0x0, 0x0, 0x19, 0xf, 0x8a, 0x14, 0xcb);
BYTES(sps5, 0x67, 0x7a, 0x0, 0xd, 0xbc, 0xd9, 0x41, 0x51, 0x9e, 0x22, 0x2f, 0x1, 0x10, 0x0, 0x0, 0x3, 0x0,
      0x10, 0x0, 0x0, 0x3, 0x3, 0x20, 0xf1, 0x42, 0x99, 0x60);

static const struct {
	const uint8_t *sps;
	size_t len;
	int width, height;
} sizes[] = {
	{ sps0, sizeof sps0, 640, 360 },  { sps1, sizeof sps1, 1920, 1080 }, { sps2, sizeof sps2, 480, 270 },
	{ sps3, sizeof sps3, 1280, 720 }, { sps4, sizeof sps4, 720, 576 },   { sps5, sizeof sps5, 322, 182 },
};

static void reads_the_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		int width = 0, height = 0;

		assert_true(cme_h264_sps_size(sizes[i].sps, sizes[i].len, &width, &height));
		assert_int_equal(width, sizes[i].width);
		assert_int_equal(height, sizes[i].height);
	}
}

/* Every prefix and every flipped bit of a real SPS: never a crash, never a size out of bounds. */
static void survives_broken_units(void **state)
{
	int width, height;

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		uint8_t copy[256];

		for (size_t bit = 0; bit < sizes[i].len * 8; bit++) {
			memcpy(copy, sizes[i].sps, sizes[i].len);
			copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
			for (size_t len = 0; len <= sizes[i].len; len++)
				if (cme_h264_sps_size(copy, len, &width, &height))
					assert_true(width > 0 && width <= 16384 && height > 0);
		}
	}
}

BYTES(annexb, 0, 0, 0, 1, 0x09, 0xf0, 0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1e, 0xaa, 0, 0, 1, 0x68, 0xce, 0, 0, 0,
      1, 0x65, 1, 2, 3, 0, 0, 1, 0x65, 4);
BYTES(lengths, 0, 0, 0, 5, 0x67, 0x42, 0xc0, 0x1e, 0xaa, 0, 0, 0, 2, 0x68, 0xce, 0, 0, 0, 4, 0x65, 1, 2, 3, 0,
      0, 0, 2, 0x65, 4);
BYTES(avcc, 1, 0x42, 0xc0, 0x1e, 0xff, 0xe1, 0, 5, 0x67, 0x42, 0xc0, 0x1e, 0xaa, 1, 0, 2, 0x68, 0xce);
BYTES(units, 0, 0, 0, 5, 0x67, 0x42, 0xc0, 0x1e, 0xaa, 0, 0, 0, 2, 0x68, 0xce);

static void expect(struct cme_buf *buf, int rc, const uint8_t *data, size_t len)
{
	assert_int_equal(rc, 0);
	assert_int_equal(buf->len, len);
	assert_memory_equal(buf->data, data, len);
	cme_buf_fini(buf);
}

static void converts_start_codes(void **state)
{
	struct cme_buf buf;

	(void)state;
	cme_buf_init(&buf, 1000);
	expect(&buf, cme_sets_to_lengths(&cme_sets_h264, annexb, sizeof annexb, &buf), lengths,
	       sizeof lengths);
	expect(&buf, cme_h264_parameter_units(avcc, sizeof avcc, &buf), units, sizeof units);
}

static void refuses_what_is_cut_or_too_large(void **state)
{
	struct cme_buf buf;

	(void)state;
	cme_buf_init(&buf, 1000);
	for (size_t len = 0; len < sizeof avcc; len++) {
		assert_int_equal(cme_h264_parameter_units(avcc, len, &buf), -1);
		cme_buf_reset(&buf);
	}
	cme_buf_fini(&buf);
	cme_buf_init(&buf, 8);
	assert_int_equal(cme_sets_to_lengths(&cme_sets_h264, annexb, sizeof annexb, &buf), -1);
	cme_buf_fini(&buf);
}

static void tells_the_two_forms_apart(void **state)
{
	(void)state;
	assert_true(cme_h264_is_avcc(avcc, sizeof avcc));
	assert_false(cme_h264_is_avcc(annexb, sizeof annexb));
	assert_false(cme_h264_is_avcc(avcc, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_size),
		cmocka_unit_test(survives_broken_units),
		cmocka_unit_test(converts_start_codes),
		cmocka_unit_test(refuses_what_is_cut_or_too_large),
		cmocka_unit_test(tells_the_two_forms_apart),
	};

	return cmocka_run_group_tests_name("h264", tests, NULL, NULL);
}
