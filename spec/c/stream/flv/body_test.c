/* SPDX-License-Identifier: MIT
 *
 * Vectors marked "spec" are written from the text of Enhanced RTMP v2 alone: no program that we know sends
 * them.
 */
#include "stream/flv/body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) text, sizeof(text) - 1

struct unit {
	enum cme_codec codec;
	enum cme_flv_part part;
	unsigned track;
	bool keyframe;
	int32_t composition_ms;
	uint32_t nanoseconds, composition_nanoseconds;
	bool damaged;
	const char *payload;
	size_t len; /* of it; 0: up to its NUL */
};

static const struct vector {
	const char *what;
	bool video;
	const char *bytes;
	size_t len;
	struct unit units[3]; /* up to the one without a payload */
} vectors[] = {
	{ "H.264 header",
	  true,
	  BYTES("\x17\0\0\0\0avcC"),
	  { { CME_CODEC_H264, CME_FLV_CONFIG, .keyframe = true, .payload = "avcC" } } },
	{ "H.264 keyframe",
	  true,
	  BYTES("\x17\1\0\0\x50unit"),
	  { { CME_CODEC_H264, CME_FLV_FRAMES, .keyframe = true, .composition_ms = 80, .payload = "unit" } } },
	{ "H.264 before its DTS",
	  true,
	  BYTES("\x27\1\xff\xff\xd8unit"),
	  { { CME_CODEC_H264, CME_FLV_FRAMES, .composition_ms = -40, .payload = "unit" } } },
	{ "the lowest composition time",
	  true,
	  BYTES("\x27\1\x80\0\0unit"),
	  { { CME_CODEC_H264, CME_FLV_FRAMES, .composition_ms = -8388608, .payload = "unit" } } },
	{ "H.264 end",
	  true,
	  BYTES("\x17\2\0\0\0"),
	  { { CME_CODEC_H264, CME_FLV_END, .keyframe = true, .payload = "" } } },
	{ "a type of H.264 packet that is not known",
	  true,
	  BYTES("\x17\3\0\0\0x"),
	  { { CME_CODEC_H264, CME_FLV_NOTHING, .keyframe = true, .payload = "x" } } },
	{ "HEVC as codec id 12, header",
	  true,
	  BYTES("\x1c\0\0\0\0hvcC"),
	  { { CME_CODEC_HEVC, CME_FLV_CONFIG, .keyframe = true, .payload = "hvcC" } } },
	{ "HEVC as codec id 12",
	  true,
	  BYTES("\x2c\1\0\0\x28unit"),
	  { { CME_CODEC_HEVC, CME_FLV_FRAMES, .composition_ms = 40, .payload = "unit" } } },
	{ "Sorenson H.263",
	  true,
	  BYTES("\x12xxx"),
	  { { CME_CODEC_NONE, CME_FLV_FRAMES, .keyframe = true, .payload = "xxx" } } },
	{ "a command frame",
	  true,
	  BYTES("\x57\0"),
	  { { CME_CODEC_H264, CME_FLV_NOTHING, .payload = "\0", .len = 1 } } },
	{ "AAC header",
	  false,
	  BYTES("\xaf\0\x12\x10"),
	  { { CME_CODEC_AAC, CME_FLV_CONFIG, .payload = "\x12\x10" } } },
	{ "AAC", false, BYTES("\xaf\1raw"), { { CME_CODEC_AAC, CME_FLV_FRAMES, .payload = "raw" } } },
	{ "MP3", false, BYTES("\x2fmp3"), { { CME_CODEC_MP3, CME_FLV_FRAMES, .payload = "mp3" } } },
	{ "MP3 of 8 kHz", false, BYTES("\xe2mp3"), { { CME_CODEC_MP3, CME_FLV_FRAMES, .payload = "mp3" } } },
	{ "Speex", false, BYTES("\xb2sp"), { { CME_CODEC_NONE, CME_FLV_FRAMES, .payload = "sp" } } },
	{ "silence", false, BYTES(""), { { .payload = NULL } } },

	{ "HEVC header",
	  true,
	  BYTES("\x90hvc1hvcC"),
	  { { CME_CODEC_HEVC, CME_FLV_CONFIG, .keyframe = true, .payload = "hvcC" } } },
	{ "HEVC",
	  true,
	  BYTES("\xa1hvc1\0\0\x50unit"),
	  { { CME_CODEC_HEVC, CME_FLV_FRAMES, .composition_ms = 80, .payload = "unit" } } },
	{ "HEVC without composition time",
	  true,
	  BYTES("\x93hvc1unit"),
	  { { CME_CODEC_HEVC, CME_FLV_FRAMES, .keyframe = true, .payload = "unit" } } },
	{ "HEVC end",
	  true,
	  BYTES("\x92hvc1"),
	  { { CME_CODEC_HEVC, CME_FLV_END, .keyframe = true, .payload = "" } } },
	{ "H.264 by its FourCC (spec)",
	  true,
	  BYTES("\x91"
		"avc1\0\0\x0aunit"),
	  { { CME_CODEC_H264, CME_FLV_FRAMES, .keyframe = true, .composition_ms = 10, .payload = "unit" } } },
	{ "AV1 header",
	  true,
	  BYTES("\x90"
		"av01av1C"),
	  { { CME_CODEC_AV1, CME_FLV_CONFIG, .keyframe = true, .payload = "av1C" } } },
	{ "AV1, which has no composition time",
	  true,
	  BYTES("\x91"
		"av01obu"),
	  { { CME_CODEC_AV1, CME_FLV_FRAMES, .keyframe = true, .payload = "obu" } } },
	{ "AV1 as MPEG-TS has it (spec)",
	  true,
	  BYTES("\x95"
		"av01desc"),
	  { { CME_CODEC_AV1, CME_FLV_NOTHING, .keyframe = true, .payload = "desc" } } },
	{ "VP9", true, BYTES("\xa1vp09vp9"), { { CME_CODEC_VP9, CME_FLV_FRAMES, .payload = "vp9" } } },
	{ "VP8 (spec)", true, BYTES("\xa1vp08vp8"), { { CME_CODEC_VP8, CME_FLV_FRAMES, .payload = "vp8" } } },
	{ "VVC (spec)",
	  true,
	  BYTES("\x91vvc1xxx"),
	  { { CME_CODEC_NONE, CME_FLV_FRAMES, .keyframe = true, .payload = "xxx" } } },
	{ "metadata, whatever the frame type says (spec)",
	  true,
	  BYTES("\xd4hvc1amf"),
	  { { CME_CODEC_HEVC, CME_FLV_METADATA, .payload = "amf" } } },
	{ "a command frame (spec)", true, BYTES("\xd1\0"), { { .payload = NULL } } },
	{ "Opus header",
	  false,
	  BYTES("\x90OpusOpusHead"),
	  { { CME_CODEC_OPUS, CME_FLV_CONFIG, .payload = "OpusHead" } } },
	{ "Opus", false, BYTES("\x91Opusop"), { { CME_CODEC_OPUS, CME_FLV_FRAMES, .payload = "op" } } },
	{ "FLAC",
	  false,
	  BYTES("\x91"
		"fLaCfl"),
	  { { CME_CODEC_FLAC, CME_FLV_FRAMES, .payload = "fl" } } },
	{ "AC-3",
	  false,
	  BYTES("\x91"
		"ac-3\x0b\x77"),
	  { { CME_CODEC_AC3, CME_FLV_FRAMES, .payload = "\x0b\x77" } } },
	{ "E-AC-3",
	  false,
	  BYTES("\x91"
		"ec-3\x0b\x77"),
	  { { CME_CODEC_EAC3, CME_FLV_FRAMES, .payload = "\x0b\x77" } } },
	{ "AAC by its FourCC (spec)",
	  false,
	  BYTES("\x90mp4a\x12\x10"),
	  { { CME_CODEC_AAC, CME_FLV_CONFIG, .payload = "\x12\x10" } } },
	{ "MP3 by its FourCC (spec)",
	  false,
	  BYTES("\x91.mp3mp3"),
	  { { CME_CODEC_MP3, CME_FLV_FRAMES, .payload = "mp3" } } },
	{ "sound's end (spec)", false, BYTES("\x92mp4a"), { { CME_CODEC_AAC, CME_FLV_END, .payload = "" } } },
	{ "channels",
	  false,
	  BYTES("\x94mp4a\1\6x"),
	  { { CME_CODEC_AAC, CME_FLV_CHANNELS, .payload = "\1\6x" } } },
	{ "a packet type of pictures for sound (spec)",
	  false,
	  BYTES("\x93mp4ax"),
	  { { CME_CODEC_AAC, CME_FLV_NOTHING, .payload = "x" } } },

	/* As FFmpeg 8.1 writes them. */
	{ "HDR before a picture, by FFmpeg",
	  true,
	  BYTES("\xd4hvc1\2\0\x09"
		"colorInfo\3"),
	  { { CME_CODEC_HEVC, CME_FLV_METADATA,
	      .payload = "\2\0\x09"
			 "colorInfo\3",
	      .len = 13 } } },
	{ "a sequence start of E-AC-3 without a record, by FFmpeg",
	  false,
	  BYTES("\x90"
		"ec-3"),
	  { { CME_CODEC_EAC3, CME_FLV_CONFIG, .payload = "" } } },
	{ "six channels in native order, by FFmpeg",
	  false,
	  BYTES("\x94"
		"ec-3\1\6\0\0\6\x0f"),
	  { { CME_CODEC_EAC3, CME_FLV_CHANNELS, .payload = "\1\6\0\0\6\x0f", .len = 6 } } },
	{ "a second track's header, by FFmpeg",
	  true,
	  BYTES("\x96\0vp09\1\1\0\0\0\0\x0b\x82\2\2\2\0\0"),
	  { { CME_CODEC_VP9, CME_FLV_CONFIG, .track = 1, .keyframe = true,
	      .payload = "\1\0\0\0\0\x0b\x82\2\2\2\0\0", .len = 12 } } },
	{ "a second track's picture, by FFmpeg",
	  true,
	  BYTES("\xa6\1vp09\1\x86"),
	  { { CME_CODEC_VP9, CME_FLV_FRAMES, .track = 1, .payload = "\x86" } } },
	{ "a second track's sound, by FFmpeg",
	  false,
	  BYTES("\x95\1Opus\1\xf8\xb4\xaf"),
	  { { CME_CODEC_OPUS, CME_FLV_FRAMES, .track = 1, .payload = "\xf8\xb4\xaf" } } },
	{ "a second track's channels, by FFmpeg",
	  false,
	  BYTES("\x95\4Opus\1\1\1\0\0\0\4"),
	  { { CME_CODEC_OPUS, CME_FLV_CHANNELS, .track = 1, .payload = "\1\1\0\0\0\4", .len = 6 } } },

	{ "nanoseconds (spec)",
	  true,
	  BYTES("\xa7\2\x07\xa1\x20\1hvc1\0\0\1unit"),
	  { { CME_CODEC_HEVC, CME_FLV_FRAMES, .composition_ms = 1, .nanoseconds = 500000,
	      .payload = "unit" } } },
	{ "nanoseconds of both times, as we send them to ourselves",
	  true,
	  BYTES("\xa7\2\0\0\1\7\2\0\0\2\xf1hvc1\0\0\1unit"),
	  { { CME_CODEC_HEVC, CME_FLV_FRAMES, .composition_ms = 1, .nanoseconds = 1,
	      .composition_nanoseconds = 2, .payload = "unit" } } },
	{ "what may be damaged, as we say it to ourselves",
	  true,
	  BYTES("\xa7\2\0\0\1\7\0\1\xe3hvc1unit"),
	  { { CME_CODEC_HEVC, CME_FLV_FRAMES, .nanoseconds = 1, .damaged = true, .payload = "unit" } } },
	{ "nanoseconds of sound (spec)",
	  false,
	  BYTES("\x97\2\0\0\x07\1Opusop"),
	  { { CME_CODEC_OPUS, CME_FLV_FRAMES, .nanoseconds = 7, .payload = "op" } } },
	{ "a modifier that is not known, then one that is (spec)",
	  true,
	  BYTES("\xa7\0x\x17\2\0\0\1\3hvc1unit"),
	  { { CME_CODEC_HEVC, CME_FLV_FRAMES, .nanoseconds = 1, .payload = "unit" } } },
	{ "a modifier too short for a time (spec)",
	  true,
	  BYTES("\xa7\1xx\3hvc1unit"),
	  { { CME_CODEC_HEVC, CME_FLV_FRAMES, .payload = "unit" } } },

	{ "one track (spec)",
	  true,
	  BYTES("\xa6\1vp09\3vp9"),
	  { { CME_CODEC_VP9, CME_FLV_FRAMES, .track = 3, .payload = "vp9" } } },
	{ "two tracks of one codec (spec)",
	  true,
	  BYTES("\x96\x11hvc1\0\0\0\5\0\0\0AB\1\0\0\4\0\0\1C"),
	  { { CME_CODEC_HEVC, CME_FLV_FRAMES, .keyframe = true, .payload = "AB" },
	    { CME_CODEC_HEVC, CME_FLV_FRAMES, .track = 1, .keyframe = true, .composition_ms = 1,
	      .payload = "C" } } },
	{ "two tracks of two codecs (spec)",
	  false,
	  BYTES("\x95\x21mp4a\0\0\0\3rawOpus\x09\0\0\2op"),
	  { { CME_CODEC_AAC, CME_FLV_FRAMES, .payload = "raw" },
	    { CME_CODEC_OPUS, CME_FLV_FRAMES, .track = 9, .payload = "op" } } },
	{ "tracks with nanoseconds (spec)",
	  false,
	  BYTES("\x97\2\0\0\x09\5\1Opus\4op"),
	  { { CME_CODEC_OPUS, CME_FLV_FRAMES, .track = 4, .nanoseconds = 9, .payload = "op" } } },
	{ "an empty track, and one behind it (spec)",
	  false,
	  BYTES("\x95\x12mp4a\0\0\0\0\1\0\0\0"),
	  { { CME_CODEC_AAC, CME_FLV_END, .payload = "" },
	    { CME_CODEC_AAC, CME_FLV_END, .track = 1, .payload = "" } } },
};

