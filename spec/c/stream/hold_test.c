/* SPDX-License-Identifier: MIT */
#include "stream/hold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define MS        INT64_C(1000)
#define BEGIN     (1000 * 1000 * MS)
#define MINUTE_MS 60000

struct seen {
	int messages;
	int writes;
	int timers;      /* of them: nothing came in time */
	int64_t most_us; /* that anything waited */
};

/* What a reader does: the waiting is over if it was to end before now. */
static void pass_time(struct cme_hold *hold, int64_t *until_us, int64_t now_us, struct seen *seen)
{
	if (!*until_us || now_us <= *until_us)
		return;
	seen->writes++;
	seen->timers++;
	if (*until_us - hold->since_us > seen->most_us)
		seen->most_us = *until_us - hold->since_us;
	cme_hold_release(hold);
	*until_us = 0;
}

static void come(struct cme_hold *hold, int64_t *until_us, enum cme_hold_kind kind, int ms, int late_ms,
		 struct seen *seen)
{
	int64_t now_us = BEGIN + (ms + late_ms) * MS;

	pass_time(hold, until_us, now_us, seen);
	cme_hold_add(hold, kind, (uint32_t)ms, now_us);
	seen->messages++;
	*until_us = cme_hold_until(hold);
	if (*until_us)
		return;
	seen->writes++;
	if (now_us - hold->since_us > seen->most_us)
		seen->most_us = now_us - hold->since_us;
	cme_hold_release(hold);
}

/* A minute of pictures and sounds so many milliseconds apart (0: none), each late by up to jitter_ms. */
static struct seen play(int picture_ms, int sound_ms, int jitter_ms)
{
	struct cme_hold hold = { 0 };
	struct seen seen = { 0 };
	int64_t until_us = 0;

	srand(1);
	for (int ms = 0; ms < MINUTE_MS; ms++) {
		int late_ms = jitter_ms ? rand() % jitter_ms : 0;

		if (picture_ms && ms % picture_ms == 0)
			come(&hold, &until_us, CME_HOLD_PICTURE, ms, late_ms, &seen);
		if (sound_ms && ms % sound_ms == 5)
			come(&hold, &until_us, CME_HOLD_SOUND, ms, late_ms, &seen);
	}
	return seen;
}

static void picture_and_sound_leave_together(void **state)
{
	struct seen seen = play(33, 21, 0);

	(void)state;
	assert_in_range(seen.writes, 1, seen.messages * 2 / 3);
	assert_int_equal(seen.timers, 0);
	assert_in_range(seen.most_us, 1, CME_HOLD_MAX_US);
}

static void what_follows_too_late_is_not_waited_for(void **state)
{
	static const int apart_ms[][2] = { { 33, 0 }, { 0, 21 }, { 40, 0 }, { 0, 23 }, { 1000, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof apart_ms / sizeof apart_ms[0]; i++) {
		struct seen seen = play(apart_ms[i][0], apart_ms[i][1], 0);

		assert_int_equal(seen.writes, seen.messages);
		assert_int_equal(seen.most_us, 0);
	}
}

/* As senders that look up every 10 ms do. */
static void nothing_waits_for_longer_than_that(void **state)
{
	struct seen seen = play(33, 23, 10);

	(void)state;
	assert_in_range(seen.writes, 1, seen.messages * 9 / 10);
	assert_in_range(seen.most_us, 1, CME_HOLD_MAX_US);
	assert_in_range(seen.timers, 0, seen.writes / 2);
}

/* Sounds 10 ms apart are waited for until they have ceased to come. */
static void what_has_ceased_to_come_is_not_waited_for(void **state)
{
	struct cme_hold hold = { 0 };
	int64_t until_us = 0;
	struct seen seen = { 0 };

	(void)state;
	come(&hold, &until_us, CME_HOLD_SOUND, 0, 0, &seen);
	assert_int_equal(until_us, 0);
	come(&hold, &until_us, CME_HOLD_SOUND, 10, 0, &seen);
	assert_int_equal(until_us, BEGIN + 10 * MS + CME_HOLD_MAX_US);
	come(&hold, &until_us, CME_HOLD_PICTURE, 50, 0, &seen);
	assert_int_equal(seen.timers, 1);
	assert_int_equal(until_us, 0);
}

/* Two tracks have the same times; a clock that is set says nothing of when more is to come. */
static void times_that_say_nothing_change_nothing(void **state)
{
	struct cme_hold hold = { 0 };

	(void)state;
	cme_hold_add(&hold, CME_HOLD_SOUND, 100, BEGIN);
	cme_hold_add(&hold, CME_HOLD_SOUND, 100, BEGIN);
	assert_int_equal(cme_hold_until(&hold), 0);
	cme_hold_release(&hold);
	cme_hold_add(&hold, CME_HOLD_SOUND, 110, BEGIN + 10 * MS);
	cme_hold_add(&hold, CME_HOLD_SOUND, 110, BEGIN + 10 * MS);
	assert_int_equal(cme_hold_until(&hold), BEGIN + 10 * MS + CME_HOLD_MAX_US);
	cme_hold_add(&hold, CME_HOLD_SOUND, 5, BEGIN + 20 * MS);
	assert_int_equal(cme_hold_until(&hold), 0);
}

/* What waits for nothing is there until it is sent, however often that is asked. */
static void asking_sends_nothing(void **state)
{
	struct cme_hold hold = { 0 };

	(void)state;
	cme_hold_add(&hold, CME_HOLD_SOUND, 0, BEGIN);
	assert_int_equal(cme_hold_until(&hold), 0);
	assert_int_equal(cme_hold_until(&hold), 0);
	assert_int_equal(hold.since_us, BEGIN);
	cme_hold_release(&hold);
	assert_int_equal(hold.since_us, 0);
}

static void nothing_waits_where_all_is_sent(void **state)
{
	struct cme_hold hold = { 0 };

	(void)state;
	assert_int_equal(cme_hold_until(&hold), 0);
	cme_hold_add(&hold, CME_HOLD_SOUND, 0, BEGIN);
	cme_hold_add(&hold, CME_HOLD_SOUND, 5, BEGIN + 5 * MS);
	cme_hold_release(&hold);
	assert_int_equal(cme_hold_until(&hold), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(picture_and_sound_leave_together),
		cmocka_unit_test(what_follows_too_late_is_not_waited_for),
		cmocka_unit_test(nothing_waits_for_longer_than_that),
		cmocka_unit_test(what_has_ceased_to_come_is_not_waited_for),
		cmocka_unit_test(times_that_say_nothing_change_nothing),
		cmocka_unit_test(asking_sends_nothing),
		cmocka_unit_test(nothing_waits_where_all_is_sent),
	};

	return cmocka_run_group_tests_name("hold", tests, NULL, NULL);
}
