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

static const uint8_t avcc[] = { 1,    0x42, 0xc0, 0x1e, 0xff, 0xe1, 0, 5,    0x67,
				0x42, 0xc0, 0x1e, 0xaa, 1,    0,    2, 0x68, 0xce };

/* CME_CODEC_NONE: no such stream. */
static struct cme_media *media(enum cme_codec video, enum cme_codec audio)
{
	struct cme_params v = { .codec = video, .extradata = (uint8_t *)avcc, .extradata_len = sizeof avcc };
	struct cme_params a = { .codec = audio, .other = audio == CME_CODEC_OTHER ? "vorbis" : NULL };
	struct cme_media *result = cme_media_new(video ? &v : NULL, audio ? &a : NULL);

	assert_non_null(result);
	return result;
}

static struct cme_packet *packet(struct cme_media *of, int stream, bool key)
{
	struct cme_packet *result = cme_packet_new(3);

	assert_non_null(result);
	memcpy(result->payload, "abc", 3);
	result->stream = stream;
	result->key = key;
	result->dts_us = result->pts_us = 1000;
	result->arrival_us = 77;
	cme_packet_belong(result, of);
	return result;
}

static void starts_at_a_keyframe_of_the_picture(void **state)
{
	struct cme_media *both = media(CME_CODEC_H264, CME_CODEC_AAC);
	struct cme_media *sound = media(CME_CODEC_NONE, CME_CODEC_AAC);
	struct {
		struct cme_media *of;
		int stream;
		bool key;
		bool start;
	} rows[] = { { both, CME_VIDEO, true, true },
		     { both, CME_VIDEO, false, false },
		     { both, CME_AUDIO, true, false },
		     { sound, CME_AUDIO, true, true } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cme_packet *it = packet(rows[i].of, rows[i].stream, rows[i].key);

		assert_int_equal(it->start, rows[i].start);
		cme_packet_unref(it);
	}
	cme_media_unref(both);
	cme_media_unref(sound);
}

static void rebases_without_copying_the_payload(void **state)
{
	struct cme_media *both = media(CME_CODEC_H264, CME_CODEC_AAC);
	struct cme_packet *it = packet(both, CME_VIDEO, true);
	struct cme_packet *copy = cme_packet_rebase(it, &(struct cme_rebase){ .dts_us = 5, .pts_us = 9 });

	(void)state;
	assert_non_null(copy);
	assert_ptr_equal(copy->data, it->data);
	assert_int_equal(copy->dts_us, 5);
	assert_int_equal(copy->pts_us, 9);
	assert_int_equal(it->dts_us, 1000);
	assert_int_equal(copy->arrival_us, 77);
	assert_true(copy->start);
	cme_packet_unref(it);
	cme_packet_unref(cme_packet_ref(copy));
	assert_memory_equal(copy->data, "abc", 3);
	cme_packet_unref(copy);
	cme_media_unref(both);
}

/* However often a packet is rebased, only the one with the payload is kept for it. */
static void keeps_only_the_packet_with_the_payload(void **state)
{
	struct cme_media *both = media(CME_CODEC_H264, CME_CODEC_AAC);
	struct cme_packet *it = packet(both, CME_VIDEO, true);
	struct cme_packet *copy = cme_packet_rebase(it, &(struct cme_rebase){ .dts_us = 5, .pts_us = 9 });
	struct cme_packet *second = cme_packet_rebase(copy, &(struct cme_rebase){ .dts_us = 6, .pts_us = 9 });

	(void)state;
	assert_ptr_equal(second->origin, it);
	cme_packet_unref(it);
	cme_packet_unref(copy);
	assert_memory_equal(second->data, "abc", 3);
	cme_packet_unref(second);
	cme_media_unref(both);
}

static void takes_no_more_than_any_packet_has(void **state)
{
	(void)state;
	assert_null(cme_packet_new(SIZE_MAX));
	assert_null(cme_packet_new(2 * CME_PACKET_BYTES_MAX));
}

