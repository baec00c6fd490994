/* SPDX-License-Identifier: MIT
 *
 * Pictures in, silent frames before them.
 */
#include "relay/source/silence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct cme_media *make_media(bool sound)
{
	return cme_media_new(&(struct cme_params){ .codec = CME_CODEC_HEVC },
			     sound ? &(struct cme_params){ .codec = CME_CODEC_MP3 } : NULL);
}

static struct cme_packet *make_picture(struct cme_media *media, int64_t dts_us)
{
	struct cme_packet *packet = cme_packet_new(4);

	packet->stream = CME_VIDEO;
	packet->dts_us = packet->pts_us = packet->arrival_us = dts_us;
	cme_packet_belong(packet, media);
	return packet;
}

/* How many frames come before a picture; their times step by a frame from *next_us on. */
static int count(struct cme_silence *silence, struct cme_media *media, int64_t dts_us, int64_t *last_us)
{
	struct cme_packet *picture = make_picture(media, dts_us), *silent;
	int frames = 0;

	while ((silent = cme_silence_next(silence, picture))) {
		assert_int_equal(silent->stream, CME_AUDIO);
		assert_ptr_equal(silent->media, silence->with);
		assert_false(silent->start);
		assert_true(silent->dts_us <= dts_us);
		*last_us = silent->dts_us;
		frames++;
		cme_packet_unref(silent);
	}
	cme_silence_mark(silence, picture);
	assert_true(picture->media->par[CME_AUDIO] != NULL);
	cme_packet_unref(picture);
	return frames;
}

static void fills_the_time_between_pictures(void **state)
{
	struct cme_silence silence = { 0 };
	struct cme_media *media = make_media(false);
	int64_t last_us = -1;
	int frames = 0;

	(void)state;
	for (int i = 0; i <= 250; i++)
		frames += count(&silence, media, 5000000 + i * 40000, &last_us);
	assert_int_equal(frames, 469); /* 10 s of 1024 samples at 48 kHz, and the first */
	assert_int_equal(last_us, 5000000 + 468 * 1024 * 1000000LL / 48000);
	assert_int_equal(silence.with->par[CME_AUDIO]->sample_rate, 48000);
	assert_int_equal(silence.with->frame_us, 21333);
	cme_silence_fini(&silence);
	cme_media_unref(media);
}

static void keeps_what_the_source_says_of_its_picture(void **state)
{
	struct cme_silence silence = { 0 };
	struct cme_media *media = make_media(false);
	int64_t last_us = -1;

	(void)state;
	assert_int_equal(cme_media_put_note(media, CME_VIDEO, (const uint8_t *)"colours", 7), 0);
	assert_int_equal(count(&silence, media, 0, &last_us), 1);
	assert_int_equal(silence.with->note[CME_VIDEO].len, 7);
	assert_memory_equal(silence.with->note[CME_VIDEO].data, "colours", 7);
	cme_silence_fini(&silence);
	cme_media_unref(media);
}

static void begins_anew_where_the_source_jumps(void **state)
{
	struct cme_silence silence = { 0 };
	struct cme_media *media = make_media(false);
	int64_t last_us = -1;

	(void)state;
	assert_int_equal(count(&silence, media, 0, &last_us), 1);
	assert_int_equal(count(&silence, media, 600000000, &last_us), 1);
	assert_int_equal(last_us, 600000000);
	assert_int_equal(count(&silence, media, 10000, &last_us), 1);
	assert_int_equal(last_us, 10000);
	cme_silence_fini(&silence);
	cme_media_unref(media);
}

static void leaves_a_source_with_sound_alone(void **state)
{
	struct cme_silence silence = { 0 };
	struct cme_media *media = make_media(true);
	struct cme_packet *picture = make_picture(media, 0);

	(void)state;
	assert_null(cme_silence_next(&silence, picture));
	cme_silence_mark(&silence, picture);
	assert_ptr_equal(picture->media, media);
	cme_packet_unref(picture);
	cme_silence_fini(&silence);
	cme_media_unref(media);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(fills_the_time_between_pictures),
					    cmocka_unit_test(keeps_what_the_source_says_of_its_picture),
					    cmocka_unit_test(begins_anew_where_the_source_jumps),
					    cmocka_unit_test(leaves_a_source_with_sound_alone) };

	return cmocka_run_group_tests_name("silence", tests, NULL, NULL);
}
