/* SPDX-License-Identifier: MIT */
#include "stream/flv/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stream/flv/body.h"

/* What was read back, a unit a word: "v" or "a", part, milliseconds, nanoseconds, composition, payload. */
static char heard[1024];
static struct cme_flv_writer writer;
static struct cme_buf run;

static int open_run(void **state)
{
	(void)state;
	heard[0] = '\0';
	cme_flv_writer_init(&writer);
	cme_buf_init(&run, 65536);
	return 0;
}

static int close_run(void **state)
{
	(void)state;
	cme_flv_writer_fini(&writer);
	cme_buf_fini(&run);
	return 0;
}

static struct cme_params parameters(enum cme_codec codec, const char *extradata)
{
	return (struct cme_params){ .codec = codec,
				    .extradata = (uint8_t *)extradata,
				    .extradata_len = strlen(extradata) };
}

static struct cme_media *media(enum cme_codec video, const char *record, enum cme_codec audio,
			       const char *config)
{
	struct cme_params v = parameters(video, record), a = parameters(audio, config);

	return cme_media_new(&v, &a);
}

/* Writes a packet whose payload is the text. */
static int put(struct cme_media *of, int kind, int64_t dts_us, int64_t pts_us, const char *payload)
{
	struct cme_packet *packet = cme_packet_new(strlen(payload));
	uint8_t trailer[CME_FLV_TRAILER];
	int rc;

	memcpy(packet->payload, payload, strlen(payload));
	packet->stream = kind;
	packet->dts_us = dts_us;
	packet->pts_us = pts_us;
	packet->key = true;
	cme_packet_belong(packet, of);
	rc = cme_flv_writer_put(&writer, packet, &run, trailer);
	cme_buf_append(&run, packet->data, packet->size);
	cme_buf_append(&run, trailer, sizeof trailer);
	cme_packet_unref(packet);
	return rc;
}

static void hear_tag(const struct cme_flv_tag *tag)
{
	static const char *const parts[] = { "nothing", "config", "frames", "end", "colours", "speakers" };
	struct cme_flv_body body;
	struct cme_flv_unit unit;
	size_t at;

	cme_flv_body_init(&body, tag->type == CME_FLV_VIDEO, tag->data, tag->len);
	while (cme_flv_body_next(&body, &unit) == 1) {
		at = strlen(heard);
		snprintf(heard + at, sizeof heard - at, "%c %s %u %u %d.%06u %.*s;",
			 tag->type == CME_FLV_VIDEO ? 'v' : 'a', parts[unit.part], tag->timestamp,
			 unit.nanoseconds, (int)unit.composition_ms, unit.composition_nanoseconds,
			 (int)unit.len, (const char *)unit.data);
	}
}

static const char *hear(void)
{
	const uint8_t *data = (const uint8_t *)run.data;
	size_t len = run.len;
	struct cme_flv_file file;
	struct cme_flv_tag tag;
	struct cme_err err;

	cme_flv_file_init(&file, 65536);
	while (cme_flv_file_read(&file, &data, &len, &tag, &err) == 1)
		hear_tag(&tag);
	cme_flv_file_fini(&file);
	return heard;
}

static void is_read_back_as_it_was(void **state)
{
	struct cme_media *of = media(CME_CODEC_HEVC, "hvcC", CME_CODEC_OPUS, "OpusHead");

	(void)state;
	assert_int_equal(put(of, CME_VIDEO, 1000500, 1080500, "key"), 0);
	assert_int_equal(put(of, CME_AUDIO, 1001000, 1001000, "sound"), 0);
	assert_string_equal(hear(), "v config 1000 0 0.000000 hvcC;a config 1000 0 0.000000 OpusHead;"
				    "v frames 1000 500000 80.000000 key;a frames 1001 0 0.000000 sound;");
	cme_media_unref(of);
}

static void names_old_codecs_by_four_characters_too(void **state)
{
	struct cme_media *of = media(CME_CODEC_H264, "\x01vcC", CME_CODEC_AAC, "\x11\x90");

	(void)state;
	assert_int_equal(put(of, CME_AUDIO, -500, -500, "sound"), 0);
	assert_int_equal(put(of, CME_VIDEO, 21333, 54666, "key"), 0);
	assert_string_equal(hear(),
			    "v config 4294967295 0 0.000000 \x01vcC;a config 4294967295 0 0.000000 \x11\x90;"
			    "a frames 4294967295 500000 0.000000 sound;v frames 21 333000 33.333000 key;");
	cme_media_unref(of);
}

static void says_each_change_before_its_own_stream(void **state)
{
	struct cme_media *first = media(CME_CODEC_AV1, "one", CME_CODEC_FLAC, "fLaC");
	struct cme_media *second = cme_media_with_extradata(first, CME_VIDEO, (const uint8_t *)"two", 3);
	struct cme_media *third = cme_media_with_note(second, CME_AUDIO, (const uint8_t *)"5.1", 3);

	(void)state;
	put(first, CME_VIDEO, 0, 0, "a");
	put(second, CME_AUDIO, 1000, 1000, "b");
	put(second, CME_VIDEO, 2000, 2000, "c");
	put(third, CME_VIDEO, 3000, 3000, "d");
	put(third, CME_AUDIO, 4000, 4000, "e");
	assert_string_equal(
		hear(), "v config 0 0 0.000000 one;a config 0 0 0.000000 fLaC;v frames 0 0 0.000000 a;"
			"a frames 1 0 0.000000 b;"
			"v config 2 0 0.000000 two;v frames 2 0 0.000000 c;"
			"v frames 3 0 0.000000 d;"
			"a config 4 0 0.000000 fLaC;a speakers 4 0 0.000000 5.1;a frames 4 0 0.000000 e;");
	cme_media_unref(first);
	cme_media_unref(second);
	cme_media_unref(third);
}

/* What MPEG-TS carries and RTMP does not. */
static void carries_more_than_rtmp_between_our_own(void **state)
{
	struct cme_media *of = media(CME_CODEC_MPEG2, "", CME_CODEC_MP2, "");
	struct cme_err err;

	(void)state;
	assert_int_equal(put(of, CME_VIDEO, 0, 40000, "key"), 0);
	assert_int_equal(put(of, CME_AUDIO, 0, 0, "sound"), 0);
	assert_string_equal(hear(), "v frames 0 0 40.000000 key;a frames 0 0 0.000000 sound;");
	assert_int_equal(cme_flv_check(of, &err), -1);
	assert_string_equal(err.message, "RTMP does not carry mpeg2video");
	cme_media_unref(of);
}

static void refuses_what_flv_has_no_name_for(void **state)
{
	struct cme_media *of = media(CME_CODEC_OTHER, "x", CME_CODEC_AAC, "\x11\x90");

	(void)state;
	assert_int_equal(put(of, CME_VIDEO, 0, 0, "key"), -1);
	cme_media_unref(of);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(is_read_back_as_it_was, open_run, close_run),
		cmocka_unit_test_setup_teardown(names_old_codecs_by_four_characters_too, open_run, close_run),
		cmocka_unit_test_setup_teardown(says_each_change_before_its_own_stream, open_run, close_run),
		cmocka_unit_test_setup_teardown(carries_more_than_rtmp_between_our_own, open_run, close_run),
		cmocka_unit_test_setup_teardown(refuses_what_flv_has_no_name_for, open_run, close_run),
	};

	return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
