/* SPDX-License-Identifier: MIT
 *
 * An engine that stands still, with its machine or alone, for longer than a source may be silent: that is no
 * silence of the source, whose media wait in the socket or come at once. Both inputs of a merge were closed,
 * and what came until they were open again was lost.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include <cmocka.h>

#include "common/clock.h"
#include "relay/source/rtmp/source_rtmp.h"

#include "../c/relay/output/rtmp/rtmp_sink.h"

#define AVCC       "\1\x42\xc0\x1e\xff\xe1\0\5\x67\x42\xc0\x1e\xaa\1\0\2\x68\xce"
#define BYTES(t)   t, sizeof(t) - 1
#define STANDSTILL 15 /* seconds */

static const struct sink_message tape[] = {
	{ CME_RTMP_VIDEO, 0, BYTES("\x17\0\0\0\0" AVCC) },
	{ CME_RTMP_AUDIO, 0, BYTES("\xaf\0\x12\x10") },
	{ CME_RTMP_VIDEO, 0, BYTES("\x17\1\0\0\0\0\0\0\2\x65\x88") },
	{ CME_RTMP_AUDIO, 10, BYTES("\xaf\1sound") },
};
static const struct sink_message later = { CME_RTMP_VIDEO, 40, BYTES("\x27\1\0\0\0\0\0\0\2\x41\x9a") };

static _Atomic time_t stood; /* seconds by which the clock is ahead */
static struct sink sink;
static int waits; /* of the source until the standstill is over; -1: none is to come */

/* In place of the C library's: what stood still finds the clock moved on. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	int rc = (int)syscall(SYS_clock_gettime, clock, now);

	now->tv_sec += atomic_load(&stood);
	return rc;
}

static void send_later(void)
{
	struct sink_connection connection = { .sink = &sink, .fd = atomic_load(&sink.fd) };

	sink_play(&connection, &later);
}

/* The source's wait, which ends after the standstill; with the media, or before they come. */
static int wait_through(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	if (waits == 1)
		send_later();
	if (waits-- == 2 || !atomic_load(&stood))
		atomic_store(&stood, STANDSTILL);
	return (int)syscall(SYS_poll, fds, count, timeout_ms);
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	if (waits > 0 && count == 2)
		return wait_through(fds, count, timeout_ms);
	return (int)syscall(SYS_poll, fds, count, timeout_ms);
}

/* Reads up to so many packets. */
static int read_packets(struct cme_feed *feed, int max)
{
	int rc = 0, count = 0;

	while (rc >= 0 && count < max) {
		struct cme_packet *packet = feed->ops->next(feed, &rc);

		count += packet != NULL;
		cme_packet_unref(packet);
	}
	return count;
}

/* The media come in the wait of that number. */
static void stands_still(int number)
{
	struct cme_cancel cancel;
	struct cme_feed feed = { .cancel = &cancel };
	struct cme_err err;
	char url[64];

	atomic_store(&stood, 0);
	memset(&sink, 0, sizeof sink);
	assert_true(sink_start(&sink, SINK_GOOD, NULL));
	sink.tape = tape;
	sink.tape_len = sizeof tape / sizeof tape[0];
	snprintf(url, sizeof url, "rtmp://127.0.0.1:%d/live/hush", sink.port);
	feed.url = url;
	cme_cancel_init(&cancel);
	if (cme_feed_open(&feed, &err) != 0)
		fail_msg("%s", err.message);
	assert_int_equal(read_packets(&feed, 2), 2);
	waits = number;
	assert_int_equal(read_packets(&feed, 1), 1);
	assert_true(atomic_load(&stood) == STANDSTILL);
	cme_feed_close(&feed);
	sink_stop(&sink);
}

static void what_waits_in_the_socket_is_read(void **state)
{
	(void)state;
	stands_still(1);
}

static void what_comes_soon_after_is_waited_for(void **state)
{
	(void)state;
	stands_still(2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_waits_in_the_socket_is_read),
		cmocka_unit_test(what_comes_soon_after_is_waited_for),
	};

	return cmocka_run_group_tests_name("standstill", tests, NULL, NULL);
}
