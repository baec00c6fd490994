/* SPDX-License-Identifier: MIT
 *
 * The publisher against platforms with a script (rtmp_sink.h): what goes wrong at one destination shows
 * in its state, with the right code, and nowhere else. Real sockets and real deadlines.
 */
#include "relay/output/rtmp/output_rtmp.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "authority.h"
#include "common/clock.h"
#include "relay/base/sys.h"
#include "relay/output/rtmp/publisher.h"
#include "rtmp_sink.h"
#include "test_source.h"

static void copy_error(struct cme_output *out, struct cme_err *err, unsigned *connects)
{
	pthread_mutex_lock(&out->lock);
	*err = out->error;
	*connects = out->connects;
	pthread_mutex_unlock(&out->lock);
}

/* The sink got two sequence headers and every packet from some keyframe on: the one at which it went live. */
static void expect_all_from_a_keyframe(const struct sink *sink, const struct source *source)
{
	assert_true(sink->media > 2);
	assert_true(sink->media <= 2 * source->frame + 2);
	assert_int_equal((2 * source->frame + 2 - sink->media) % (2 * GOP), 0);
}

/* ---- one destination of each kind, beside a healthy one */

static const struct fault {
	enum sink_script script;
	unsigned connects; /* at least, */
	const char *code;  /* and the last error */
	const char *reason;
} faults[] = {
	{ SINK_GOOD, 1, "", "" },
	{ SINK_PINGS, 1, "", "" },
	{ SINK_CUT, 2, "network.reset", "" },
	{ SINK_STOP_READING, 1, "network.timeout", "the peer took nothing for 4 s" },
	{ SINK_ACCEPT_AND_END, 0, "publish.refused", "the server accepted the publish and hung up " },
	{ SINK_SILENT, 0, "network.timeout", "the handshake did not come in time" },
	{ SINK_NO_S2, 0, "network.timeout", "the handshake did not come in time" },
	{ SINK_NO_CONNECT, 0, "network.timeout", "the answer to connect did not come in time" },
	{ SINK_NO_PUBLISH, 0, "network.timeout", "the answer to publish did not come in time" },
	{ SINK_GARBAGE, 0, "network.protocol",
	  "the peer's chunk stream: a first chunk without length and type" },
	{ SINK_REJECT_CONNECT, 0, "publish.refused",
	  "connect: the server refused (NetConnection.Connect.Rejected)" },
	{ SINK_REFUSE_PUBLISH, 0, "publish.refused",
	  "publish: the server refused (NetStream.Publish.BadName)" },
	{ SINK_HANG_UP, 0, "publish.refused", "the server hung up instead of the answer to publish" },
};

#define PINGS  1 /* their places in the table */
#define CUT    2
#define FAULTS (sizeof faults / sizeof faults[0])

static bool fault_shows(const struct fault *fault, struct cme_output *out)
{
	struct cme_err err;
	unsigned connects;

	copy_error(out, &err, &connects);
	return connects >= fault->connects && strcmp(err.code, fault->code) == 0 &&
	       (!fault->reason[0] || strstr(err.message, fault->reason)) && !strstr(err.message, "key7") &&
	       !strstr(err.message, "1f2e");
}

/* A connection is broken only once it was live, however slow the machine. */
static void cut_when_live(struct sink *sink, struct cme_output *out)
{
	struct cme_err err;
	unsigned connects;

	copy_error(out, &err, &connects);
	if (connects > 0)
		atomic_store(&sink->cut, true);
}

static void expect_faults(struct source *source, struct sink *sinks, struct cme_output **outs)
{
	int64_t end_us = cme_now_us() + GIVE_UP_S * CME_SECOND_US;
	size_t count = FAULTS, shown = 0;

	while (shown < count) {
		push_frame(source, outs, count);
		wait_a_frame();
		cut_when_live(&sinks[CUT], outs[CUT]);
		while (shown < count && fault_shows(&faults[shown], outs[shown]))
			shown++;
		if (cme_now_us() > end_us) {
			struct cme_err err;
			unsigned connects;

			copy_error(outs[shown], &err, &connects);
			fail_msg("script %d: %u connects, %s: %s", faults[shown].script, connects, err.code,
				 err.message);
		}
	}
}