static void check(const struct vector *vector, const struct cme_flv_unit *got, const struct unit *unit)
{
	size_t len = unit->len || !unit->payload ? unit->len : strlen(unit->payload);

	if (got->codec != unit->codec || got->part != unit->part || got->track != unit->track ||
	    got->keyframe != unit->keyframe || got->composition_ms != unit->composition_ms ||
	    got->nanoseconds != unit->nanoseconds ||
	    got->composition_nanoseconds != unit->composition_nanoseconds || got->damaged != unit->damaged)
		fail_msg("%s: codec %d, part %d, track %u, keyframe %d, composition %d, %u ns", vector->what,
			 got->codec, got->part, got->track, got->keyframe, got->composition_ms,
			 got->nanoseconds);
	if (got->len != len)
		fail_msg("%s: %zu bytes", vector->what, got->len);
	assert_memory_equal(got->data, unit->payload, len);
}

static void takes_bodies_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		const struct vector *vector = &vectors[i];
		struct cme_flv_body body;
		struct cme_flv_unit unit;
		size_t n = 0;
		int rc;

		cme_flv_body_init(&body, vector->video, (const uint8_t *)vector->bytes, vector->len);
		while ((rc = cme_flv_body_next(&body, &unit)) == 1) {
			if (n == 3 || !vector->units[n].payload)
				fail_msg("%s: more units than %zu", vector->what, n);
			check(vector, &unit, &vector->units[n++]);
		}
		if (rc != 0 || (n < 3 && vector->units[n].payload))
			fail_msg("%s: ended with %d after %zu units", vector->what, rc, n);
	}
}

