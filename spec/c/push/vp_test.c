/* SPDX-License-Identifier: MIT
 *
 * Records of VP9 and VP8 as libvpx's pictures make them, and what MP4 is told.
 */
#include "push/vp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <libavcodec/avcodec.h>

static const struct {
	enum AVCodecID codec;
	uint8_t record[8];
	int size;
	bool good;
	enum AVPixelFormat format;
	int profile, level, range;
} rows[] = {
	{ AV_CODEC_ID_VP9, { 0, 11, 0x82, 2, 2, 2 }, 8, true, AV_PIX_FMT_YUV420P, 0, 11, AVCOL_RANGE_MPEG },
	{ AV_CODEC_ID_VP9,
	  { 2, 40, 0xa3, 9, 16, 9 },
	  8,
	  true,
	  AV_PIX_FMT_YUV420P10,
	  2,
	  40,
	  AVCOL_RANGE_JPEG },
	{ AV_CODEC_ID_VP9, { 1, 31, 0x84, 1, 1, 1 }, 6, true, AV_PIX_FMT_YUV422P, 1, 31, AVCOL_RANGE_MPEG },
	{ AV_CODEC_ID_VP9, { 3, 31, 0xc6, 1, 1, 1 }, 8, true, AV_PIX_FMT_YUV444P12, 3, 31, AVCOL_RANGE_MPEG },
	{ AV_CODEC_ID_VP8, { 0, 10, 0x82, 2, 2, 2 }, 8, true, AV_PIX_FMT_YUV420P, 0, 10, AVCOL_RANGE_MPEG },
	{ AV_CODEC_ID_VP9, { 0, 11, 0x82, 2, 2, 2 }, 5, false, AV_PIX_FMT_NONE, 0, 0, 0 },
	{ AV_CODEC_ID_VP9, { 0, 11, 0x92, 2, 2, 2 }, 8, false, AV_PIX_FMT_NONE, 0, 0, 0 },
	{ AV_CODEC_ID_VP9, { 0, 11, 0x88, 2, 2, 2 }, 8, false, AV_PIX_FMT_NONE, 0, 0, 0 },
	{ AV_CODEC_ID_H264, { 0 }, 0, true, AV_PIX_FMT_NONE, FF_PROFILE_UNKNOWN, FF_LEVEL_UNKNOWN, 0 },
};

static void records_say_what_mp4_needs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		AVCodecParameters *par = avcodec_parameters_alloc();

		par->codec_id = rows[i].codec;
		par->extradata = av_mallocz(sizeof rows[i].record + AV_INPUT_BUFFER_PADDING_SIZE);
		par->extradata_size = rows[i].size;
		memcpy(par->extradata, rows[i].record, sizeof rows[i].record);
		if (cme_vp_describe(par) != rows[i].good)
			fail_msg("row %zu", i);
		if (rows[i].good) {
			assert_int_equal(par->format, rows[i].format);
			assert_int_equal(par->profile, rows[i].profile);
			assert_int_equal(par->level, rows[i].level);
			assert_int_equal(par->color_range, rows[i].range);
		}
		avcodec_parameters_free(&par);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(records_say_what_mp4_needs) };

	return cmocka_run_group_tests_name("vp", tests, NULL, NULL);
}
