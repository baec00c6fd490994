/* SPDX-License-Identifier: MIT */
#include "edge/poll.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"

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

static char order[8]; /* of the delays that are over, by their place */

static struct cme_delay delays[3];

static void note(struct cme_delay *delay)
{
	order[strlen(order)] = (char)('0' + (delay - delays));
}

static void delays_end_in_the_order_of_their_times(void **state)
{
	int64_t now_us = cme_now_us();

	(void)state;
	memset(order, 0, sizeof order);
	for (size_t i = 0; i < 3; i++)
		delays[i] = (struct cme_delay){ .over = note };
	cme_poll_forget(&stage.poll, stage.fds[0]);
	cme_poll_delay(&stage.poll, &delays[0], now_us + 2);
	cme_poll_delay(&stage.poll, &delays[1], now_us + 3);
	cme_poll_delay(&stage.poll, &delays[2], now_us + 1);
	cme_poll_delay(&stage.poll, &delays[2], now_us + 1);
	while (stage.poll.first_delay)
		cme_poll_run(&stage.poll, -1);
	assert_string_equal(order, "201");
	assert_null(stage.poll.last_delay);
}

static void a_delay_that_was_stopped_is_not_called(void **state)
{
	(void)state;
	memset(order, 0, sizeof order);
	for (size_t i = 0; i < 3; i++) {
		delays[i] = (struct cme_delay){ .over = note };
		cme_poll_delay(&stage.poll, &delays[i], 1);
	}
	cme_poll_stop_delay(&stage.poll, &delays[1]);
	cme_poll_stop_delay(&stage.poll, &delays[1]);
	cme_poll_run(&stage.poll, 0);
	assert_string_equal(order, "02");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_rests_is_called_again_by_itself, open_stage,
						close_stage),
		cmocka_unit_test_setup_teardown(what_is_buried_rests_no_more, open_stage, close_stage),
		cmocka_unit_test_setup_teardown(delays_end_in_the_order_of_their_times, open_stage,
						close_stage),
		cmocka_unit_test_setup_teardown(a_delay_that_was_stopped_is_not_called, open_stage,
						close_stage),
	};

	return cmocka_run_group_tests_name("poll", tests, NULL, NULL);
}
