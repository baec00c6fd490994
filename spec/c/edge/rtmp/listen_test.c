/* SPDX-License-Identifier: MIT
 *
 * Encoders that come while no descriptors are left.
 */
#include "edge/rtmp/listen.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define RUNS_MAX 100 /* of a second each, when nothing happens */

static void say_nothing(void *ctx, const struct cme_ingest_event *event)
{
	(void)ctx;
	(void)event;
}

static int dial(const struct cme_listener *listener)
{
	struct sockaddr_in address;
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	getsockname(listener->fd, (struct sockaddr *)&address, &len);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, len), 0);
	return fd;
}

/* From now on no more descriptors than there are. */
static struct rlimit leave_none(void)
{
	struct rlimit before, none;
	int next = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);

	close(next);
	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = (rlim_t)next;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	return before;
}

/* Nobody is connected, whose end would wake anybody. */
static void takes_who_came_when_descriptors_are_free_again(void **state)
{
	struct cme_ingest_options options = { .folder = "/tmp",
					      .limits = { 8, 8, 8, 8 },
					      .report = say_nothing };
	struct cme_listener listener;
	struct cme_ingest ingest;
	struct cme_poll poll;
	struct rlimit before;
	struct cme_err err;
	int fd, runs = 0;

	(void)state;
	assert_int_equal(cme_poll_open(&poll), 0);
	assert_int_equal(cme_ingest_init(&ingest, &poll, &options), 0);
	assert_int_equal(cme_listener_open(&listener, &poll, &ingest, "127.0.0.1:0", NULL, &err), 0);
	fd = dial(&listener);
	before = leave_none();
	cme_poll_run(&poll, 1000);
	assert_true(listener.watch.resting);
	assert_int_equal(ingest.gate.all, 0);
	setrlimit(RLIMIT_NOFILE, &before);
	while (!ingest.gate.all && runs++ < RUNS_MAX)
		cme_poll_run(&poll, 1000);
	assert_int_equal(ingest.gate.all, 1);
	close(fd);
	cme_listener_close(&listener);
	cme_ingest_fini(&ingest);
	cme_poll_close(&poll);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_who_came_when_descriptors_are_free_again),
	};

	return cmocka_run_group_tests_name("listen", tests, NULL, NULL);
}