static void puts_headers_before_a_picture_only(void **state)
{
	static const uint8_t joined[] = { 0, 0, 0, 5, 0x67, 0x42, 0xc0, 0x1e, 0xaa,
					  0, 0, 0, 2, 0x68, 0xce, 'a',  'b',  'c' };
	struct cme_media *both = media(CME_CODEC_H264, CME_CODEC_AAC);
	struct cme_packet *picture = packet(both, CME_VIDEO, true);
	struct cme_packet *sound = packet(both, CME_AUDIO, true);
	struct cme_packet *copy = cme_packet_rebase(
		picture, &(struct cme_rebase){ .dts_us = 5, .pts_us = 9, .headers_in_band = true });

	(void)state;
	assert_int_equal(copy->size, sizeof joined);
	assert_memory_equal(copy->data, joined, sizeof joined);
	cme_packet_unref(copy);
	copy = cme_packet_rebase(sound,
				 &(struct cme_rebase){ .dts_us = 5, .pts_us = 9, .headers_in_band = true });
	assert_int_equal(copy->size, 3);
	cme_packet_unref(copy);
	cme_packet_unref(picture);
	cme_packet_unref(sound);
	cme_media_unref(both);
}

static const struct {
	enum cme_codec video, audio, next_video, next_audio;
	bool fits;
} fits[] = {
	{ CME_CODEC_H264, CME_CODEC_AAC, CME_CODEC_H264, CME_CODEC_AAC, true },
	{ CME_CODEC_H264, CME_CODEC_AAC, CME_CODEC_H264, CME_CODEC_NONE, true },
	{ CME_CODEC_H264, CME_CODEC_NONE, CME_CODEC_H264, CME_CODEC_AAC, false },
	{ CME_CODEC_H264, CME_CODEC_AAC, CME_CODEC_HEVC, CME_CODEC_AAC, false },
	{ CME_CODEC_H264, CME_CODEC_AAC, CME_CODEC_H264, CME_CODEC_MP3, false },
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
	struct cme_media *both = media(CME_CODEC_H264, CME_CODEC_AAC);
	struct cme_media *other = cme_media_with_extradata(both, CME_AUDIO, (const uint8_t *)"\x12\x10", 2);

	(void)state;
	assert_int_equal(both->par[CME_AUDIO]->extradata_len, 0);
	assert_int_equal(other->par[CME_AUDIO]->extradata_len, 2);
	assert_int_equal(other->par[CME_VIDEO]->extradata_len, sizeof avcc);
	cme_media_unref(both);
	cme_media_unref(other);
}

static void keeps_notes_in_copies(void **state)
{
	struct cme_media *plain = media(CME_CODEC_H264, CME_CODEC_AAC);
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
	enum cme_codec video, audio;
	const char *message; /* NULL: carried */
} carried[] = {
	{ "flv", CME_CODEC_H264, CME_CODEC_AAC, NULL },
	{ "flv", CME_CODEC_NONE, CME_CODEC_MP3, NULL },
	{ "flv", CME_CODEC_MPEG4, CME_CODEC_MP3, "RTMP does not carry mpeg4" },
	{ "flv", CME_CODEC_H264, CME_CODEC_OTHER, "RTMP does not carry vorbis" },
	{ "flv", CME_CODEC_HEVC, CME_CODEC_OPUS, NULL },
	{ "mpegts", CME_CODEC_HEVC, CME_CODEC_OPUS, NULL },
	{ "mpegts", CME_CODEC_MPEG4, CME_CODEC_MP3, NULL },
	{ "mpegts", CME_CODEC_VP9, CME_CODEC_AAC, "MPEG-TS does not carry vp9" },
	{ "matroska", CME_CODEC_VP9, CME_CODEC_OPUS, NULL },
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
		cmocka_unit_test(keeps_only_the_packet_with_the_payload),
		cmocka_unit_test(takes_no_more_than_any_packet_has),
		cmocka_unit_test(puts_headers_before_a_picture_only),
		cmocka_unit_test(fits_by_codec_and_presence),
		cmocka_unit_test(changes_extradata_in_a_copy),
		cmocka_unit_test(keeps_notes_in_copies),
		cmocka_unit_test(says_what_a_container_cannot_carry),
	};

	return cmocka_run_group_tests_name("packet", tests, NULL, NULL);
}
