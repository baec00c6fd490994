/* SPDX-License-Identifier: MIT
 *
 * An RTMP source that begins 600 messages and ends none took 430 MB: libavformat bounds neither their number
 * nor their sum. A call ends that makes the process grow too much.
 */
#include "relay/base/deadline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "relay/base/sys.h"

#define LARGE ((size_t)48 * 1024 * 1024)

static bool ends_within(AVIOInterruptCB callback, int64_t us)
{
	int64_t until_us = cme_now_us() + us;
	bool ended;

	do /* once at least: the first call measures what the process grows from */
		ended = callback.callback(callback.opaque) != 0;
	while (!ended && cme_now_us() < until_us);
	return ended;
}

static void a_call_that_takes_too_much_ends(void **state)
{
	struct cme_deadline deadline;
	AVIOInterruptCB callback = cme_deadline_callback(&deadline);
	char *memory;

	(void)state;
	cme_deadline_init(&deadline);
	deadline.growth_max = LARGE / 2;
	cme_deadline_set(&deadline, 60 * CME_SECOND_US);
	assert_false(ends_within(callback, 50 * CME_MS_US));
	memory = malloc(LARGE);
	assert_non_null(memory);
	memset(memory, 1, LARGE);
	assert_true(ends_within(callback, 20 * CME_SECOND_US));
	assert_true(deadline.overgrown);
	cme_deadline_set(&deadline, 60 * CME_SECOND_US); /* the next call has a measure of its own */
	assert_false(ends_within(callback, 50 * CME_MS_US));
	free(memory);
}

/* The process's size cannot be read while no descriptor is left: that is no size of nothing to grow from. */
static void a_size_that_cannot_be_read_cuts_nothing(void **state)
{
	struct cme_deadline deadline;
	AVIOInterruptCB callback = cme_deadline_callback(&deadline);
	struct rlimit before, none;
	char *memory = malloc(LARGE);

	(void)state;
	assert_non_null(memory);
	memset(memory, 1, LARGE);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = before.rlim_max };
	cme_deadline_init(&deadline);
	deadline.growth_max = LARGE / 2;
	cme_deadline_set(&deadline, 60 * CME_SECOND_US);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	(void)ends_within(callback, 50 * CME_MS_US);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_false(ends_within(callback, 50 * CME_MS_US));
	free(memory);
}

static void a_call_ends_when_its_source_is_over(void **state)
{
	struct cme_deadline deadline;
	AVIOInterruptCB callback = cme_deadline_callback(&deadline);
	bool over = false;

	(void)state;
	cme_deadline_init(&deadline);
	cme_deadline_set(&deadline, 60 * CME_SECOND_US);
	deadline.cut = &over;
	assert_int_equal(callback.callback(callback.opaque), 0);
	over = true;
	assert_int_equal(callback.callback(callback.opaque), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_that_takes_too_much_ends),
		cmocka_unit_test(a_size_that_cannot_be_read_cuts_nothing),
		cmocka_unit_test(a_call_ends_when_its_source_is_over),
	};

	return cmocka_run_group_tests_name("33-growth", tests, NULL, NULL);
}
