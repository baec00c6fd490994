/* SPDX-License-Identifier: MIT
 *
 * Payloads of one picture as different muxers write them have one print; other pictures have others.
 */
#include "relay/merge/print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PRINT(par, ...) print(par, (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

static uint8_t avcc4[] = { 1, 0x64, 0, 0x1f, 0xff, 0xe1 }, avcc2[] = { 1, 0x64, 0, 0x1f, 0xfd, 0xe1 };
static uint8_t hvcc4[23] = { 1, [21] = 0x03 };

static struct cme_params h264 = { .codec = CME_CODEC_H264,
				  .extradata = avcc4,
				  .extradata_len = sizeof avcc4 };
static struct cme_params h264_short = { .codec = CME_CODEC_H264,
					.extradata = avcc2,
					.extradata_len = sizeof avcc2 };
static struct cme_params h264_codes = { .codec = CME_CODEC_H264 };
static struct cme_params hevc = { .codec = CME_CODEC_HEVC,
				  .extradata = hvcc4,
				  .extradata_len = sizeof hvcc4 };
static struct cme_params hevc_codes = { .codec = CME_CODEC_HEVC };
static struct cme_params av1 = { .codec = CME_CODEC_AV1 };
static struct cme_params aac = { .codec = CME_CODEC_AAC };

static uint64_t print(const struct cme_params *par, const uint8_t *data, size_t len)
{
	return cme_print(par, data, len);
}

static void forms_of_one_picture_are_the_same(void **state)
{
	uint64_t bare = PRINT(&h264, 0, 0, 0, 3, 0x65, 1, 2);

	(void)state;
	assert_true(bare == PRINT(&h264_short, 0, 3, 0x65, 1, 2));
	assert_true(bare == PRINT(&h264_codes, 0, 0, 0, 1, 0x65, 1, 2));
	assert_true(bare == PRINT(&h264_codes, 0, 0, 1, 0x65, 1, 2, 0, 0));
	/* AUD, SPS, PPS, the picture, filler */
	assert_true(bare == PRINT(&h264_codes, 0, 0, 0, 1, 9, 0xf0, 0, 0, 1, 0x67, 4, 0, 0, 1, 0x68, 5, 0, 0,
				  1, 0x65, 1, 2, 0, 0, 1, 12, 0xff, 0x80));
	assert_true(PRINT(&hevc, 0, 0, 0, 4, 0x26, 1, 7, 8) ==
		    PRINT(&hevc_codes, 0, 0, 1, 0x46, 1, 0x50, 0, 0, 1, 0x40, 1, 3, 0, 0, 1, 0x26, 1, 7, 8));
	/* a temporal delimiter before it */
	assert_true(PRINT(&av1, 0x32, 2, 7, 8) == PRINT(&av1, 0x12, 0, 0x32, 2, 7, 8));
}

static void other_payloads_are_others(void **state)
{
	(void)state;
	assert_false(PRINT(&h264, 0, 0, 0, 3, 0x65, 1, 2) == PRINT(&h264, 0, 0, 0, 3, 0x65, 1, 3));
	/* a time code in a SEI tells two pictures apart */
	assert_false(PRINT(&h264, 0, 0, 0, 2, 6, 1, 0, 0, 0, 3, 0x65, 1, 2) ==
		     PRINT(&h264, 0, 0, 0, 2, 6, 2, 0, 0, 0, 3, 0x65, 1, 2));
	assert_false(PRINT(&aac, 0x21, 0x10) == PRINT(&aac, 0x21, 0x11));
	assert_false(PRINT(&aac, 0x21, 0, 0) == PRINT(&aac, 0x21, 0));
	assert_false(PRINT(&av1, 0x32, 2, 7, 8) == PRINT(&av1, 0x32, 2, 7, 9));
}

static void lengths_that_lie_are_not_followed(void **state)
{
	(void)state;
	PRINT(&h264, 0xff, 0xff, 0xff, 0xff, 0x65);
	PRINT(&h264, 0, 0);
	PRINT(&av1, 0x12, 0xff, 0xff, 0xff);
	PRINT(&av1, 0x36);
	print(&hevc, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_of_one_picture_are_the_same),
		cmocka_unit_test(other_payloads_are_others),
		cmocka_unit_test(lengths_that_lie_are_not_followed),
	};

	return cmocka_run_group_tests_name("print", tests, NULL, NULL);
}
