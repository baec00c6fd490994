/* SPDX-License-Identifier: MIT */
#include "stream/flv/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) text, sizeof text - 1

static const struct {
	struct cme_flv_stream stream;
	struct cme_flv_frame frame;
	const char *bytes;
	size_t len;
} prefixes[] = {
	{ { .codec = CME_CODEC_H264 }, { .keyframe = true }, BYTES("\x17\x01\x00\x00\x00") },
	{ { .codec = CME_CODEC_H264 }, { .composition_ms = 0x010203 }, BYTES("\x27\x01\x01\x02\x03") },
	{ { .codec = CME_CODEC_H264 }, { .composition_ms = -40 }, BYTES("\x27\x01\xff\xff\xd8") },
	{ { .codec = CME_CODEC_H264, .dialect = CME_FLV_FOURCC },
	  { .composition_ms = 40 },
	  BYTES("\xa1"
		"avc1\0\0\x28") },
	{ { .codec = CME_CODEC_HEVC }, { .keyframe = true }, BYTES("\x93hvc1") },
	{ { .codec = CME_CODEC_HEVC }, { .composition_ms = 80 }, BYTES("\xa1hvc1\x00\x00\x50") },
	{ { .codec = CME_CODEC_HEVC, .dialect = CME_FLV_ID12 },
	  { .keyframe = true, .composition_ms = 80 },
	  BYTES("\x1c\x01\x00\x00\x50") },
	{ { .codec = CME_CODEC_HEVC },
	  { .keyframe = true, .nanoseconds = 500000 },
	  BYTES("\x97\2\x07\xa1\x20\3hvc1") },
	{ { .codec = CME_CODEC_HEVC },
	  { .composition_ms = 80, .nanoseconds = 1 },
	  BYTES("\xa7\2\0\0\1\1hvc1\0\0\x50") },
	{ { .codec = CME_CODEC_HEVC },
	  { .composition_ms = 80, .nanoseconds = 1, .composition_nanoseconds = 2 },
	  BYTES("\xa7\2\0\0\1\7\2\0\0\2\xf1hvc1\0\0\x50") },
	{ { .codec = CME_CODEC_HEVC }, { .composition_nanoseconds = 3 }, BYTES("\xa7\2\0\0\3\xf3hvc1") },
	{ { .codec = CME_CODEC_HEVC },
	  { .nanoseconds = 1, .composition_nanoseconds = 2, .damaged = true },
	  BYTES("\xa7\2\0\0\1\7\2\0\0\2\xf7\0\1\xe3hvc1") },
	{ { .codec = CME_CODEC_AV1 },
	  { .keyframe = true },
	  BYTES("\x91"
		"av01") },
	{ { .codec = CME_CODEC_AV1, .dialect = CME_FLV_ID12 },
	  { .composition_ms = 7 },
	  BYTES("\xa1"
		"av01") },
	{ { .codec = CME_CODEC_VP9 }, { .keyframe = false }, BYTES("\xa1vp09") },
	{ { .codec = CME_CODEC_VP8 }, { .keyframe = true }, BYTES("\x91vp08") },
	{ { .codec = CME_CODEC_AAC, .sample_rate = 48000, .channels = 1 },
	  { .keyframe = true },
	  BYTES("\xaf\x01") },
	{ { .codec = CME_CODEC_AAC, .dialect = CME_FLV_FOURCC },
	  { .keyframe = true, .nanoseconds = 7 },
	  BYTES("\x97\2\0\0\7\1mp4a") },
	{ { .codec = CME_CODEC_MP3, .sample_rate = 44100, .channels = 2 },
	  { .keyframe = true },
	  BYTES("\x2f") },
	{ { .codec = CME_CODEC_MP3, .sample_rate = 48000, .channels = 1 },
	  { .keyframe = true },
	  BYTES("\x2e") },
	{ { .codec = CME_CODEC_MP3, .sample_rate = 22050, .channels = 2 },
	  { .keyframe = true },
	  BYTES("\x2b") },
	{ { .codec = CME_CODEC_MP3, .sample_rate = 11025, .channels = 2 },
	  { .keyframe = true },
	  BYTES("\x27") },
	{ { .codec = CME_CODEC_MP3, .sample_rate = 8000, .channels = 2 },
	  { .keyframe = true },
	  BYTES("\xe3") },
	{ { .codec = CME_CODEC_MP3, .dialect = CME_FLV_FOURCC }, { .keyframe = true }, BYTES("\x91.mp3") },
	{ { .codec = CME_CODEC_OPUS }, { .keyframe = true }, BYTES("\x91Opus") },
	{ { .codec = CME_CODEC_FLAC },
	  { .keyframe = true },
	  BYTES("\x91"
		"fLaC") },
	{ { .codec = CME_CODEC_AC3 },
	  { .keyframe = true },
	  BYTES("\x91"
		"ac-3") },
	{ { .codec = CME_CODEC_EAC3 },
	  { .keyframe = true },
	  BYTES("\x91"
		"ec-3") },
	{ { .codec = CME_CODEC_NONE }, { .keyframe = true }, BYTES("") },
};