static const struct {
	bool video;
	const char *bytes;
	size_t len;
} malformed[] = {
	{ true, BYTES("\x17") },         /* no packet type */
	{ true, BYTES("\x17\1\0\0") },   /* half a composition time */
	{ false, BYTES("\xaf") },        /* AAC without a type */
	{ true, BYTES("\x91hvc") },      /* half a FourCC */
	{ true, BYTES("\x91hvc1\0\0") }, /* half a composition time */
	{ true, BYTES("\xa7\2\0") },     /* half a modifier */
	{ true, BYTES("\xa7\xff\xff\xff"
		      "x") },                              /* a long one */
	{ true, BYTES("\xa7\0x") },                        /* nothing behind it */
	{ true, BYTES("\x96") },                           /* no kind of tracks */
	{ true, BYTES("\x96\x31hvc1") },                   /* one that is not known */
	{ true, BYTES("\x96\x01hvc1") },                   /* no track */
	{ true, BYTES("\x96\x11hvc1\0\0\0\x09\0\0\0AB") }, /* past the end */
	{ true, BYTES("\x96\x11hvc1\0\0\0\2\0\0\0") },     /* too short for its composition time */
	{ false, BYTES("\x95\x21mp4a\0\0\0\3rawOpu") },    /* the second one */
};