static void a_fault_stays_with_its_destination(void **state)
{
	static struct sink sinks[FAULTS];
	struct source source = { .media = make_media(CME_CODEC_H264, "\x01"
								     "avcC") };
	struct cme_output *outs[FAULTS];
	size_t count = FAULTS;

	(void)state;
	for (size_t i = 0; i < count; i++) {
		assert_true(sink_start(&sinks[i], faults[i].script, NULL));
		outs[i] = make_output(sinks[i].port, "rtmp", "127.0.0.1", NULL);
	}
	expect_faults(&source, sinks, outs);
	assert_int_equal(outs[0]->queue.dropped, 0);
	end_outputs(outs, count);
	for (size_t i = 0; i < count; i++)
		sink_stop(&sinks[i]);
	assert_string_equal(sinks[0].key, KEY);
	assert_int_equal(sinks[0].publishes, 1);
	assert_int_equal(sinks[0].goodbyes, 1);
	expect_all_from_a_keyframe(&sinks[0], &source);
	assert_int_equal(sinks[PINGS].connections, 1);
	assert_true(sinks[PINGS].pongs > 10);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(sinks[i].backwards, 0);
		assert_int_equal(sinks[i].headless, 0);
	}
	cme_media_unref(source.media);
}

/* ---- a source that changes */

static void push_until(struct source *source, struct cme_output *out, _Atomic int *counter, int value)
{
	int64_t end_us = cme_now_us() + GIVE_UP_S * CME_SECOND_US;

	while (atomic_load(counter) < value) {
		push_frame(source, &out, 1);
		wait_a_frame();
		assert_true(cme_now_us() < end_us);
	}
}

static void other_headers_keep_the_publish_another_codec_makes_a_new_one(void **state)
{
	static struct sink sink;
	struct source source = { .media = make_media(CME_CODEC_H264, "\x01"
								     "one") };
	struct cme_media *first = source.media;
	struct cme_media *same = make_media(CME_CODEC_H264, "\x01"
							    "two");
	struct cme_media *other = make_media(CME_CODEC_HEVC, "\x01"
							     "three");
	struct cme_output *out;
	int before, changed_at;

	(void)state;
	assert_true(sink_start(&sink, SINK_GOOD, NULL));
	out = make_output(sink.port, "rtmp", "127.0.0.1", NULL);
	push_until(&source, out, &sink.media, 10);
	source.media = same;
	source.frame += GOP - source.frame % GOP; /* a switch is at a keyframe */
	before = atomic_load(&sink.media);
	push_until(&source, out, &sink.media, before + 40);
	assert_int_equal(sink.publishes, 1);
	assert_int_equal(sink.headers, 2);
	source.media = other;
	source.frame += GOP - source.frame % GOP;
	changed_at = source.frame;
	before = atomic_load(&sink.media);
	push_until(&source, out, &sink.publishes, 2);
	push_until(&source, out, &sink.media, before + 20);
	end_outputs(&out, 1);
	sink_stop(&sink);
	assert_int_equal(sink.goodbyes, 2);
	assert_int_equal(sink.first, changed_at & 0xff); /* nothing was lost over the new publish */
	assert_int_equal(sink.backwards, 0);
	cme_media_unref(first);
	cme_media_unref(same);
	cme_media_unref(other);
}

/* ---- who sends */

static size_t queued(struct cme_output *out)
{
	size_t count;

	pthread_mutex_lock(&out->lock);
	count = out->queue.count;
	pthread_mutex_unlock(&out->lock);
	return count;
}

/* Not every frame: the publisher's thread steps now and then, and is left to send what comes meanwhile. */
static void what_is_carried_leaves_at_once(void **state)
{
	static struct sink sink;
	struct source source = { .media = make_media(CME_CODEC_H264, "\x01"
								     "avcC") };
	struct cme_output *out;
	int at_once = 0;

	(void)state;
	carried = true;
	assert_true(sink_start(&sink, SINK_GOOD, NULL));
	out = make_output(sink.port, "rtmp", "127.0.0.1", NULL);
	push_until(&source, out, &sink.media, 10);
	for (int i = 0; i < 50; i++) {
		push_frame(&source, &out, 1);
		at_once += queued(out) == 0;
		wait_a_frame();
	}
	assert_in_range(at_once, 25, 50);
	end_outputs(&out, 1);
	sink_stop(&sink);
	expect_all_from_a_keyframe(&sink, &source);
	cme_media_unref(source.media);
}

/* ---- stops */

