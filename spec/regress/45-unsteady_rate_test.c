/* SPDX-License-Identifier: MIT
 *
 * A source whose pictures come at 30 a second, but for stutters, or at no rate that lasts: each stutter was
 * another programme, and a slate was made for it.
 */
#include "relay/programme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct cme_media *make_media(void)
{
	return cme_media_new(&(struct cme_params){ .codec = CME_CODEC_VP9, .width = 640, .height = 360 },
			     NULL);
}

struct stream {
	struct cme_programme programme;
	struct cme_media *media;
	int64_t dts_us;
	int told;
};

static void add(struct stream *stream, int64_t step_us)
{
	struct cme_packet packet = { .stream = CME_VIDEO, .media = stream->media };

	stream->dts_us += step_us;
	packet.dts_us = stream->dts_us;
	stream->told += cme_programme_add(&stream->programme, &packet);
}

static int setup(void **state)
{
	static struct stream stream;

	stream = (struct stream){ .media = make_media() };
	*state = &stream;
	return 0;
}

static int teardown(void **state)
{
	struct stream *stream = *state;

	cme_programme_fini(&stream->programme);
	cme_media_unref(stream->media);
	return 0;
}

static void a_stutter_is_no_other_programme(void **state)
{
	struct stream *stream = *state;

	for (int i = 0; i < 3000; i++)
		add(stream, i % 100 == 50 ? 120000 : 33333);
	assert_int_equal(stream->told, 1);
	assert_float_equal(stream->programme.facts.fps, 30, 0.1);
}

static void a_rate_that_never_lasts_is_told_once(void **state)
{
	struct stream *stream = *state;

	for (int i = 0; i < 3000; i++)
		add(stream, 20000 + i / 10 % 9 * 5000); /* 50 to 17 a second */
	assert_int_equal(stream->told, 1);
}

static void one_that_lasts_is_told(void **state)
{
	struct stream *stream = *state;

	for (int i = 0; i < 300; i++)
		add(stream, 33333);
	for (int i = 0; i < 300; i++)
		add(stream, 20000);
	assert_int_equal(stream->told, 2);
	assert_float_equal(stream->programme.facts.fps, 50, 0.1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_stutter_is_no_other_programme, setup, teardown),
		cmocka_unit_test_setup_teardown(a_rate_that_never_lasts_is_told_once, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_lasts_is_told, setup, teardown),
	};

	return cmocka_run_group_tests_name("unsteady rate", tests, NULL, NULL);
}
