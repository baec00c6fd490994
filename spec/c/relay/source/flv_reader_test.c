/* SPDX-License-Identifier: MIT
 *
 * Messages in, packets out. Bodies marked "spec" are written from the text of Enhanced RTMP v2 alone.
 */
#include "relay/source/flv_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rtmp/amf.h"
#include "rtmp/chunk.h"

#define AVCC     "\1\x42\xc0\x1e\xff\xe1\0\5\x67\x42\xc0\x1e\xaa\1\0\2\x68\xce"
#define HVCC     "\1hvcC record"
#define AAC      "\xaf\0\x12\x10"
#define BYTES(t) (const uint8_t *)(t), sizeof(t) - 1
#define PICTURE  "\0\0\0\2\x65\x88"
#define VIDEO    CME_RTMP_VIDEO
#define AUDIO    CME_RTMP_AUDIO
#define TEXT_MAX 1024

/* What came out, one packet a line: kind, DTS and PTS in microseconds, K for keyframes, size. */
static char text[TEXT_MAX];

static void say(const struct cme_packet *packet)
{
	size_t len = strlen(text);

	snprintf(text + len, sizeof text - len, "%c %lld %lld%s %zu;",
		 packet->stream == CME_VIDEO ? 'v' : 'a', (long long)packet->dts_us,
		 (long long)packet->pts_us, packet->start ? " K" : "", packet->size);
}

/* Feeds a message and says what comes of it. Returns why the reading ended; 0: it did not. */
static int feed(struct cme_flv_reader *reader, uint8_t type, uint32_t timestamp, const uint8_t *data,
		size_t len)
{
	struct cme_packet *packet;
	int rc;

	cme_flv_reader_feed(reader, type, timestamp, data, len);
	while ((packet = cme_flv_reader_next(reader, &rc))) {
		say(packet);
		cme_packet_unref(packet);
	}
	return rc;
}

#define FEED(type, at, bytes) assert_int_equal(feed(&reader, type, at, BYTES(bytes)), 0)

static void begin(struct cme_flv_reader *reader)
{
	text[0] = '\0';
	cme_flv_reader_init(reader, NULL);
}

static void gives_packets_once_both_streams_are_known(void **state)
{
	struct cme_flv_reader reader;

	(void)state;
	begin(&reader);
	FEED(AUDIO, 1000, "\xaf\1sound"); /* a server's, before anything says what it is */
	FEED(VIDEO, 1000, "\x17\0\0\0\0" AVCC);
	FEED(VIDEO, 1000, "\x17\1\0\0\x28" PICTURE);
	assert_string_equal(text, "");
	FEED(AUDIO, 1000, AAC);
	FEED(AUDIO, 1010, "\xaf\1sound");
	assert_string_equal(text, "a 1000000 1000000 5;v 1000000 1040000 K 6;a 1010000 1010000 5;");
	assert_int_equal(reader.gather.media->par[CME_VIDEO]->codec, CME_CODEC_H264);
	assert_int_equal(reader.gather.media->par[CME_AUDIO]->sample_rate, 44100);
	cme_flv_reader_fini(&reader);
}