static void a_stop_ends_every_phase_in_time(void **state)
{
	static const enum sink_script scripts[] = { SINK_GOOD, SINK_SILENT, SINK_NO_PUBLISH,
						    SINK_STOP_READING };
	static struct sink sinks[4];
	struct source source = { .media = make_media(CME_CODEC_H264, "\x01"
								     "avcC") };
	struct cme_output *outs[5];
	int64_t end_us;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_true(sink_start(&sinks[i], scripts[i], NULL));
		outs[i] = make_output(sinks[i].port, "rtmp", "127.0.0.1", NULL);
	}
	outs[4] = make_output(1, "rtmp", "127.0.0.1", NULL); /* in backoff, most of the time */
	end_us = cme_now_us() + GIVE_UP_S * CME_SECOND_US;
	while (atomic_load(&sinks[0].media) < 50 || atomic_load(&sinks[3].publishes) == 0) {
		push_frame(&source, outs, 5);
		wait_a_frame();
		assert_true(cme_now_us() < end_us);
	}
	end_outputs(outs, 5); /* returns: that is the test */
	for (size_t i = 0; i < 4; i++)
		sink_stop(&sinks[i]);
	cme_media_unref(source.media);
}

static void an_output_without_media_waits_and_ends(void **state)
{
	struct cme_output *out = make_output(1, "rtmp", "127.0.0.1", NULL);
	struct cme_err err;
	unsigned connects;

	(void)state;
	copy_error(out, &err, &connects);
	assert_string_equal(err.code, "");
	end_outputs(&out, 1);
}

static double fresh_until_s(struct cme_output *out, enum cme_output_state state)
{
	int64_t end_us = cme_now_us() + GIVE_UP_S * CME_SECOND_US;
	struct cme_output_stat stat;

	for (cme_output_stat(out, &stat); stat.state != state; cme_output_stat(out, &stat)) {
		assert_true(cme_now_us() < end_us);
		wait_a_frame();
	}
	return out->backoff.fresh_until_s;
}

/* Whoever waited for the lease for longer than a takeover is fresh asks as often as one that has just begun.
 */
static void a_lease_is_taken_for_a_takeover_when_it_comes(void **state)
{
	struct cme_fence fence;
	struct cme_output_config config = { .id = "1",
					    .name = "test",
					    .url = "rtmp://127.0.0.1:1/live/" KEY,
					    .events = &events,
					    .fence = &fence };
	struct cme_output *out;
	struct cme_err err;
	double before_s;

	(void)state;
	cme_fence_init(&fence, true);
	out = cme_output_new(&cme_output_rtmp, &config, &err);
	assert_non_null(out);
	before_s = fresh_until_s(out, CME_OUTPUT_FENCED);
	assert_int_equal(cme_fence_lease(&fence, 1, cme_boot_ms() + 60000, cme_boot_ms(), &err), 0);
	cme_output_wake(out);
	assert_true(fresh_until_s(out, CME_OUTPUT_WAITING) > before_s);
	end_outputs(&out, 1);
}

/* ---- what cannot work says so */

static void expect_error(const char *url, enum cme_codec codec, const char *code, const char *text)
{
	struct cme_output_config config = { .id = "1", .name = "test", .url = url, .events = &events };
	struct source source = { .media = make_media(codec, "\x01") };
	struct cme_output *out;
	struct cme_err err;
	unsigned connects;
	int64_t end_us = cme_now_us() + GIVE_UP_S * CME_SECOND_US;

	out = cme_output_new(&cme_output_rtmp, &config, &err);
	assert_non_null(out);
	do {
		assert_true(cme_now_us() < end_us);
		push_frame(&source, &out, 1);
		wait_a_frame();
		copy_error(out, &err, &connects);
	} while (!err.code[0]);
	assert_string_equal(err.code, code);
	assert_string_equal(err.message, text);
	end_outputs(&out, 1);
	cme_media_unref(source.media);
}

static void says_what_cannot_work(void **state)
{
	(void)state;
	expect_error("rtmp://127.0.0.1/live/", CME_CODEC_H264, "invalid.url",
		     "publish to 'rtmp://127.0.0.1/live/': the URL ends in '/' where the stream key belongs "
		     "(write it like rtmp://host/app/key)");
	expect_error("rtmp://127.0.0.1:1/live/key7", CME_CODEC_MPEG2, "media.unsupported",
		     "publish to 'rtmp://127.0.0.1:1/live/***': RTMP does not carry mpeg2video");
	expect_error("rtmp://127.0.0.1:1/live/key7", CME_CODEC_H264, "network.connect",
		     "publish to 'rtmp://127.0.0.1:1/live/***': connection refused");
	expect_error("rtmp://no-such-host.invalid/live/key7", CME_CODEC_H264, "network.resolve",
		     "publish to 'rtmp://no-such-host.invalid/live/***': could not resolve "
		     "'no-such-host.invalid'");
}

