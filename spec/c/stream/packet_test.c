/* SPDX-License-Identifier: MIT
 *
 * Packets and the media they belong to: rebasing, headers in band, what fits an opened connection.
 */
#include "stream/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <libavcodec/avcodec.h>
#include <libavutil/mem.h>

static const uint8_t avcc[] = { 1,    0x42, 0xc0, 0x1e, 0xff, 0xe1, 0, 5,    0x67,
				0x42, 0xc0, 0x1e, 0xaa, 1,    0,    2, 0x68, 0xce };

static AVCodecParameters *parameters(enum AVMediaType type, enum AVCodecID codec, const uint8_t *data,
				     size_t len)
{
	AVCodecParameters *par = avcodec_parameters_alloc();

	assert_non_null(par);
	par->codec_type = type;
	par->codec_id = codec;
	if (len) {
		par->extradata = av_mallocz(len + AV_INPUT_BUFFER_PADDING_SIZE);
		memcpy(par->extradata, data, len);
		par->extradata_size = (int)len;
	}
	return par;
}

/* AV_CODEC_ID_NONE: no such stream. */
static struct cme_media *media(enum AVCodecID video, enum AVCodecID audio)
{
	AVCodecParameters *v = video ? parameters(AVMEDIA_TYPE_VIDEO, video, avcc, sizeof avcc) : NULL;
	AVCodecParameters *a = audio ? parameters(AVMEDIA_TYPE_AUDIO, audio, NULL, 0) : NULL;
	struct cme_media *result = cme_media_new(v, a);

	assert_non_null(result);
	avcodec_parameters_free(&v);
	avcodec_parameters_free(&a);
	return result;
}

static struct cme_packet *packet(struct cme_media *of, int stream, int flags)
{
	AVPacket *av = av_packet_alloc();
	struct cme_packet *result;

	assert_int_equal(av_new_packet(av, 3), 0);
	memcpy(av->data, "abc", 3);
	av->stream_index = stream;
	av->flags = flags;
	av->dts = av->pts = 1000;
	result = cme_packet_new(av, of, 77);
	assert_non_null(result);
	av_packet_free(&av);
	return result;
}

static void starts_at_a_keyframe_of_the_picture(void **state)
{
	struct cme_media *both = media(AV_CODEC_ID_H264, AV_CODEC_ID_AAC);
	struct cme_media *sound = media(AV_CODEC_ID_NONE, AV_CODEC_ID_AAC);
	struct {
		struct cme_media *of;
		int stream, flags;
		bool start;
	} rows[] = { { both, CME_VIDEO, AV_PKT_FLAG_KEY, true },
		     { both, CME_VIDEO, 0, false },
		     { both, CME_AUDIO, AV_PKT_FLAG_KEY, false },
		     { sound, CME_AUDIO, AV_PKT_FLAG_KEY, true } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cme_packet *it = packet(rows[i].of, rows[i].stream, rows[i].flags);

		assert_int_equal(it->start, rows[i].start);
		cme_packet_unref(it);
	}
	cme_media_unref(both);
	cme_media_unref(sound);
}

static void rebases_without_copying_the_payload(void **state)
{
	struct cme_media *both = media(AV_CODEC_ID_H264, AV_CODEC_ID_AAC);
	struct cme_packet *it = packet(both, CME_VIDEO, AV_PKT_FLAG_KEY);
	struct cme_packet *copy = cme_packet_rebase(it, &(struct cme_rebase){ .dts_us = 5, .pts_us = 9 });

	(void)state;
	assert_non_null(copy);
	assert_ptr_equal(copy->av->data, it->av->data);
	assert_int_equal(copy->av->dts, 5);
	assert_int_equal(copy->av->pts, 9);
	assert_int_equal(it->av->dts, 1000);
	assert_int_equal(copy->arrival_us, 77);
	assert_true(copy->start);
	cme_packet_unref(it);
	cme_packet_unref(cme_packet_ref(copy));
	assert_memory_equal(copy->av->data, "abc", 3);
	cme_packet_unref(copy);
	cme_media_unref(both);
}

static void puts_headers_before_a_picture_only(void **state)
{
	static const uint8_t joined[] = { 0, 0, 0, 5, 0x67, 0x42, 0xc0, 0x1e, 0xaa,
					  0, 0, 0, 2, 0x68, 0xce, 'a',  'b',  'c' };
	struct cme_media *both = media(AV_CODEC_ID_H264, AV_CODEC_ID_AAC);
	struct cme_packet *picture = packet(both, CME_VIDEO, AV_PKT_FLAG_KEY);
	struct cme_packet *sound = packet(both, CME_AUDIO, AV_PKT_FLAG_KEY);
	struct cme_packet *copy = cme_packet_rebase(
		picture, &(struct cme_rebase){ .dts_us = 5, .pts_us = 9, .headers_in_band = true });

	(void)state;
	assert_int_equal(copy->av->size, sizeof joined);
	assert_memory_equal(copy->av->data, joined, sizeof joined);
	cme_packet_unref(copy);
	copy = cme_packet_rebase(sound,
				 &(struct cme_rebase){ .dts_us = 5, .pts_us = 9, .headers_in_band = true });
	assert_int_equal(copy->av->size, 3);
	cme_packet_unref(copy);
	cme_packet_unref(picture);
	cme_packet_unref(sound);
	cme_media_unref(both);
}