static const struct {
	const char *what;
	enum cme_codec video, audio;
	const char *bytes[4]; /* picture's header, sound's header, a picture, sound */
	size_t lens[4];
	const char *extradata;
	const char *packets;
} codecs[] = {
#define S(t) (sizeof(t) - 1)
#define FOUR(a, b, c, d)               \
	{ a, b, c, d },                \
	{                              \
		S(a), S(b), S(c), S(d) \
	}
	{ "HEVC as codec id 12", CME_CODEC_HEVC, CME_CODEC_AAC,
	  FOUR("\x1c\0\0\0\0" HVCC, AAC, "\x1c\1\0\0\x50unit", "\xaf\1s"), HVCC, "v 0 80000 K 4;a 0 0 1;" },
	{ "HEVC with MP3", CME_CODEC_HEVC, CME_CODEC_MP3,
	  FOUR("\x90hvc1" HVCC, "", "\x93hvc1unit", "\x2f\xff\xfb\x90\0mp3"), HVCC, "v 0 0 K 4;a 0 0 7;" },
	{ "AV1 with Opus", CME_CODEC_AV1, CME_CODEC_OPUS,
	  FOUR("\x90"
	       "av01\x81\0\x0c\0",
	       "\x90OpusOpusHead\1\2\0\0\0\0\0\0\0\0\0",
	       "\x91"
	       "av01obu",
	       "\x91Opusop"),
	  NULL, "v 0 0 K 3;a 0 0 2;" },
	{ "VP9 with FLAC", CME_CODEC_VP9, CME_CODEC_FLAC,
	  FOUR("\x90vp09vpcC",
	       "\x90"
	       "fLaCfLaC\x80\0\0\x22",
	       "\x91vp09vp9",
	       "\x91"
	       "fLaCfl"),
	  "vpcC", "v 0 0 K 3;a 0 0 2;" },
	{ "VP8 with E-AC-3 (spec)", CME_CODEC_VP8, CME_CODEC_EAC3,
	  FOUR("\x90vp08vpcC", "", "\x91vp08vp8",
	       "\x91"
	       "ec-3\x0b\x77\0\0\x3f\x86"),
	  "vpcC", "v 0 0 K 3;a 0 0 6;" },
	{ "H.264 by its FourCC with AC-3 (spec)", CME_CODEC_H264, CME_CODEC_AC3,
	  FOUR("\x90"
	       "avc1" AVCC,
	       "",
	       "\x91"
	       "avc1\0\0\x28" PICTURE,
	       "\x91"
	       "ac-3\x0b\x77\0\0\x1e\x40\x43\xe1"),
	  NULL, "v 0 40000 K 6;a 0 0 8;" },
	{ "nanoseconds (spec)", CME_CODEC_HEVC, CME_CODEC_AAC,
	  FOUR("\x90hvc1" HVCC, AAC, "\x97\2\x07\xa1\x20\3hvc1unit", "\x97\2\0\x03\xe8\1mp4as"), HVCC,
	  "v 500 500 K 4;a 1 1 1;" },
};

static void reads_all_codecs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
		struct cme_flv_reader reader;

		begin(&reader);
		for (size_t n = 0; n < 4; n++)
			assert_int_equal(feed(&reader, n % 2 ? AUDIO : VIDEO, 0,
					      (const uint8_t *)codecs[i].bytes[n], codecs[i].lens[n]),
					 0);
		if (strcmp(text, codecs[i].packets) != 0)
			fail_msg("%s: %s", codecs[i].what, text);
		assert_int_equal(reader.gather.media->par[CME_VIDEO]->codec, codecs[i].video);
		assert_int_equal(reader.gather.media->par[CME_AUDIO]->codec, codecs[i].audio);
		if (codecs[i].extradata)
			assert_memory_equal(reader.gather.media->par[CME_VIDEO]->extradata,
					    codecs[i].extradata, strlen(codecs[i].extradata));
		cme_flv_reader_fini(&reader);
	}
}

static void begin_with_headers(struct cme_flv_reader *reader)
{
	begin(reader);
	assert_int_equal(feed(reader, VIDEO, 0, BYTES("\x17\0\0\0\0" AVCC)), 0);
	assert_int_equal(feed(reader, AUDIO, 0, BYTES(AAC)), 0);
}

static void goes_on_over_a_wrap_of_the_clock(void **state)
{
	struct cme_flv_reader reader;

	(void)state;
	begin_with_headers(&reader);
	reader.clocked = false;
	FEED(VIDEO, 0xfffffff0, "\x17\1\0\0\0" PICTURE);
	FEED(AUDIO, 0x00000010, "\xaf\1s");
	FEED(AUDIO, 0xfffffffe, "\xaf\1s"); /* sound that lies behind */
	FEED(VIDEO, 0x00000018, "\x27\1\xff\xff\xf8" PICTURE);
	assert_string_equal(text, "v 4294967280000 4294967280000 K 6;a 4294967312000 4294967312000 1;"
				  "a 4294967294000 4294967294000 1;v 4294967320000 4294967312000 6;");
	cme_flv_reader_fini(&reader);
}

static void goes_on_over_a_wrap_of_31_bits(void **state)
{
	struct cme_flv_reader reader;

	(void)state;
	begin_with_headers(&reader);
	reader.clocked = false;
	FEED(VIDEO, 0x7ffffff0, "\x17\1\0\0\0" PICTURE);
	FEED(AUDIO, 0x00000010, "\xaf\1s");
	FEED(AUDIO, 0x7ffffffe, "\xaf\1s");
	FEED(VIDEO, 0x00000018, "\x27\1\0\0\0" PICTURE);
	assert_string_equal(text, "v 2147483632000 2147483632000 K 6;a 2147483664000 2147483664000 1;"
				  "a 2147483646000 2147483646000 1;v 2147483672000 2147483672000 6;");
	cme_flv_reader_fini(&reader);
}

