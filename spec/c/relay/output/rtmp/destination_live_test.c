/* SPDX-License-Identifier: MIT
 *
 * Single steps of a destination whose peer is the test. The phases as a whole: publisher_test.c.
 */
#include "relay/output/rtmp/destination_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define NOISE ((size_t)160 * 1024)

static int waiting(const struct cme_destination *d)
{
	int bytes = 0;

	ioctl(d->link.fd, FIONREAD, &bytes);
	return bytes;
}

/* A peer that goes on sending after the goodbye has a step's share of the thread, like others. */
static void a_step_of_the_close_reads_so_much_and_comes_back(void **state)
{
	static const char noise[NOISE];
	struct cme_destination d = { .phase = CME_PHASE_CLOSING, .limit_us = INT64_MAX };
	int fds[2], size = 2 * NOISE;

	(void)state;
	cme_link_init(&d.link);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	d.link.fd = fds[0];
	assert_int_equal(write(fds[1], noise, sizeof noise), NOISE);
	assert_int_equal(cme_phase_close(&d), CME_VERDICT_WAIT);
	assert_true(waiting(&d) > 0 && d.ready); /* no event will say that there is more */
	while (d.ready)
		assert_int_equal(cme_phase_close(&d), CME_VERDICT_WAIT);
	assert_int_equal(waiting(&d), 0);
	cme_link_close(&d.link);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_of_the_close_reads_so_much_and_comes_back),
	};

	return cmocka_run_group_tests_name("destination_live", tests, NULL, NULL);
}
