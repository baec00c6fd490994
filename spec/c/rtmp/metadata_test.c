/* SPDX-License-Identifier: MIT */
#include "rtmp/metadata.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rtmp/amf.h"

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
		.codec = CME_CODEC_H264, .width = 1280, .height = 720, .fps = 29.97, .bit_rate = 4000000
	};
	struct cme_flv_stream audio = { .codec = CME_CODEC_AAC, .sample_rate = 48000, .channels = 2 };
	struct cme_amf_value array, value;
	struct cme_buf buf;

	(void)state;
	cme_buf_init(&buf, 4096);
	cme_metadata_put(&buf, &video, &audio);
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
	struct cme_flv_stream video = { .codec = CME_CODEC_HEVC };
	struct cme_flv_stream audio = { .codec = CME_CODEC_MP3, .sample_rate = 44100, .channels = 1 };
	struct cme_amf_value array, value;
	struct cme_buf buf;

	(void)state;
	cme_buf_init(&buf, 4096);
	cme_metadata_put(&buf, &video, NULL);
	read_metadata(&buf, &array);
	expect_number(&array, "videocodecid", 0x68766331);
	assert_false(cme_amf_find(&array, "width", &value));
	assert_false(cme_amf_find(&array, "audiocodecid", &value));
	cme_buf_reset(&buf);
	cme_metadata_put(&buf, NULL, &audio);
	read_metadata(&buf, &array);
	expect_number(&array, "audiocodecid", 2);
	assert_true(cme_amf_find(&array, "stereo", &value) && !value.boolean);
	assert_false(cme_amf_find(&array, "videocodecid", &value));
	cme_buf_fini(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(describes_both_streams),
		cmocka_unit_test(describes_one_stream_alone),
	};

	return cmocka_run_group_tests_name("metadata", tests, NULL, NULL);
}
