/* SPDX-License-Identifier: MIT
 *
 * Scripts of looks against whether the peer has stalled at the last of them.
 */
#include "rtmp/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define S  1000000LL
#define KB 1000ULL

/* What a second does to the counts; a row's seconds follow each other. */
struct second {
	int times;
	uint64_t written;
	uint64_t delivered;
	uint64_t read; /* moves reach */
	uint64_t creep;
	uint32_t answered;
	bool waiting;
};

struct row {
	const char *what;
	bool stalled;
	bool window_unknown;
	struct second seconds[5]; /* the last has no times */
};

static const struct row rows[] = {
	{ "a peer that reads", false, false, { { 9, 500 * KB, 500 * KB, 500 * KB, 70 * KB, 0, false } } },
	{ "one that reads a quarter",
	  false,
	  false,
	  { { 9, 500 * KB, 500 * KB, 120 * KB, 70 * KB, 0, false } } },
	{ "one whose kernel takes, and nobody reads",
	  true,
	  false,
	  { { 1, 500 * KB, 500 * KB, 500 * KB, 70 * KB, 0, false },
	    { 4, 500 * KB, 500 * KB, 0, 70 * KB, 0, false } } },
	{ "and for three seconds only",
	  false,
	  false,
	  { { 1, 500 * KB, 500 * KB, 500 * KB, 70 * KB, 0, false },
	    { 3, 500 * KB, 500 * KB, 0, 70 * KB, 0, false } } },
	{ "reach that only creeps",
	  true,
	  false,
	  { { 1, 500 * KB, 500 * KB, 500 * KB, 70 * KB, 0, false },
	    { 4, 500 * KB, 500 * KB, 60 * KB, 70 * KB, 0, false } } },
	{ "so little that rounding hides it: delivery counts",
	  false,
	  false,
	  { { 9, 10 * KB, 10 * KB, 0, 40 * KB, 0, false } } },
	{ "a window that is not known: delivery counts",
	  false,
	  true,
	  { { 9, 500 * KB, 500 * KB, 0, 70 * KB, 0, false } } },
	{ "nothing delivered, the window not known", true, true, { { 5, 1 * KB, 0, 0, 0, 0, true } } },
	{ "nothing delivered at all", true, false, { { 5, 1 * KB, 0, 0, 0, 0, true } } },
	{ "a full window that opens",
	  false,
	  false,
	  { { 1, 500 * KB, 500 * KB, 500 * KB, 0, 0, false },
	    { 3, 0, 0, 0, 0, 0, true },
	    { 1, 0, 0, 64 * KB, 0, 0, true },
	    { 3, 0, 0, 0, 0, 0, true } } },
	{ "a silent source",
	  false,
	  false,
	  { { 1, 9 * KB, 9 * KB, 9 * KB, 0, 0, false }, { 9, 0, 0, 0, 0, 0, false } } },
	{ "one message whose reading no acknowledgement tells, then silence",
	  false,
	  false,
	  { { 1, 20 * KB, 20 * KB, 20 * KB, 0, 0, false },
	    { 1, 20 * KB, 20 * KB, 0, 1 * KB, 0, false },
	    { 9, 0, 0, 0, 0, 0, false } } },
	{ "acknowledgements of the program itself",
	  false,
	  false,
	  { { 9, 500 * KB, 500 * KB, 0, 70 * KB, 1, false } } },
};

static void add(struct cme_progress_look *look, const struct second *second)
{
	look->written += second->written;
	look->delivered += second->delivered;
	look->reach += second->read;
	look->creep += second->creep;
	look->answered += second->answered;
	look->waiting = second->waiting;
}

static bool play(const struct row *row)
{
	struct cme_progress_look look = { .reach = row->window_unknown ? 0 : 64 * KB };
	struct cme_progress progress;
	bool stalled = false;
	int64_t now_us = S;

	cme_progress_start(&progress, now_us);
	cme_progress_stalled(&progress, &look, now_us);
	for (const struct second *second = row->seconds; second->times; second++) {
		for (int i = 0; i < second->times; i++) {
			add(&look, second);
			now_us += S;
			stalled = cme_progress_stalled(&progress, &look, now_us);
		}
	}
	return stalled;
}

static void follows_the_script(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (play(&rows[i]) != rows[i].stalled)
			fail_msg("%s", rows[i].what);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(follows_the_script) };

	return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