static const struct {
	enum AVCodecID video, audio, next_video, next_audio;
	bool fits;
} fits[] = {
	{ AV_CODEC_ID_H264, AV_CODEC_ID_AAC, AV_CODEC_ID_H264, AV_CODEC_ID_AAC, true },
	{ AV_CODEC_ID_H264, AV_CODEC_ID_AAC, AV_CODEC_ID_H264, AV_CODEC_ID_NONE, true },
	{ AV_CODEC_ID_H264, AV_CODEC_ID_NONE, AV_CODEC_ID_H264, AV_CODEC_ID_AAC, false },
	{ AV_CODEC_ID_H264, AV_CODEC_ID_AAC, AV_CODEC_ID_HEVC, AV_CODEC_ID_AAC, false },
	{ AV_CODEC_ID_H264, AV_CODEC_ID_AAC, AV_CODEC_ID_H264, AV_CODEC_ID_MP3, false },
};

static void fits_by_codec_and_presence(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof fits / sizeof fits[0]; i++) {
		struct cme_media *opened = media(fits[i].video, fits[i].audio);
		struct cme_media *next = media(fits[i].next_video, fits[i].next_audio);

		assert_int_equal(cme_media_fits(opened, next), fits[i].fits);
		cme_media_unref(opened);
		cme_media_unref(next);
	}
}

static void changes_extradata_in_a_copy(void **state)
{
	struct cme_media *both = media(AV_CODEC_ID_H264, AV_CODEC_ID_AAC);
	struct cme_media *other = cme_media_with_extradata(both, CME_AUDIO, (const uint8_t *)"\x12\x10", 2);

	(void)state;
	assert_int_equal(both->par[CME_AUDIO]->extradata_size, 0);
	assert_int_equal(other->par[CME_AUDIO]->extradata_size, 2);
	assert_int_equal(other->par[CME_VIDEO]->extradata_size, sizeof avcc);
	cme_media_unref(both);
	cme_media_unref(other);
}

static void keeps_notes_in_copies(void **state)
{
	struct cme_media *plain = media(AV_CODEC_ID_H264, AV_CODEC_ID_AAC);
	struct cme_media *noted = cme_media_with_note(plain, CME_VIDEO, (const uint8_t *)"hdr", 3);
	struct cme_media *other = cme_media_with_extradata(noted, CME_AUDIO, (const uint8_t *)"\x12\x10", 2);

	(void)state;
	assert_int_equal(plain->note[CME_VIDEO].len, 0);
	assert_int_equal(other->note[CME_VIDEO].len, 3);
	assert_memory_equal(other->note[CME_VIDEO].data, "hdr", 3);
	assert_false(cme_media_same(plain, noted, CME_VIDEO));
	assert_true(cme_media_same(plain, noted, CME_AUDIO));
	assert_true(cme_media_same(noted, other, CME_VIDEO));
	assert_false(cme_media_same(noted, other, CME_AUDIO));
	assert_null(cme_media_with_note(plain, CME_VIDEO, avcc, CME_NOTE_MAX + 1));
	cme_media_unref(plain);
	cme_media_unref(noted);
	cme_media_unref(other);
}

static const struct {
	const char *container;
	enum AVCodecID video, audio;
	const char *message; /* NULL: carried */
} carried[] = {
	{ "flv", AV_CODEC_ID_H264, AV_CODEC_ID_AAC, NULL },
	{ "flv", AV_CODEC_ID_NONE, AV_CODEC_ID_MP3, NULL },
	{ "flv", AV_CODEC_ID_MPEG4, AV_CODEC_ID_MP3, "RTMP does not carry mpeg4" },
	{ "flv", AV_CODEC_ID_H264, AV_CODEC_ID_VORBIS, "RTMP does not carry vorbis" },
	{ "flv", AV_CODEC_ID_HEVC, AV_CODEC_ID_OPUS, NULL },
	{ "mpegts", AV_CODEC_ID_HEVC, AV_CODEC_ID_OPUS, NULL },
	{ "mpegts", AV_CODEC_ID_MPEG4, AV_CODEC_ID_MP3, NULL },
	{ "mpegts", AV_CODEC_ID_VP9, AV_CODEC_ID_AAC, "MPEG-TS does not carry vp9" },
	{ "matroska", AV_CODEC_ID_VP9, AV_CODEC_ID_OPUS, NULL },
};

static void says_what_a_container_cannot_carry(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof carried / sizeof carried[0]; i++) {
		struct cme_media *it = media(carried[i].video, carried[i].audio);
		struct cme_err err;

		assert_int_equal(cme_media_check(it, carried[i].container, &err),
				 carried[i].message ? -1 : 0);
		if (carried[i].message) {
			assert_string_equal(err.code, "media.unsupported");
			assert_string_equal(err.message, carried[i].message);
		}
		cme_media_unref(it);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_at_a_keyframe_of_the_picture),
		cmocka_unit_test(rebases_without_copying_the_payload),
		cmocka_unit_test(puts_headers_before_a_picture_only),
		cmocka_unit_test(fits_by_codec_and_presence),
		cmocka_unit_test(changes_extradata_in_a_copy),
		cmocka_unit_test(keeps_notes_in_copies),
		cmocka_unit_test(says_what_a_container_cannot_carry),
	};

	return cmocka_run_group_tests_name("packet", tests, NULL, NULL);
}
