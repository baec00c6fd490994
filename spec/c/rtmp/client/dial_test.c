/* SPDX-License-Identifier: MIT
 *
 * Dialling a listener of our own; the time is the test's.
 */
#include "rtmp/client/dial.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"

#define WAIT_MS 20000

struct peer {
	int fd;
	int wake_fd;
	struct cme_rtmp_url url;
	struct cme_dial_target target;
	struct cme_dial dial;
	struct cme_link link;
	struct cme_err err;
};

static void open_peer(struct peer *peer, const char *scheme, const char *host)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof address;
	char text[64];

	memset(peer, 0, sizeof *peer);
	cme_link_init(&peer->link);
	peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	peer->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert_int_equal(bind(peer->fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(peer->fd, 4), 0);
	assert_int_equal(getsockname(peer->fd, (struct sockaddr *)&address, &len), 0);
	snprintf(text, sizeof text, "%s://%s:%u/live/key", scheme, host, ntohs(address.sin_port));
	assert_int_equal(cme_rtmp_url_parse(&peer->url, text, &peer->err), 0);
	peer->target = (struct cme_dial_target){ .url = &peer->url, .wake_fd = peer->wake_fd };
	if (peer->url.tls)
		peer->target.tls = cme_link_tls_context(NULL, &peer->err);
}

static void close_peer(struct peer *peer)
{
	cme_dial_fini(&peer->dial);
	cme_link_close(&peer->link);
	SSL_CTX_free(peer->target.tls);
	close(peer->wake_fd);
	if (peer->fd >= 0)
		close(peer->fd);
}

/* Waits for news and steps, at time 0, while the dial is in the state. */
static int step_while(struct peer *peer, int state)
{
	int rc = 0;

	while (rc == 0 && (int)peer->dial.state == state) {
		struct pollfd fds[] = { { .fd = peer->wake_fd, .events = POLLIN },
					{ .fd = peer->link.fd, .events = POLLOUT } };

		rc = cme_dial_step(&peer->dial, &peer->target, &peer->link, 0, &peer->err);
		if (rc == 0 && (int)peer->dial.state == state)
			assert_true(poll(fds, 2, WAIT_MS) > 0);
	}
	return rc;
}

static void connects_to_numbers_and_names(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "localhost" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct peer peer;

		open_peer(&peer, "rtmp", hosts[i]);
		cme_dial_begin(&peer.dial, 0);
		assert_int_equal(step_while(&peer, CME_DIAL_RESOLVING), 0);
		assert_int_equal(step_while(&peer, CME_DIAL_CONNECTING), 1);
		assert_true(accept(peer.fd, NULL, NULL) >= 0);
		cme_dial_end(&peer.dial);
		close_peer(&peer);
	}
}

static void says_that_nobody_listens(void **state)
{
	struct peer peer;

	(void)state;
	open_peer(&peer, "rtmp", "127.0.0.1");
	close(peer.fd);
	peer.fd = -1;
	cme_dial_begin(&peer.dial, 0);
	assert_int_equal(step_while(&peer, CME_DIAL_RESOLVING), 0);
	assert_int_equal(step_while(&peer, CME_DIAL_CONNECTING), -1);
	assert_string_equal(peer.err.code, "network.connect");
	assert_int_equal(peer.link.fd, -1);
	close_peer(&peer);
}

static void gives_tls_its_time_and_no_more(void **state)
{
	struct peer peer;

	(void)state;
	open_peer(&peer, "rtmps", "127.0.0.1");
	cme_dial_begin(&peer.dial, 0);
	assert_int_equal(step_while(&peer, CME_DIAL_RESOLVING), 0);
	assert_int_equal(step_while(&peer, CME_DIAL_CONNECTING), 0);
	assert_int_equal(peer.dial.state, CME_DIAL_SECURING);
	assert_int_equal(
		cme_dial_step(&peer.dial, &peer.target, &peer.link, peer.dial.limit_us - 1, &peer.err), 0);
	assert_int_equal(cme_dial_step(&peer.dial, &peer.target, &peer.link, peer.dial.limit_us, &peer.err),
			 -1);
	assert_string_equal(peer.err.code, "network.timeout");
	assert_string_equal(peer.err.message, "the TLS handshake did not come in time");
	close_peer(&peer);
}

static bool cannot_watch(void *ctx, int fd)
{
	*(int *)ctx = fd;
	return false;
}

static void fails_where_a_descriptor_cannot_be_watched(void **state)
{
	struct peer peer;
	int seen = -1;

	(void)state;
	open_peer(&peer, "rtmp", "127.0.0.1");
	peer.target.watch = cannot_watch;
	peer.target.ctx = &seen;
	cme_dial_begin(&peer.dial, 0);
	assert_int_equal(step_while(&peer, CME_DIAL_RESOLVING), -1);
	assert_string_equal(peer.err.message, "the connection could not be watched");
	assert_int_equal(seen, peer.link.fd);
	close_peer(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects_to_numbers_and_names),
		cmocka_unit_test(says_that_nobody_listens),
		cmocka_unit_test(gives_tls_its_time_and_no_more),
		cmocka_unit_test(fails_where_a_descriptor_cannot_be_watched),
	};

	return cmocka_run_group_tests_name("dial", tests, NULL, NULL);
}
