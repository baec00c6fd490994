/* SPDX-License-Identifier: MIT */
#include "relay/flv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "relay/amf.h"

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

/* Reads the three values of a data message; the array's count has to be that of its members. */
static void read_metadata(const struct cme_buf *buf, struct cme_amf_value *array)
{
	const uint8_t *data = (const uint8_t *)buf->data;
	struct cme_amf_value name;
	size_t at = cme_amf_read(data, buf->len, &name), n, count = 0;

	assert_true(cme_amf_is(&name, "@setDataFrame"));
	at += cme_amf_read(data + at, buf->len - at, &name);
	assert_true(cme_amf_is(&name, "onMetaData"));
	n = cme_amf_read(data + at, buf->len - at, array);
	assert_int_equal(at + n, buf->len);
	for (size_t i = 0; i < array->len; count++) {
		struct cme_amf_value value;

		i += 2u + array->data[i + 1];
		i += cme_amf_read(array->data + i, array->len - i, &value);
	}
	assert_int_equal(data[at + 4], count);
}

static void expect_number(const struct cme_amf_value *array, const char *key, double number)
{
	struct cme_amf_value value;

	assert_true(cme_amf_find(array, key, &value));
	assert_int_equal(value.type, CME_AMF_NUMBER);
	assert_true(value.number == number);
}

static void describes_both_streams(void **state)
{
	struct cme_flv_stream video = {
		.codec = CME_FLV_H264, .width = 1280, .height = 720, .fps = 29.97, .bit_rate = 4000000
	};
	struct cme_flv_stream audio = { .codec = CME_FLV_AAC, .sample_rate = 48000, .channels = 2 };
	struct cme_amf_value array, value;
	struct cme_buf buf;

	(void)state;
	cme_buf_init(&buf, 4096);
	cme_flv_put_metadata(&buf, &video, &audio);
	read_metadata(&buf, &array);
	expect_number(&array, "width", 1280);
	expect_number(&array, "height", 720);
	expect_number(&array, "framerate", 29.97);
	expect_number(&array, "videodatarate", 4000);
	expect_number(&array, "videocodecid", 7);
	expect_number(&array, "audiosamplerate", 48000);
	expect_number(&array, "audiocodecid", 10);
	assert_true(cme_amf_find(&array, "stereo", &value) && value.boolean);
	assert_false(cme_amf_find(&array, "audiodatarate", &value)); /* not known */
	cme_buf_fini(&buf);
}

static void describes_one_stream_alone(void **state)
{
	struct cme_flv_stream video = { .codec = CME_FLV_HEVC };
	struct cme_flv_stream audio = { .codec = CME_FLV_MP3, .sample_rate = 44100, .channels = 1 };
	struct cme_amf_value array, value;
	struct cme_buf buf;

	(void)state;
	cme_buf_init(&buf, 4096);
	cme_flv_put_metadata(&buf, &video, NULL);
	read_metadata(&buf, &array);
	expect_number(&array, "videocodecid", 0x68766331);
	assert_false(cme_amf_find(&array, "width", &value));
	assert_false(cme_amf_find(&array, "audiocodecid", &value));
	cme_buf_reset(&buf);
	cme_flv_put_metadata(&buf, NULL, &audio);
	read_metadata(&buf, &array);
	expect_number(&array, "audiocodecid", 2);
	assert_true(cme_amf_find(&array, "stereo", &value) && !value.boolean);
	assert_false(cme_amf_find(&array, "videocodecid", &value));
	cme_buf_fini(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(puts_the_codecs_bytes_before_a_payload),
		cmocka_unit_test(writes_sequence_headers),
		cmocka_unit_test(describes_both_streams),
		cmocka_unit_test(describes_one_stream_alone),
	};

	return cmocka_run_group_tests_name("flv", tests, NULL, NULL);
}
