/* SPDX-License-Identifier: MIT */
#include "edge/poll.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

/* A pipe with a byte in it that nobody takes. */
static struct {
	struct cme_watch watch;
	struct cme_poll poll;
	int fds[2];
	unsigned calls;
	unsigned freed;
} stage;

static void rest(struct cme_watch *watch, uint32_t events)
{
	(void)events;
	stage.calls++;
	cme_poll_rest(&stage.poll, stage.fds[0], watch);
}

static void count_freed(struct cme_watch *watch)
{
	(void)watch;
	stage.freed++;
}

static int open_stage(void **state)
{
	(void)state;
	stage.watch = (struct cme_watch){ .ready = rest, .free = count_freed };
	stage.calls = stage.freed = 0;
	assert_int_equal(cme_poll_open(&stage.poll), 0);
	assert_int_equal(pipe(stage.fds), 0);
	assert_int_equal(write(stage.fds[1], "x", 1), 1);
	assert_int_equal(cme_poll_watch(&stage.poll, stage.fds[0], &stage.watch, EPOLLIN), 0);
	return 0;
}

static int close_stage(void **state)
{
	(void)state;
	cme_poll_close(&stage.poll);
	close(stage.fds[0]);
	close(stage.fds[1]);
	return 0;
}

/* Nothing else happens, and nobody waits for longer than that. */
static void what_rests_is_called_again_by_itself(void **state)
{
	(void)state;
	cme_poll_run(&stage.poll, -1);
	assert_int_equal(stage.calls, 1);
	cme_poll_run(&stage.poll, -1); /* its rest */
	assert_int_equal(stage.calls, 1);
	cme_poll_run(&stage.poll, -1);
	assert_int_equal(stage.calls, 2);
}

static void what_is_buried_rests_no_more(void **state)
{
	(void)state;
	cme_poll_run(&stage.poll, -1);
	cme_poll_bury(&stage.poll, &stage.watch);
	cme_poll_run(&stage.poll, 0);
	assert_int_equal(stage.freed, 1);
	assert_null(stage.poll.resting);
	assert_int_equal(stage.calls, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_rests_is_called_again_by_itself, open_stage,
						close_stage),
		cmocka_unit_test_setup_teardown(what_is_buried_rests_no_more, open_stage, close_stage),
	};

	return cmocka_run_group_tests_name("poll", tests, NULL, NULL);
}
