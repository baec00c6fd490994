/* SPDX-License-Identifier: MIT
 *
 * Every situation of two inputs as one row of a table.
 */
#include "relay/failover.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define S 1000000LL

struct row {
	const char *what;
	struct cme_failover_view view;
	int to;
	int64_t check_at_us;
};

/* present, first_try, live, over, last packet, picture, sound, sound lost, pace */
#define LIVE(at)                                                     \
	{                                                            \
		true, false, true, false, at, false, false, false, S \
	}
#define DEAD(at)                                                      \
	{                                                             \
		true, false, false, false, at, false, false, false, 0 \
	}
#define FIRST                                                       \
	{                                                           \
		true, true, false, false, 0, false, false, false, 0 \
	}
#define NONE                                                         \
	{                                                            \
		false, true, false, false, 0, false, false, false, 0 \
	}

#define OVER(at)                                                     \
	{                                                            \
		true, false, false, true, at, false, false, false, 0 \
	}

/* A live one by what it has: the last packet, picture, sound, sound lost */
#define HAS(at, ...)                                         \
	{                                                    \
		true, false, true, false, at, __VA_ARGS__, S \
	}
/* Live, by its last packet and how far its pictures are apart */
#define PACE(at, pace)                                                  \
	{                                                               \
		true, false, true, false, at, false, false, false, pace \
	}
/* One that lost its picture. */
#define BLIND(at)                                                    \
	{                                                            \
		true, false, false, false, at, false, true, false, 0 \
	}

static const struct row rows[] = {
	{ "the sound lost, the other has it",
	  { true, 0, 100 * S, 2 * S, 1, { HAS(99 * S, true, false, true), HAS(99 * S, true, true, false) } },
	  1,
	  INT64_MAX },
	{ "the sound lost, the other has none",
	  { true, 0, 100 * S, 2 * S, 1, { HAS(99 * S, true, false, true), HAS(99 * S, true, false, false) } },
	  -1,
	  INT64_MAX },
	{ "the sound lost, the other has no picture",
	  { true, 0, 100 * S, 2 * S, 1, { HAS(99 * S, true, false, true), HAS(99 * S, false, true, false) } },
	  -1,
	  INT64_MAX },
	{ "switched to one without its sound",
	  { true,
	    0,
	    100 * S,
	    2 * S,
	    99 * S,
	    { HAS(99 * S, true, false, true), HAS(99 * S, true, true, false) } },
	  -1,
	  101 * S },
	{ "the picture lost, the other has one",
	  { true, 0, 100 * S, 2 * S, 1, { BLIND(90 * S), HAS(99 * S, true, false, false) } },
	  1,
	  INT64_MAX },
	{ "the picture lost, the other is sound alone",
	  { true, 0, 100 * S, 2 * S, 1, { BLIND(90 * S), HAS(99 * S, false, true, false) } },
	  -1,
	  INT64_MAX },
	{ "all lost, the other is sound alone",
	  { true, 0, 100 * S, 2 * S, 1, { DEAD(90 * S), HAS(99 * S, false, true, false) } },
	  1,
	  INT64_MAX },
	{ "both live", { true, 0, 100 * S, 2 * S, 1, { LIVE(99 * S), LIVE(99 * S) } }, -1, 101 * S },
	{ "at the limit", { true, 0, 100 * S, 2 * S, 1, { LIVE(98 * S), LIVE(99 * S) } }, 1, INT64_MAX },
	{ "just below it", { true, 0, 100 * S - 1, 2 * S, 1, { LIVE(98 * S), LIVE(99 * S) } }, -1, 100 * S },
	{ "the other way", { true, 1, 100 * S, 2 * S, 1, { LIVE(99 * S), DEAD(90 * S) } }, 0, INT64_MAX },
	{ "both dead", { true, 0, 100 * S, 2 * S, 1, { DEAD(90 * S), DEAD(90 * S) } }, -1, INT64_MAX },
	{ "other stalled too",
	  { true, 0, 100 * S, 2 * S, 1, { LIVE(90 * S), LIVE(98 * S) } },
	  -1,
	  INT64_MAX },
	{ "other not live", { true, 0, 100 * S, 2 * S, 1, { LIVE(90 * S), DEAD(99 * S) } }, -1, INT64_MAX },
	{ "other silent for longer than its pictures are apart",
	  { true, 0, 100 * S, 2 * S, 1, { LIVE(98 * S), PACE(99 * S, S / 25) } },
	  -1,
	  100 * S + CME_FAILOVER_AGAIN_US },
	{ "other as slow as it always is",
	  { true, 0, 100 * S, 2 * S, 1, { LIVE(98 * S), PACE(99 * S, S / 2) } },
	  1,
	  INT64_MAX },
	{ "other of an unknown pace",
	  { true, 0, 100 * S, 2 * S, 1, { LIVE(98 * S), PACE(100 * S - S / 4, 0) } },
	  1,
	  INT64_MAX },
	{ "other slower than the limit",
	  { true, 0, 100 * S, 2 * S, 1, { LIVE(90 * S), PACE(98 * S, 10 * S) } },
	  -1,
	  INT64_MAX },
	{ "switched off", { false, 0, 100 * S, 2 * S, 1, { DEAD(90 * S), LIVE(99 * S) } }, -1, INT64_MAX },
	{ "no backup", { true, 0, 100 * S, 2 * S, 1, { DEAD(90 * S), NONE } }, -1, INT64_MAX },
	{ "dead from the start",
	  { true, 0, 12 * S, 2 * S, 10 * S, { DEAD(0), LIVE(12 * S) } },
	  1,
	  INT64_MAX },
	{ "dead, limit not over", { true, 0, 11 * S, 2 * S, 10 * S, { DEAD(0), LIVE(11 * S) } }, -1, 12 * S },
	{ "slow first keyframe", { true, 0, 14 * S, 2 * S, 10 * S, { FIRST, LIVE(14 * S) } }, -1, 15 * S },
	{ "silent from the start",
	  { true, 0, 15 * S, 2 * S, 10 * S, { FIRST, LIVE(15 * S) } },
	  1,
	  INT64_MAX },
	{ "played out", { true, 0, 100 * S, 2 * S, 1, { OVER(100 * S), LIVE(99 * S) } }, 1, INT64_MAX },
	{ "played out, other dead",
	  { true, 0, 100 * S, 2 * S, 1, { OVER(100 * S), DEAD(99 * S) } },
	  -1,
	  INT64_MAX },
	{ "just switched to",
	  { true, 0, 100 * S, 2 * S, 99 * S, { DEAD(50 * S), LIVE(99 * S) } },
	  -1,
	  101 * S },
};