static void puts_the_codecs_bytes_before_a_payload(void **state)
{
	uint8_t out[CME_FLV_PREFIX_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
		assert_int_equal(cme_flv_prefix(out, &prefixes[i].stream, prefixes[i].frame),
				 prefixes[i].len);
		assert_memory_equal(out, prefixes[i].bytes, prefixes[i].len);
	}
}

#define INFO "0123456789012345678901234567890123" /* as many bytes as STREAMINFO has */

static const struct {
	enum cme_codec codec;
	enum cme_flv_dialect dialect;
	const char *extradata;
	const char *bytes;
	size_t len;
} headers[] = {
	{ CME_CODEC_H264, CME_FLV_DEFAULT, "avcC",
	  BYTES("\x17\x00\x00\x00\x00"
		"avcC") },
	{ CME_CODEC_H264, CME_FLV_FOURCC, "avcC",
	  BYTES("\x90"
		"avc1avcC") },
	{ CME_CODEC_HEVC, CME_FLV_DEFAULT, "hvcC", BYTES("\x90hvc1hvcC") },
	{ CME_CODEC_HEVC, CME_FLV_ID12, "hvcC", BYTES("\x1c\0\0\0\0hvcC") },
	{ CME_CODEC_AV1, CME_FLV_DEFAULT, "av1C",
	  BYTES("\x90"
		"av01av1C") },
	{ CME_CODEC_VP9, CME_FLV_DEFAULT, "vpcC", BYTES("\x90vp09vpcC") },
	{ CME_CODEC_AAC, CME_FLV_DEFAULT, "\x12\x10", BYTES("\xaf\x00\x12\x10") },
	{ CME_CODEC_OPUS, CME_FLV_DEFAULT, "OpusHead", BYTES("\x90OpusOpusHead") },
	{ CME_CODEC_FLAC, CME_FLV_DEFAULT, "fLaC" INFO,
	  BYTES("\x90"
		"fLaCfLaC" INFO) },
	{ CME_CODEC_FLAC, CME_FLV_DEFAULT, INFO,
	  BYTES("\x90"
		"fLaCfLaC\x80\0\0\x22" INFO) },
	{ CME_CODEC_AAC, CME_FLV_DEFAULT, "", BYTES("") },
	{ CME_CODEC_H264, CME_FLV_DEFAULT, "", BYTES("") },
	{ CME_CODEC_MP3, CME_FLV_DEFAULT, "x", BYTES("") },
	{ CME_CODEC_AC3, CME_FLV_DEFAULT, "x", BYTES("") },
};

static void writes_sequence_headers(void **state)
{
	struct cme_buf buf;

	(void)state;
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
		struct cme_flv_stream stream = { .codec = headers[i].codec,
						 .dialect = headers[i].dialect,
						 .extradata = (const uint8_t *)headers[i].extradata,
						 .extradata_len = strlen(headers[i].extradata) };

		cme_buf_init(&buf, 256);
		cme_flv_put_header(&buf, &stream);
		assert_int_equal(buf.len, headers[i].len);
		assert_memory_equal(cme_buf_str(&buf), headers[i].bytes, headers[i].len);
		cme_buf_fini(&buf);
	}
}

static const struct {
	enum cme_codec codec;
	enum cme_flv_dialect dialect;
	const char *note;
	const char *bytes;
	size_t len;
} notes[] = {
	{ CME_CODEC_HEVC, CME_FLV_DEFAULT, "colours", BYTES("\x94hvc1colours") },
	{ CME_CODEC_OPUS, CME_FLV_DEFAULT, "speakers", BYTES("\x94Opusspeakers") },
	{ CME_CODEC_AAC, CME_FLV_FOURCC, "speakers", BYTES("\x94mp4aspeakers") },
	{ CME_CODEC_AAC, CME_FLV_DEFAULT, "speakers", BYTES("") },
	{ CME_CODEC_HEVC, CME_FLV_ID12, "colours", BYTES("") },
	{ CME_CODEC_HEVC, CME_FLV_DEFAULT, "", BYTES("") },
};

static void writes_notes_where_four_characters_name_the_codec(void **state)
{
	struct cme_buf buf;

	(void)state;
	for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
		struct cme_flv_stream stream = { .codec = notes[i].codec,
						 .dialect = notes[i].dialect,
						 .note = (const uint8_t *)notes[i].note,
						 .note_len = strlen(notes[i].note) };

		cme_buf_init(&buf, 256);
		cme_flv_put_note(&buf, &stream);
		assert_int_equal(buf.len, notes[i].len);
		assert_memory_equal(cme_buf_str(&buf), notes[i].bytes, notes[i].len);
		cme_buf_fini(&buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(puts_the_codecs_bytes_before_a_payload),
		cmocka_unit_test(writes_sequence_headers),
		cmocka_unit_test(writes_notes_where_four_characters_name_the_codec),
	};

	return cmocka_run_group_tests_name("flv", tests, NULL, NULL);
}
