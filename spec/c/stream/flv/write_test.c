/* SPDX-License-Identifier: MIT */
#include "stream/flv/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	struct cme_flv_stream stream;
	bool keyframe;
	int32_t composition_ms;
	const char *bytes;
	size_t len;
} prefixes[] = {
	{ { .codec = CME_FLV_H264 }, true, 0, "\x17\x01\x00\x00\x00", 5 },
	{ { .codec = CME_FLV_H264 }, false, 0, "\x27\x01\x00\x00\x00", 5 },
	{ { .codec = CME_FLV_H264 }, false, 0x010203, "\x27\x01\x01\x02\x03", 5 },
	{ { .codec = CME_FLV_H264 }, false, -40, "\x27\x01\xff\xff\xd8", 5 },
	{ { .codec = CME_FLV_HEVC }, true, 0, "\x93hvc1", 5 },
	{ { .codec = CME_FLV_HEVC }, false, 0, "\xa3hvc1", 5 },
	{ { .codec = CME_FLV_HEVC }, true, 80, "\x91hvc1\x00\x00\x50", 8 },
	{ { .codec = CME_FLV_HEVC }, false, 80, "\xa1hvc1\x00\x00\x50", 8 },
	{ { .codec = CME_FLV_AAC, .sample_rate = 48000, .channels = 1 }, true, 0, "\xaf\x01", 2 },
	{ { .codec = CME_FLV_MP3, .sample_rate = 44100, .channels = 2 }, true, 0, "\x2f", 1 },
	{ { .codec = CME_FLV_MP3, .sample_rate = 48000, .channels = 1 }, true, 0, "\x2e", 1 },
	{ { .codec = CME_FLV_MP3, .sample_rate = 22050, .channels = 2 }, true, 0, "\x2b", 1 },
	{ { .codec = CME_FLV_MP3, .sample_rate = 11025, .channels = 2 }, true, 0, "\x27", 1 },
	{ { .codec = CME_FLV_MP3, .sample_rate = 8000, .channels = 2 }, true, 0, "\xe3", 1 },
	{ { .codec = CME_FLV_NONE }, true, 0, "", 0 },
};

static void puts_the_codecs_bytes_before_a_payload(void **state)
{
	uint8_t out[CME_FLV_PREFIX_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
		assert_int_equal(cme_flv_prefix(out, &prefixes[i].stream, prefixes[i].keyframe,
						prefixes[i].composition_ms),
				 prefixes[i].len);
		assert_memory_equal(out, prefixes[i].bytes, prefixes[i].len);
	}
}

static const struct {
	enum cme_flv_codec codec;
	const char *extradata;
	const char *bytes;
	size_t len;
} headers[] = {
	{ CME_FLV_H264, "avcC",
	  "\x17\x00\x00\x00\x00"
	  "avcC",
	  9 },
	{ CME_FLV_HEVC, "hvcC", "\x90hvc1hvcC", 9 },
	{ CME_FLV_AAC, "\x12\x10", "\xaf\x00\x12\x10", 4 },
	{ CME_FLV_AAC, "", "", 0 },
	{ CME_FLV_H264, "", "", 0 },
	{ CME_FLV_MP3, "x", "", 0 },
};

static void writes_sequence_headers(void **state)
{
	struct cme_buf buf;

	(void)state;
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
		struct cme_flv_stream stream = { .codec = headers[i].codec,
						 .extradata = (const uint8_t *)headers[i].extradata,
						 .extradata_len = strlen(headers[i].extradata) };

		cme_buf_init(&buf, 256);
		cme_flv_put_header(&buf, &stream);
		assert_int_equal(buf.len, headers[i].len);
		assert_memory_equal(cme_buf_str(&buf), headers[i].bytes, headers[i].len);
		cme_buf_fini(&buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(puts_the_codecs_bytes_before_a_payload),
		cmocka_unit_test(writes_sequence_headers),
	};

	return cmocka_run_group_tests_name("flv", tests, NULL, NULL);
}