static void decides_as_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cme_failover_verdict verdict = cme_failover_decide(&rows[i].view);

		if (verdict.to != rows[i].to || verdict.check_at_us != rows[i].check_at_us)
			fail_msg("%s: to %d, check at %lld", rows[i].what, verdict.to,
				 (long long)verdict.check_at_us);
	}
}

static const struct {
	const char *what;
	struct cme_failback_view view;
	int64_t at_us;
} ways_back[] = {
	{ "not wished", { -1, true, false, 90 * S, 0 }, INT64_MAX },
	{ "not away", { 30 * S, false, false, 90 * S, 0 }, INT64_MAX },
	{ "a switch is under way", { 30 * S, true, true, 90 * S, 0 }, INT64_MAX },
	{ "not live", { 30 * S, true, false, 0, 0 }, INT64_MAX },
	{ "after the hold time", { 30 * S, true, false, 90 * S, 0 }, 120 * S },
	{ "at once", { 0, true, false, 90 * S, 0 }, 90 * S },
	{ "again after the hold time", { 30 * S, true, false, 90 * S, 120 * S }, 150 * S },
	{ "again, though at once, after a pause", { 0, true, false, 90 * S, 90 * S }, 100 * S },
	{ "tried before it was lost again", { 30 * S, true, false, 200 * S, 120 * S }, 230 * S },
};

static void goes_back_after_the_hold_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ways_back / sizeof ways_back[0]; i++)
		if (cme_failback_at_us(&ways_back[i].view) != ways_back[i].at_us)
			fail_msg("%s: at %lld", ways_back[i].what,
				 (long long)cme_failback_at_us(&ways_back[i].view));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(decides_as_the_table_says),
					    cmocka_unit_test(goes_back_after_the_hold_time) };

	return cmocka_run_group_tests_name("failover", tests, NULL, NULL);
}