static void says_when_a_body_is_malformed_and_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
		struct cme_flv_body body;
		struct cme_flv_unit unit;
		int rc;

		cme_flv_body_init(&body, malformed[i].video, (const uint8_t *)malformed[i].bytes,
				  malformed[i].len);
		while ((rc = cme_flv_body_next(&body, &unit)) == 1)
			;
		if (rc != -1)
			fail_msg("malformed %zu: %d", i, rc);
		assert_int_equal(cme_flv_body_next(&body, &unit), 0);
	}
}

/* Cut anywhere: never a unit that ends outside the body. */
static void reads_nothing_behind_a_body(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
		for (size_t len = 0; len < vectors[i].len; len++) {
			uint8_t *copy = malloc(len + 1);
			struct cme_flv_body body;
			struct cme_flv_unit unit;

			assert_non_null(copy);
			memcpy(copy, vectors[i].bytes, len);
			cme_flv_body_init(&body, vectors[i].video, copy, len);
			while (cme_flv_body_next(&body, &unit) == 1)
				assert_true(unit.data >= copy && unit.data + unit.len <= copy + len);
			free(copy);
		}
}

static const struct {
	struct cme_flv_id id;
	const char *name;
} names[] = {
	{ { true, false, 2 }, "Sorenson H.263" },
	{ { true, false, 12 }, "HEVC as FLV codec id 12" },
	{ { true, false, 15 }, "FLV codec id 15" },
	{ { false, false, 11 }, "Speex" },
	{ { false, false, 12 }, "FLV sound format 12" },
	{ { true, true, 0x76766331 }, "VVC as Enhanced RTMP" },
	{ { false, true, 0x41424344 }, "a codec as Enhanced RTMP" },
};

static void names_what_is_not_read(void **state)
{
	char name[CME_FLV_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		cme_flv_codec_name(names[i].id, name);
		assert_string_equal(name, names[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_bodies_apart),
		cmocka_unit_test(says_when_a_body_is_malformed_and_ends),
		cmocka_unit_test(reads_nothing_behind_a_body),
		cmocka_unit_test(names_what_is_not_read),
	};

	return cmocka_run_group_tests_name("flv_body", tests, NULL, NULL);
}
