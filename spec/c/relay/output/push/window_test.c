/* SPDX-License-Identifier: MIT */
#include "relay/output/push/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

static struct cme_window window;
static struct cme_media *media;
static int fds[2];
static unsigned done;

static int setup(void **state)
{
	(void)state;
	media = cme_media_new(&(struct cme_params){ .codec = CME_CODEC_VP8 }, NULL);
	cme_window_init(&window);
	done = 0;
	return socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
}

static int teardown(void **state)
{
	(void)state;
	cme_window_fini(&window);
	cme_media_unref(media);
	close(fds[0]);
	close(fds[1]);
	return 0;
}

static void add(size_t size)
{
	struct cme_packet *packet = cme_packet_new(size);

	memset(packet->payload, 'x', size);
	packet->stream = CME_VIDEO;
	cme_packet_belong(packet, media);
	assert_int_equal(cme_window_add(&window, packet), 0);
}

static void on_done(void *ctx, const struct cme_packet *packet)
{
	(void)ctx;
	(void)packet;
	done++;
}

/* Bytes that have come to the reader by now. */
static size_t drain(void)
{
	char bytes[4096];
	size_t all = 0;
	ssize_t n;

	while ((n = recv(fds[1], bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
		all += (size_t)n;
	return all;
}

static void holds_packets_until_they_are_sent(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CME_WINDOW_MAX; i++) {
		assert_true(cme_window_room(&window));
		add(1);
		assert_false(cme_window_room(&window)); /* it is on its way */
		assert_int_equal(cme_window_send(&window, fds[0]), 0);
		assert_false(window.sending);
	}
	assert_false(cme_window_room(&window));
	cme_window_acknowledge(&window, 2, on_done, NULL);
	assert_int_equal(done, 2);
	assert_true(cme_window_room(&window));
	cme_window_acknowledge(&window, 1000, on_done, NULL);
	assert_int_equal(done, CME_WINDOW_MAX);
	assert_int_equal(window.bytes, 0);
}

static void goes_on_where_the_socket_was_full(void **state)
{
	const int size = 4 * 1024 * 1024;
	size_t all = 0;

	(void)state;
	add(size);
	while (window.sending) {
		assert_int_equal(cme_window_send(&window, fds[0]), 0);
		if (window.sending) /* nothing of it is whole */
			cme_window_acknowledge(&window, 1, on_done, NULL);
		all += drain();
	}
	assert_int_equal(done, 0);
	/* file header and trailer, tag header, one byte and four characters, payload, trailer */
	assert_int_equal(all, 13 + 11 + 5 + size + 4);
	assert_false(cme_window_room(&window)); /* too many bytes */
	cme_window_acknowledge(&window, 1, on_done, NULL);
	assert_int_equal(done, 1);
	assert_true(cme_window_room(&window));
}

static void says_that_the_reader_is_gone(void **state)
{
	(void)state;
	shutdown(fds[1], SHUT_RDWR);
	add(1);
	assert_int_equal(cme_window_send(&window, fds[0]), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(holds_packets_until_they_are_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(goes_on_where_the_socket_was_full, setup, teardown),
		cmocka_unit_test_setup_teardown(says_that_the_reader_is_gone, setup, teardown),
	};

	return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
