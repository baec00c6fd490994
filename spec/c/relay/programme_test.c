/* SPDX-License-Identifier: MIT
 *
 * Packets in, and when their measure is known or another one.
 */
#include "relay/programme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t avcc[] = "\1\x64\0\x28\xff\xe1\0\0";

static struct cme_media *make_media(bool picture, int width)
{
	struct cme_params video = { .codec = CME_CODEC_H264,
				    .width = width,
				    .height = 720,
				    .extradata = (uint8_t *)avcc,
				    .extradata_len = sizeof avcc };
	struct cme_params audio = { .codec = CME_CODEC_MP3, .sample_rate = 44100 };
	struct cme_media *media = cme_media_new(picture ? &video : NULL, &audio);

	if (picture) /* the record above has no SPS that would tell */
		media->width = width;
	return media;
}

static bool add(struct cme_programme *programme, struct cme_media *media, int stream, int64_t dts_us)
{
	struct cme_packet packet = { .stream = stream, .dts_us = dts_us, .media = media };

	return cme_programme_add(programme, &packet);
}

/* Adds so many pictures, rounded to milliseconds as RTMP has them. Returns after how many it told, 0: never.
 */
static int run(struct cme_programme *programme, struct cme_media *media, int count, double fps)
{
	int told = 0;

	for (int i = 0; i < count; i++)
		if (add(programme, media, CME_VIDEO, (int64_t)(i * 1000 / fps) * 1000) && !told)
			told = i + 1;
	return told;
}

static void knows_the_rate_within_half_a_second(void **state)
{
	static const double rates[] = { 23.976, 25, 29.97, 30, 50, 60 };

	(void)state;
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		struct cme_programme programme = { 0 };
		struct cme_media *media = make_media(true, 1280);
		int told = run(&programme, media, 90, rates[i]);

		assert_in_range(told, 12, (uintmax_t)(rates[i] / 2 + 2));
		assert_float_equal(programme.facts.fps, rates[i], rates[i] / 100);
		assert_int_equal(programme.facts.codecs.profile, 100);
		cme_programme_fini(&programme);
		cme_media_unref(media);
	}
}

static void tells_once_until_something_changes(void **state)
{
	struct cme_programme programme = { 0 };
	struct cme_media *small = make_media(true, 640), *large = make_media(true, 1920);

	(void)state;
	assert_true(run(&programme, small, 60, 30));
	assert_false(run(&programme, small, 300, 30)); /* it begins anew at 0: a jump */
	assert_true(run(&programme, large, 60, 30));
	assert_int_equal(programme.facts.codecs.width, 1920);
	assert_true(run(&programme, large, 200, 50));
	cme_programme_fini(&programme);
	cme_media_unref(small);
	cme_media_unref(large);
}

static void a_slow_one_takes_a_second(void **state)
{
	struct cme_programme programme = { 0 };
	struct cme_media *media = make_media(true, 640);

	(void)state;
	assert_int_equal(run(&programme, media, 20, 5), 6);
	assert_float_equal(programme.facts.fps, 5, 0.1);
	cme_programme_fini(&programme);
	cme_media_unref(media);
}

static void sound_alone_has_no_rate(void **state)
{
	struct cme_programme programme = { 0 };
	struct cme_media *media = make_media(false, 0);
	bool told = false;

	(void)state;
	for (int i = 0; i < 40; i++)
		told = add(&programme, media, CME_AUDIO, i * 26122) || told;
	assert_true(told);
	assert_null(programme.facts.codecs.video);
	assert_string_equal(programme.facts.codecs.audio, "mp3");
	assert_float_equal(programme.facts.fps, 0, 0);
	cme_programme_fini(&programme);
	cme_media_unref(media);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(knows_the_rate_within_half_a_second),
					    cmocka_unit_test(tells_once_until_something_changes),
					    cmocka_unit_test(a_slow_one_takes_a_second),
					    cmocka_unit_test(sound_alone_has_no_rate) };

	return cmocka_run_group_tests_name("programme", tests, NULL, NULL);
}
