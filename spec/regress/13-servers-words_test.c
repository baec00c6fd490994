/* SPDX-License-Identifier: MIT
 *
 * What servers say besides the answers: onFCPublish without a transaction id (ffmpeg -listen 1), which
 * nobody waits for, and another server's address (ex.redirect), which is followed once.
 */
#include "../c/relay/output/rtmp/rtmp_sink.h"
#include "../c/relay/output/rtmp/test_source.h"

static struct source source;

static int make_source(void **state)
{
	(void)state;
	source = (struct source){ .media = make_media(CME_CODEC_H264, "\x01"
								      "avcC") };
	return 0;
}

static int free_source(void **state)
{
	(void)state;
	cme_media_unref(source.media);
	return 0;
}

static void push_until(struct cme_output *out, _Atomic int *counter, int value)
{
	int64_t end_us = cme_now_us() + GIVE_UP_S * CME_SECOND_US;

	while (atomic_load(counter) < value) {
		push_frame(&source, &out, 1);
		wait_a_frame();
		assert_true(cme_now_us() < end_us);
	}
}

static void a_command_without_an_id_ends_nothing(void **state)
{
	static struct sink sink;
	struct cme_output *out;

	(void)state;
	assert_true(sink_start(&sink, SINK_FFMPEG, NULL));
	out = make_output(sink.port, "rtmp", "127.0.0.1", NULL);
	push_until(out, &sink.media, 10);
	end_outputs(&out, 1);
	sink_stop(&sink);
	assert_int_equal(sink.connections, 1);
}

static void a_redirect_is_followed_with_the_key(void **state)
{
	static struct sink front, back;
	struct cme_output *out;

	(void)state;
	assert_true(sink_start(&front, SINK_REDIRECT, NULL) && sink_start(&back, SINK_GOOD, NULL));
	snprintf(front.redirect, sizeof front.redirect, "rtmp://127.0.0.1:%d/other", back.port);
	out = make_output(front.port, "rtmp", "127.0.0.1", NULL);
	push_until(out, &back.media, 10);
	end_outputs(&out, 1);
	sink_stop(&front);
	sink_stop(&back);
	assert_string_equal(back.key, KEY);
	assert_int_equal(front.connections, 1);
	assert_int_equal(back.connections, 1);
}

/* Each server names the other one: the second refusal is the output's, and the next try begins at the first.
 */
static void a_redirect_is_followed_once(void **state)
{
	static struct sink front, back;
	struct cme_output *out;
	struct cme_err err;

	(void)state;
	assert_true(sink_start(&front, SINK_REDIRECT, NULL) && sink_start(&back, SINK_REDIRECT, NULL));
	snprintf(front.redirect, sizeof front.redirect, "rtmp://127.0.0.1:%d/live", back.port);
	snprintf(back.redirect, sizeof back.redirect, "rtmp://127.0.0.1:%d/live", front.port);
	out = make_output(front.port, "rtmp", "127.0.0.1", NULL);
	push_until(out, &front.connections, 2);
	pthread_mutex_lock(&out->lock);
	err = out->error;
	pthread_mutex_unlock(&out->lock);
	end_outputs(&out, 1);
	sink_stop(&front);
	sink_stop(&back);
	assert_string_equal(err.code, "publish.refused");
	assert_non_null(strstr(err.message, "connect: the server refused (NetConnection.Connect.Rejected; "
					    "redirect to rtmp://127.0.0.1:"));
	assert_in_range(back.connections, 1, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_command_without_an_id_ends_nothing, make_source,
						free_source),
		cmocka_unit_test_setup_teardown(a_redirect_is_followed_with_the_key, make_source,
						free_source),
		cmocka_unit_test_setup_teardown(a_redirect_is_followed_once, make_source, free_source),
	};
	int rc;

	if (cme_events_init(&events) != 0)
		return 1;
	rc = cmocka_run_group_tests_name("13-servers-words", tests, NULL, NULL);
	cme_events_fini(&events);
	return rc;
}