static void takes_the_tags_of_an_aggregate(void **state)
{
	struct cme_flv_reader reader;

	(void)state;
	begin_with_headers(&reader);
	FEED(CME_RTMP_AGGREGATE, 5000,
	     "\x09\0\0\x0b\0\0\x64\0\0\0\0\x17\1\0\0\0" PICTURE "\0\0\0\x16"
	     "\x12\0\0\1\0\0\x64\0\0\0\0\2\0\0\0\x0c"
	     "\x08\0\0\3\0\0\x6e\0\0\0\0\xaf\1s\0\0\0\x0e"
	     "\x08\0\0\x09\0\0\x78\0\0\0\0\xaf"); /* cut off */
	assert_string_equal(text, "v 5000000 5000000 K 6;a 5010000 5010000 1;");
	cme_flv_reader_fini(&reader);
}

/* Two tracks in one message: "AB" of track 0 and "CDE" of track 1 (spec). */
#define TRACKS "\xa6\x11vp09\0\0\0\2AB\1\0\0\3CDE"

static void relays_one_of_several_tracks(void **state)
{
	static const struct {
		int track;
		const char *packets;
	} rows[] = { { CME_TRACK_FIRST, "v 0 0 2;" }, { 0, "v 0 0 2;" }, { 1, "v 0 0 3;" }, { 2, "" } };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const int track[CME_STREAMS] = { rows[i].track, CME_TRACK_FIRST };
		struct cme_flv_reader reader;

		text[0] = '\0';
		cme_flv_reader_init(&reader, track);
		FEED(AUDIO, 0, AAC);
		FEED(VIDEO, 0, TRACKS);
		assert_int_equal(reader.foreign, rows[i].track == 2);
		FEED(AUDIO, 0, "\xaf\1s");
		assert_true(rows[i].track == 2 || strstr(text, rows[i].packets) == text);
		cme_flv_reader_fini(&reader);
	}
}

static void keeps_what_is_said_of_a_stream(void **state)
{
	struct cme_flv_reader reader;
	const struct cme_media *media;

	(void)state;
	begin(&reader);
	FEED(VIDEO, 0, "\x90hvc1" HVCC);
	FEED(VIDEO, 0,
	     "\xd4hvc1\2\0\x09"
	     "colorInfo\5");
	FEED(AUDIO, 0, "\x94mp4a\1\6\0\0\0\x3f");
	FEED(AUDIO, 0, AAC);
	FEED(VIDEO, 0, "\x93hvc1unit");
	media = reader.gather.media;
	assert_int_equal(media->note[CME_VIDEO].len, 13);
	assert_memory_equal(media->note[CME_VIDEO].data,
			    "\2\0\x09"
			    "colorInfo\5",
			    13);
	assert_memory_equal(media->note[CME_AUDIO].data, "\1\6\0\0\0\x3f", 6);
	FEED(AUDIO, 0, "\x94mp4a\1\6\0\0\0\x3f");
	assert_ptr_equal(reader.gather.media, media);
	FEED(AUDIO, 0, "\x94mp4a\1\2\0\0\0\3");
	assert_memory_equal(reader.gather.media->note[CME_AUDIO].data, "\1\2\0\0\0\3", 6);
	assert_int_equal(reader.gather.media->note[CME_VIDEO].len, 13);
	cme_flv_reader_fini(&reader);
}

static void says_what_it_does_not_read(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *name;
		int rc;
		uint8_t type;
	} rows[] = {
		{ "\x12xxx", 4, "Sorenson H.263", CME_END_PICTURE, VIDEO },
		{ "\x90vvc1x", 6, "VVC as Enhanced RTMP", CME_END_PICTURE, VIDEO },
		{ "\xb2sp", 3, "Speex", 0, AUDIO },
		{ "\x91xxxxx", 6, "a codec as Enhanced RTMP", 0, AUDIO },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct cme_flv_reader reader;
		struct cme_promise promise;
		int kind = rows[i].type == VIDEO ? CME_VIDEO : CME_AUDIO;

		begin(&reader);
		assert_int_equal(feed(&reader, rows[i].type, 0, (const uint8_t *)rows[i].bytes, rows[i].len),
				 rows[i].rc);
		cme_flv_reader_promise(&reader, &promise);
		assert_true(promise.made[kind]);
		assert_false(promise.made[!kind]);
		assert_string_equal(promise.unreadable[kind], rows[i].name);
		cme_flv_reader_fini(&reader);
	}
}