/* ---- TLS */

static void verifies_the_chain_and_the_host(void **state)
{
	static struct sink sinks[3];
	struct authority authority;
	struct source source = { .media = make_media(CME_CODEC_H264, "\x01"
								     "avcC") };
	struct cme_output *outs[3];
	struct cme_err unknown, name;
	unsigned connects;
	int64_t end_us = cme_now_us() + GIVE_UP_S * CME_SECOND_US;

	(void)state;
	make_authority(&authority);
	for (size_t i = 0; i < 3; i++)
		assert_true(sink_start(&sinks[i], SINK_GOOD, authority.server));
	outs[0] = make_output(sinks[0].port, "rtmps", "127.0.0.1", authority.path);
	outs[1] = make_output(sinks[1].port, "rtmps", "127.0.0.1", NULL);
	outs[2] = make_output(sinks[2].port, "rtmps", "localhost", authority.path);
	do {
		assert_true(cme_now_us() < end_us);
		push_frame(&source, outs, 3);
		wait_a_frame();
		copy_error(outs[1], &unknown, &connects);
		copy_error(outs[2], &name, &connects);
	} while (atomic_load(&sinks[0].media) < 100 || !unknown.code[0] || !name.code[0]);
	assert_string_equal(unknown.code, "network.tls");
	assert_non_null(
		strstr(unknown.message, "the certificate was not accepted (self-signed certificate)"));
	assert_string_equal(name.code, "network.tls");
	assert_non_null(strstr(name.message, "the certificate was not accepted (hostname mismatch)"));
	end_outputs(outs, 3);
	for (size_t i = 0; i < 3; i++)
		sink_stop(&sinks[i]);
	expect_all_from_a_keyframe(&sinks[0], &source);
	assert_int_equal(sinks[0].goodbyes, 1);
	assert_int_equal(sinks[0].backwards, 0);
	assert_int_equal(sinks[1].publishes + sinks[2].publishes, 0);
	remove(authority.path);
	SSL_CTX_free(authority.server);
	cme_media_unref(source.media);
}

/* New keys are no data. No event says that there is more behind them, for it has been told already. */
static void passes_over_records_without_data(void **state)
{
	static struct sink sink;
	struct authority authority;
	struct source source = { .media = make_media(CME_CODEC_H264, "\x01"
								     "avcC") };
	struct cme_output *out;

	(void)state;
	make_authority(&authority);
	assert_true(sink_start(&sink, SINK_UPDATES, authority.server));
	out = make_output(sink.port, "rtmps", "127.0.0.1", authority.path);
	push_until(&source, out, &sink.media, 10);
	end_outputs(&out, 1);
	sink_stop(&sink);
	assert_int_equal(sink.connections, 1);
	remove(authority.path);
	SSL_CTX_free(authority.server);
	cme_media_unref(source.media);
}

static int wake_the_publisher(void **state)
{
	(void)state;
	carried = false;
	return 0;
}

static int carry(void **state)
{
	(void)state;
	carried = true;
	return 0;
}

#define EACH_WAY(test) cmocka_unit_test_setup(test, wake_the_publisher), cmocka_unit_test_setup(test, carry)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_output_without_media_waits_and_ends),
		cmocka_unit_test(a_lease_is_taken_for_a_takeover_when_it_comes),
		EACH_WAY(says_what_cannot_work),
		EACH_WAY(other_headers_keep_the_publish_another_codec_makes_a_new_one),
		EACH_WAY(a_stop_ends_every_phase_in_time),
		EACH_WAY(verifies_the_chain_and_the_host),
		EACH_WAY(passes_over_records_without_data),
		EACH_WAY(a_fault_stays_with_its_destination),
		cmocka_unit_test(what_is_carried_leaves_at_once),
	};
	int rc;

	signal(SIGPIPE, SIG_IGN); /* the sinks' TLS; the publisher does without */
	if (cme_events_init(&events) != 0)
		return 1;
	rc = cmocka_run_group_tests_name("publisher", tests, NULL, NULL);
	cme_events_fini(&events);
	return rc;
}
