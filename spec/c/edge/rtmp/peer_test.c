/* SPDX-License-Identifier: MIT
 *
 * A viewer whose other end is here, of a channel that is fed here.
 */
#include "edge/rtmp/peer.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "common/clock.h"
#include "edge/channel/channel.h"

#define PICTURES    64   /* more than a socket takes at once */
#define BATCHES_MAX 4096 /* in which anybody is too slow */

static struct stage {
	struct cme_poll poll;
	struct cme_channel *channel;
	struct cme_peer *peer;
	int fd; /* the viewer's own end */
} stage;

static void nothing(struct cme_peer *peer)
{
	(void)peer;
}

static int over_count;

static void over(struct cme_peer *peer)
{
	(void)peer;
	over_count++;
}

static const struct cme_peer_calls calls = { .batch = nothing, .over = over };

static void push(void)
{
	static uint8_t body[64 * 1024] = "\x17\1";
	struct cme_flv_tag tag = { .type = CME_FLV_VIDEO, .data = body, .len = sizeof body };

	cme_channel_push(stage.channel, cme_frame_new(&tag), cme_now_us());
}

/* Somebody watches, and has taken nothing yet. */
static int open_stage(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct cme_key key = { .id = "p-main" };
	struct cme_err err;
	int fds[2];

	(void)state;
	assert_int_equal(cme_poll_open(&stage.poll), 0);
	stage.channel = cme_channel_new(&stage.poll, folder, &key, &err);
	assert_non_null(stage.channel);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	stage.fd = fds[0];
	stage.peer = cme_peer_new(&stage.poll, fds[1], (const struct sockaddr *)&address, NULL);
	assert_non_null(stage.peer);
	stage.peer->calls = &calls;
	assert_int_equal(cme_peer_watch(stage.peer, stage.channel), 0);
	cme_channel_start(stage.channel, 0);
	for (int i = 0; i < PICTURES; i++)
		push();
	cme_channel_flush(stage.channel);
	assert_true(stage.peer->waiting);
	return 0;
}

static int close_stage(void **state)
{
	(void)state;
	cme_peer_close(stage.peer);
	cme_channel_free(stage.channel);
	cme_poll_close(&stage.poll);
	close(stage.fd);
	return 0;
}

/* The viewer takes all that is on its way. */
static void drain(void)
{
	static uint8_t bytes[64 * 1024];

	while (recv(stage.fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
		;
}

/* Who takes what it watches lives, but not for the rest of a stream that has ended. */
static void lives_while_it_takes_what_is_live(void **state)
{
	uint64_t sent;

	(void)state;
	stage.peer->base.limit_us = 0;
	drain();
	cme_poll_run(&stage.poll, 1000);
	assert_true(stage.peer->base.limit_us > 0);
	cme_channel_end(stage.channel);
	stage.peer->base.limit_us = 0;
	sent = stage.peer->base.sent;
	drain();
	cme_poll_run(&stage.poll, 1000);
	assert_true(stage.peer->base.sent > sent);
	assert_int_equal(stage.peer->base.limit_us, 0);
}

/* Room in the socket is what it waits for, and not the encoder's next batch. */
static void is_left_alone_while_it_waits(void **state)
{
	uint64_t sent = stage.peer->base.sent;

	(void)state;
	drain();
	push();
	cme_channel_flush(stage.channel);
	assert_int_equal(stage.peer->base.sent, sent);
	cme_poll_run(&stage.poll, 1000);
	assert_true(stage.peer->base.sent > sent);
}

/* So it is noticed that it is too slow. */
static void is_parted_with_while_it_waits(void **state)
{
	int batches = 0;

	(void)state;
	over_count = 0;
	while (!over_count && batches < BATCHES_MAX) {
		push();
		cme_channel_flush(stage.channel);
		batches++;
	}
	assert_int_equal(over_count, 1);
	assert_true(cme_viewer_lost(stage.peer->viewer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lives_while_it_takes_what_is_live, open_stage, close_stage),
		cmocka_unit_test_setup_teardown(is_left_alone_while_it_waits, open_stage, close_stage),
		cmocka_unit_test_setup_teardown(is_parted_with_while_it_waits, open_stage, close_stage),
	};

	return cmocka_run_group_tests_name("peer", tests, make_folder, remove_folder);
}