static void counts_what_is_malformed_and_goes_on(void **state)
{
	struct cme_flv_reader reader;

	(void)state;
	begin_with_headers(&reader);
	FEED(VIDEO, 0, "\x17\1\0");
	FEED(AUDIO, 0, "");
	FEED(VIDEO, 0, "\xa7\xff");
	FEED(VIDEO, 40, "\x17\1\0\0\0" PICTURE);
	assert_string_equal(text, "v 40000 40000 K 6;");
	assert_int_equal(cme_gather_dropped(&reader.gather), 2);
	cme_flv_reader_fini(&reader);
}

static void changes_media_with_the_headers(void **state)
{
	struct cme_flv_reader reader;
	struct cme_media *first;

	(void)state;
	begin_with_headers(&reader);
	FEED(VIDEO, 0, "\x17\1\0\0\0" PICTURE);
	first = cme_media_ref(reader.gather.media);
	FEED(VIDEO, 40, "\x17\0\0\0\0" AVCC); /* the same again */
	assert_ptr_equal(reader.gather.media, first);
	FEED(AUDIO, 40, "\xaf\0\x11\x90");
	assert_ptr_not_equal(reader.gather.media, first);
	assert_int_equal(reader.gather.media->par[CME_AUDIO]->sample_rate, 48000);
	assert_int_equal(feed(&reader, VIDEO, 80, BYTES("\x90hvc1" HVCC)), CME_END_CHANGED);
	cme_media_unref(first);
	cme_flv_reader_fini(&reader);
}

/* @setDataFrame may stand before it, and it promises nothing. */
static void takes_the_size_from_data_where_nothing_else_says_it(void **state)
{
	struct cme_flv_reader reader;
	struct cme_promise promise;
	struct cme_buf data;

	(void)state;
	begin(&reader);
	cme_buf_init(&data, 1024);
	cme_amf_put_string(&data, "onMetaData");
	cme_amf_begin_ecma_array(&data, 2);
	cme_amf_put_key(&data, "width");
	cme_amf_put_number(&data, 1920);
	cme_amf_put_key(&data, "height");
	cme_amf_put_number(&data, 1080);
	cme_amf_end_object(&data);
	assert_int_equal(feed(&reader, CME_RTMP_DATA, 0, (const uint8_t *)data.data, data.len), 0);
	cme_buf_fini(&data);
	assert_true(reader.foreign);
	cme_flv_reader_promise(&reader, &promise);
	assert_false(promise.made[CME_VIDEO]);
	FEED(AUDIO, 0, AAC);
	FEED(VIDEO, 0, "\x90hvc1" HVCC);
	FEED(VIDEO, 0, "\x93hvc1unit");
	FEED(AUDIO, 0, "\xaf\1s");
	assert_int_equal(reader.gather.media->width, 1920);
	assert_int_equal(reader.gather.media->height, 1080);
	cme_flv_reader_fini(&reader);
}

/* As of a server that sends sound at once and the picture from a keyframe on. */
static void reads_the_record_of_a_picture_that_comes_late(void **state)
{
	static const uint8_t keyframe[] = "\x91vp09\x82\x49\x83\x42\0\x14\x10\x0b\x56\x02";
	struct cme_flv_reader reader;

	(void)state;
	begin(&reader);
	cme_gather_expect(&reader.gather, false, true);
	FEED(AUDIO, 0, AAC);
	FEED(AUDIO, 0, "\xaf\1s");
	assert_null(reader.gather.media->par[CME_VIDEO]);
	assert_int_equal(feed(&reader, VIDEO, 40, keyframe, sizeof keyframe - 1), 0);
	assert_string_equal(text, "a 0 0 K 1;v 40000 40000 K 10;");
	assert_true(reader.gather.media->par[CME_VIDEO]->extradata_len > 0);
	assert_true(reader.gather.media->width > 0);
	cme_flv_reader_fini(&reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_packets_once_both_streams_are_known),
		cmocka_unit_test(reads_all_codecs),
		cmocka_unit_test(goes_on_over_a_wrap_of_the_clock),
		cmocka_unit_test(goes_on_over_a_wrap_of_31_bits),
		cmocka_unit_test(takes_the_tags_of_an_aggregate),
		cmocka_unit_test(relays_one_of_several_tracks),
		cmocka_unit_test(keeps_what_is_said_of_a_stream),
		cmocka_unit_test(says_what_it_does_not_read),
		cmocka_unit_test(counts_what_is_malformed_and_goes_on),
		cmocka_unit_test(changes_media_with_the_headers),
		cmocka_unit_test(takes_the_size_from_data_where_nothing_else_says_it),
		cmocka_unit_test(reads_the_record_of_a_picture_that_comes_late),
	};

	return cmocka_run_group_tests_name("flv_reader", tests, NULL, NULL);
}
