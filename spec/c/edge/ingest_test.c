/* SPDX-License-Identifier: MIT
 *
 * Encoders without connections, whose protocol does what a test says.
 */
#include "edge/ingest.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"

#define ENCODERS 3

static struct cme_poll epoll;
static struct cme_ingest ingest;
static struct cme_publisher encoders[ENCODERS];
static struct cme_publisher *falls; /* whom the refusal of another one ends; NULL: nobody */
static size_t closed[ENCODERS];
static char events[256];

static void report(void *ctx, const struct cme_ingest_event *event)
{
	size_t len = strlen(events);

	(void)ctx;
	snprintf(events + len, sizeof events - len, "%d %s %s; ", event->state, event->id ? event->id : "-",
		 event->err ? event->err->code : "-");
}

static void admit(struct cme_publisher *publisher)
{
	(void)publisher;
}

static void refuse(struct cme_publisher *publisher, const struct cme_err *err)
{
	struct cme_publisher *other = falls;

	(void)publisher;
	(void)err;
	falls = NULL;
	if (other)
		cme_ingest_remove(other);
}

static void hang_up(struct cme_publisher *publisher)
{
	closed[publisher - encoders]++;
}

static const struct cme_publisher_ops ops = {
	.protocol = "fake", .keys = CME_KEY_RTMP, .admit = admit, .refuse = refuse, .close = hang_up
};

/* Encoders that are strangers, listed in their order: the last one in is the first. */
static int open_ingest(void **state)
{
	const struct cme_ingest_options options = {
		.folder = folder, .limits = { 8, 8, 8, 8 }, .takeover_us = INT64_MAX, .report = report
	};

	(void)state;
	events[0] = '\0';
	falls = NULL;
	memset(closed, 0, sizeof closed);
	memset(encoders, 0, sizeof encoders);
	if (cme_poll_open(&epoll) != 0 || cme_ingest_init(&ingest, &epoll, &options) != 0)
		return -1;
	for (size_t i = ENCODERS; i-- > 0;) {
		encoders[i].ops = &ops;
		if (!cme_ingest_enter(&ingest, &encoders[i]))
			return -1;
	}
	return 0;
}

static int close_ingest(void **state)
{
	(void)state;
	cme_ingest_fini(&ingest);
	cme_poll_close(&epoll);
	return 0;
}

/* The first encoder publishes. */
static void publish(void)
{
	static const uint8_t hash[CME_KEY_HASH] = { 1 };
	struct cme_key key = { .id = "p", .expires = INFINITY };
	struct cme_ingest_spec spec = { .app = "output", .keys = &key, .count = 1 };
	struct cme_err err;

	memcpy(key.hashes[CME_KEY_RTMP].list[0], hash, sizeof hash);
	key.hashes[CME_KEY_RTMP].count = 1;
	assert_int_equal(cme_ingest_apply(&ingest, &spec, &err), 0);
	cme_ingest_publish(&encoders[0], hash);
	assert_non_null(encoders[0].channel);
}

/* Its end ends another one, whose time is over, too. */
static void a_sweep_ends_each_once(void **state)
{
	int64_t now_us = cme_now_us();

	(void)state;
	publish();
	for (size_t i = 0; i < ENCODERS; i++)
		encoders[i].limit_us = now_us;
	falls = &encoders[1];
	cme_ingest_sweep(&ingest, now_us);
	assert_int_equal(closed[0], 0); /* it takes its words */
	assert_int_equal(closed[1], 1);
	assert_int_equal(closed[2], 1);
	assert_int_equal(ingest.gate.all, 1);
	assert_int_equal(ingest.gate.strangers, 1);
	assert_ptr_equal(ingest.publishers, &encoders[0]);
	assert_string_equal(events, "0 p -; 1 p network.timeout; ");
}

static void one_that_ended_is_told_of_no_silence(void **state)
{
	static const uint8_t sound[] = "\xaf\1sound";
	const struct cme_flv_tag tag = { .type = CME_FLV_AUDIO, .data = sound, .len = sizeof sound };
	int64_t limit_us;

	(void)state;
	publish();
	limit_us = encoders[0].limit_us;
	cme_ingest_leave(&encoders[0]);
	assert_true(encoders[0].limit_us < limit_us);
	limit_us = encoders[0].limit_us;
	usleep(2000);
	cme_ingest_push(&encoders[0], &tag);
	assert_true(encoders[0].limit_us > limit_us && encoders[0].limit_us < limit_us + CME_SECOND_US);
	cme_ingest_sweep(&ingest, encoders[0].limit_us);
	assert_int_equal(closed[0], 1);
	assert_string_equal(events, "0 p -; 1 p -; ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_sweep_ends_each_once, open_ingest, close_ingest),
		cmocka_unit_test_setup_teardown(one_that_ended_is_told_of_no_silence, open_ingest,
						close_ingest),
	};

	return cmocka_run_group_tests_name("ingest", tests, make_folder, remove_folder);
}
