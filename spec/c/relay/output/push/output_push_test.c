/* SPDX-License-Identifier: MIT
 *
 * The processes are scripts in the place of cme-push. The clock of leases is the test's: while the output's
 * thread asks it, it may say for some questions that the lease is over.
 */
#include "relay/output/push/output_push.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "child/spawn.h"
#include "common/clock.h"

#define WIDE_MS     20000
#define TURN_MS     10 /* then the thread is woken again */
#define LEASE_MS    3600000
#define FROM_MAX    6 /* questions until the thread waits for the process */
#define WIDTH_MAX   3
#define SILENT_PUSH "#!/bin/sh\nread -r line\nexec sleep 600\n"
#define FLOOD_PUSH  "#!/bin/sh\nread -r line\nexec yes '{}'\n"

static struct cme_events events;
static struct cme_fence fence;
static char folder[64], program[96];

static _Atomic int asked; /* questions of the output's thread */
static int over_from, over_until;

/* In place of the C library's. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	int rc = (int)syscall(SYS_clock_gettime, clock, now);

	if (clock == CLOCK_BOOTTIME && syscall(SYS_gettid) != getpid()) {
		int question = atomic_fetch_add(&asked, 1);

		if (question >= over_from && question < over_until)
			now->tv_sec += LEASE_MS / 1000 + 1;
	}
	return rc;
}

static int setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/cme-push-test-XXXXXX");
	if (!mkdtemp(folder) || cme_events_init(&events) != 0)
		return -1;
	snprintf(program, sizeof program, "%s/cme-push", folder);
	cme_child_folder(folder);
	over_from = over_until = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	cme_events_fini(&events);
	unlink(program);
	return rmdir(folder);
}

static struct cme_output *start(const char *script)
{
	const struct cme_output_config config = {
		.id = "out", .name = "", .url = "srt://127.0.0.1:9", .fence = &fence, .events = &events
	};
	struct cme_output *out;
	struct cme_err err;
	FILE *file = fopen(program, "w");

	assert_non_null(file);
	assert_true(fputs(script, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(program, 0700), 0);
	cme_fence_init(&fence, true);
	assert_int_equal(cme_fence_lease(&fence, 1, cme_boot_ms() + LEASE_MS, cme_boot_ms(), &err), 0);
	atomic_store(&asked, 0);
	out = cme_output_new(&cme_output_push_ops, &config, &err);
	assert_non_null(out);
	return out;
}

static void push(struct cme_output *out)
{
	const struct cme_params mp3 = { .codec = CME_CODEC_MP3, .sample_rate = 44100, .channels = 2 };
	struct cme_media *media = cme_media_new(NULL, &mp3);
	struct cme_packet *packet = cme_packet_new(4);

	memcpy(packet->payload, "\xff\xfb\x90\x00", 4);
	packet->stream = CME_AUDIO;
	packet->key = true;
	cme_packet_belong(packet, media);
	cme_output_push(out, packet);
	cme_packet_unref(packet);
	cme_media_unref(media);
}

/* Until the output says something, or for a moment. */
static void wait_for_event(int limit_ms)
{
	struct pollfd fd = { .fd = events.fd, .events = POLLIN };
	struct cme_event event;

	if (poll(&fd, 1, limit_ms) == 1)
		cme_events_rearm(&events);
	while (cme_events_pop(&events, &event))
		;
}

static void wait_for_state(struct cme_output *out, enum cme_output_state state)
{
	struct cme_output_stat stat;
	int64_t until_us = cme_now_us() + WIDE_MS * CME_MS_US;

	while (cme_output_stat(out, &stat), stat.state != state) {
		assert_true(cme_now_us() < until_us);
		wait_for_event(TURN_MS);
	}
}

static void stop(struct cme_output *out)
{
	int64_t until_us = cme_now_us() + WIDE_MS * CME_MS_US;

	cme_output_stop(out, cme_now_us());
	while (!cme_output_done(out)) {
		assert_true(cme_now_us() < until_us);
		wait_for_event(TURN_MS);
	}
	cme_output_free(out);
}

/* The lease is over for `width` questions from `from` on, then it is there again. */
static void lapse(int from, int width)
{
	int64_t until_us = cme_now_us() + WIDE_MS * CME_MS_US;
	struct cme_output_stat stat;
	struct cme_output *out;

	over_from = from;
	over_until = from + width;
	out = start(SILENT_PUSH);
	while (!cme_output_done(out) && atomic_load(&asked) < over_until + FROM_MAX) {
		assert_true(cme_now_us() < until_us);
		push(out);
		wait_for_event(TURN_MS);
	}
	assert_false(cme_output_done(out));
	cme_output_stat(out, &stat);
	assert_string_equal(stat.error.err.message, "");
	wait_for_state(out, CME_OUTPUT_CONNECTING);
	stop(out);
}

static void goes_on_when_the_lease_is_renewed_at_once(void **state)
{
	(void)state;
	for (int from = 0; from < FROM_MAX; from++)
		for (int width = 1; width <= WIDTH_MAX; width++)
			lapse(from, width);
}

/* A process that was taken over says lines as fast as they are read. */
static void ends_while_the_process_chatters(void **state)
{
	struct cme_output *out = start(FLOOD_PUSH);

	(void)state;
	push(out);
	wait_for_state(out, CME_OUTPUT_CONNECTING);
	while (atomic_load(&asked) < 100) /* it looks at its lease all the while */
		wait_for_event(TURN_MS);
	stop(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(goes_on_when_the_lease_is_renewed_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(ends_while_the_process_chatters, setup, teardown),
	};

	return cmocka_run_group_tests_name("output_push", tests, NULL, NULL);
}
