/* SPDX-License-Identifier: MIT
 *
 * A platform that does not like the key takes the publish and hangs up: the output is refused, and was
 * never live in between. How long a publish has to hold is set so long here that no machine's load lets that
 * pass before the hang-up is read.
 */
#include "../c/relay/output/rtmp/rtmp_sink.h"
#include "../c/relay/output/rtmp/test_source.h"

static bool failed(struct cme_output *out, struct cme_err *err, unsigned *connects)
{
	pthread_mutex_lock(&out->lock);
	*err = out->error;
	*connects = out->connects;
	pthread_mutex_unlock(&out->lock);
	return err->code[0] != '\0';
}

static void ask_for_proof(struct cme_output *out, double proof_s)
{
	pthread_mutex_lock(&out->lock);
	out->backoff.proof_s = out->backoff.policy.proof_s = proof_s;
	pthread_mutex_unlock(&out->lock);
}

static void is_refused_and_never_live(void **state)
{
	static struct sink sink;
	struct source source = { .media = make_media(CME_CODEC_H264, "\x01"
								     "avcC") };
	int64_t end_us = cme_now_us() + GIVE_UP_S * CME_SECOND_US;
	struct cme_output *out;
	struct cme_err err;
	unsigned connects;

	(void)state;
	assert_true(sink_start(&sink, SINK_ACCEPT_AND_END, NULL));
	out = make_output(sink.port, "rtmp", "127.0.0.1", NULL);
	ask_for_proof(out, GIVE_UP_S); /* there is no media yet, and so no publish */
	while (!failed(out, &err, &connects)) {
		push_frame(&source, &out, 1);
		wait_a_frame();
		assert_true(cme_now_us() < end_us);
	}
	end_outputs(&out, 1);
	sink_stop(&sink);
	cme_media_unref(source.media);
	assert_string_equal(err.code, "publish.refused");
	assert_non_null(strstr(err.message, "': the server accepted the publish and hung up "));
	assert_int_equal(connects, 0);
	assert_int_equal(live_events, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(is_refused_and_never_live) };
	int rc;

	if (cme_events_init(&events) != 0)
		return 1;
	rc = cmocka_run_group_tests_name("11-accepted-then-hung-up", tests, NULL, NULL);
	cme_events_fini(&events);
	return rc;
}
