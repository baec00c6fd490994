/* SPDX-License-Identifier: MIT
 *
 * An engine that stands still, with its machine or alone, for longer than a source may be silent: that is no
 * silence of the source, whose media wait in the socket or come at once. Both inputs of a merge were closed,
 * and what came until they were open again was lost.
 */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

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
static int encoder_fd = -1; /* of what plays the edge's socket; -1: the sink plays */
static pthread_t tester;    /* the thread that reads the source; the sink has one of its own */
static int waits;           /* of the source until the standstill is over; -1: none is to come */

/* In place of the C library's: what stood still finds the clock moved on. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	int rc = (int)syscall(SYS_clock_gettime, clock, now);

	now->tv_sec += atomic_load(&stood);
	return rc;
}

static void put(const char *bytes, size_t len)
{
	assert_int_equal(write(encoder_fd, bytes, len), len);
}

static void put_tag(const struct sink_message *message)
{
	char tag[SINK_TAG_MAX];

	put(tag, sink_put_tag(tag, message));
}

static void send_later(void)
{
	struct sink_connection connection = { .sink = &sink, .fd = atomic_load(&sink.fd) };

	if (encoder_fd >= 0)
		put_tag(&later);
	else
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
	if (pthread_equal(pthread_self(), tester) && waits > 0)
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

static void open_feed(struct cme_feed *feed)
{
	struct cme_err err;

	atomic_store(&stood, 0);
	if (cme_feed_open(feed, &err) != 0)
		fail_msg("%s", err.message);
}

/* The media come in the wait of that number. */
static void stands_still(struct cme_feed *feed, int number)
{
	assert_int_equal(read_packets(feed, 2), 2);
	waits = number;
	assert_int_equal(read_packets(feed, 1), 1);
	assert_true(atomic_load(&stood) == STANDSTILL);
	cme_feed_close(feed);
}

static void a_server_plays(int number)
{
	struct cme_cancel cancel;
	char url[64];
	struct cme_feed feed = { .cancel = &cancel, .url = url };

	memset(&sink, 0, sizeof sink);
	assert_true(sink_start(&sink, SINK_GOOD, NULL));
	sink.tape = tape;
	sink.tape_len = sizeof tape / sizeof tape[0];
	snprintf(url, sizeof url, "rtmp://127.0.0.1:%d/live/hush", sink.port);
	cme_cancel_init(&cancel);
	open_feed(&feed);
	stands_still(&feed, number);
	sink_stop(&sink);
}

/* As an edge does. */
static void a_socket_plays(int number)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct cme_cancel cancel;
	char url[sizeof address.sun_path + 8];
	struct cme_feed feed = { .cancel = &cancel, .url = url };

	snprintf(address.sun_path, sizeof address.sun_path, "/tmp/cme-standstill-%d", (int)getpid());
	snprintf(url, sizeof url, "unix:%s", address.sun_path);
	assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(listener, 1), 0);
	cme_cancel_init(&cancel);
	open_feed(&feed);
	unlink(address.sun_path);
	encoder_fd = accept(listener, NULL, NULL);
	put(BYTES("FLV\1\5\0\0\0\11\0\0\0\0"));
	for (size_t i = 0; i < sizeof tape / sizeof tape[0]; i++)
		put_tag(&tape[i]);
	stands_still(&feed, number);
	close(encoder_fd);
	encoder_fd = -1;
	close(listener);
}

static void what_waits_in_the_socket_is_read(void **state)
{
	(void)state;
	a_server_plays(1);
	a_socket_plays(1);
}

static void what_comes_soon_after_is_waited_for(void **state)
{
	(void)state;
	a_server_plays(2);
	a_socket_plays(2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_waits_in_the_socket_is_read),
		cmocka_unit_test(what_comes_soon_after_is_waited_for),
	};

	tester = pthread_self();
	return cmocka_run_group_tests_name("standstill", tests, NULL, NULL);
}
