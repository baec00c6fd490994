/* SPDX-License-Identifier: MIT
 * Tests of src/look/judge/judge.c: numbers of a viewer over time become what is named. */
#include "look/judge/judge.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/clock.h"

/* What is fine in every way. */
static struct cme_sight fine(void)
{
	return (struct cme_sight){ .top_luma = 200,
				   .colour = 40,
				   .loudest_db = -20,
				   .apart_db = 2,
				   .frame_ratio = 1,
				   .delay_s = 0.5 };
}

/* The same numbers four times a second, from a time on, for so many seconds. */
static enum cme_verdict pass(struct cme_judge *judge, const struct cme_sight *sight, double seconds,
			     int64_t *now_us)
{
	int64_t until_us = *now_us + (int64_t)(seconds * 1e6);

	for (; *now_us < until_us; *now_us += CME_SECOND_US / 4)
		cme_judge_look(judge, sight, *now_us);
	return cme_judge_verdict(judge);
}

static void begin(struct cme_judge *judge, int64_t *now_us)
{
	struct cme_sight sight = fine();

	*now_us = CME_SECOND_US;
	cme_judge_init(judge, (struct cme_bounds){ .late_s = 2.5 });
	assert_int_equal(pass(judge, &sight, 20, now_us), CME_FINE);
}

struct fault {
	enum cme_verdict verdict;
	size_t value; /* in struct cme_sight */
	double bad;
};

#define OF(member) offsetof(struct cme_sight, member)

static const struct fault faults[] = {
	{ CME_GONE, OF(absent_s), 6 },        { CME_NO_PICTURE, OF(pictureless_s), 7 },
	{ CME_BLACK, OF(top_luma), 16 },      { CME_FLAT, OF(colour), 0.5 },
	{ CME_FROZEN, OF(frozen_s), 8 },      { CME_WRONG, OF(strange_s), 9 },
	{ CME_NO_SOUND, OF(soundless_s), 7 }, { CME_SILENT, OF(loudest_db), -120 },
	{ CME_ONE_SIDED, OF(apart_db), 90 },  { CME_CLIPPED, OF(clipped), 0.3 },
	{ CME_STUTTERING, OF(missing), 0.4 }, { CME_SLOW, OF(frame_ratio), 0.5 },
	{ CME_LATE, OF(delay_s), 3 },         { CME_STILL, OF(unmoved_s), 11 },
};

static void set(struct cme_sight *sight, const struct fault *fault, double value)
{
	*(double *)(void *)((char *)sight + fault->value) = value;
}

static void names_each_within_ten_seconds_and_takes_it_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		struct cme_sight sight = fine();
		struct cme_judge judge;
		int64_t now_us;

		begin(&judge, &now_us);
		set(&sight, &faults[i], faults[i].bad);
		assert_int_equal(pass(&judge, &sight, 10, &now_us), faults[i].verdict);
		sight = fine();
		assert_int_equal(pass(&judge, &sight, 8, &now_us), CME_FINE);
	}
}

static void a_fade_to_black_of_three_seconds_is_none(void **state)
{
	struct cme_sight sight = fine(), dark = fine();
	struct cme_judge judge;
	int64_t now_us;

	(void)state;
	begin(&judge, &now_us);
	dark.top_luma = 16;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(pass(&judge, &dark, 3, &now_us), CME_FINE);
		assert_int_equal(pass(&judge, &sight, 2, &now_us), CME_FINE);
	}
}

static void between_the_two_values_nothing_changes(void **state)
{
	struct cme_sight dark = fine(), grey = fine();
	struct cme_judge judge;
	int64_t now_us;

	(void)state;
	begin(&judge, &now_us);
	dark.top_luma = 16;
	grey.top_luma = 29;
	assert_int_equal(pass(&judge, &grey, 60, &now_us), CME_FINE);
	pass(&judge, &dark, 10, &now_us);
	assert_int_equal(pass(&judge, &grey, 60, &now_us), CME_BLACK);
}

/* Speech in one ear has pauses, in which nobody can tell. */
static void what_cannot_be_told_neither_counts_nor_starts_anew(void **state)
{
	struct cme_sight one_ear = fine(), pause = fine();
	struct cme_judge judge;
	int64_t now_us;

	(void)state;
	begin(&judge, &now_us);
	one_ear.apart_db = 90;
	pause.apart_db = NAN;
	pass(&judge, &one_ear, 4, &now_us);
	assert_int_equal(pass(&judge, &pause, 30, &now_us), CME_FINE);
	assert_int_equal(pass(&judge, &one_ear, 3, &now_us), CME_ONE_SIDED);
	assert_int_equal(pass(&judge, &pause, 30, &now_us), CME_ONE_SIDED);
}

static void the_worst_is_named_of_several(void **state)
{
	struct cme_sight sight = fine();
	struct cme_judge judge;
	int64_t now_us;

	(void)state;
	begin(&judge, &now_us);
	sight.top_luma = 16;
	sight.loudest_db = -120;
	sight.unmoved_s = 30;
	assert_int_equal(pass(&judge, &sight, 12, &now_us), CME_BLACK);
	assert_true(judge.fault[CME_SILENT].on);
	assert_true(judge.fault[CME_STILL].on);
}

static void a_machine_that_stood_still_has_seen_nothing(void **state)
{
	struct cme_sight dark = fine();
	struct cme_judge judge;
	int64_t now_us;

	(void)state;
	begin(&judge, &now_us);
	dark.top_luma = 16;
	cme_judge_look(&judge, &dark, now_us);
	assert_int_equal(cme_judge_look(&judge, &dark, now_us + 60 * CME_SECOND_US), CME_FINE);
}

static void without_a_source_nothing_that_needs_one_is_named(void **state)
{
	struct cme_sight blank = cme_sight_blank();
	struct cme_judge judge;
	int64_t now_us;

	(void)state;
	begin(&judge, &now_us);
	assert_true(isnan(blank.delay_s) && isnan(blank.frame_ratio) && isnan(blank.absent_s));
	assert_int_equal(pass(&judge, &blank, 60, &now_us), CME_FINE);
}

static void of_a_peer_only_that_it_moves_is_told(void **state)
{
	struct cme_sight sight = fine();
	struct cme_judge judge;
	int64_t now_us = CME_SECOND_US;

	(void)state;
	cme_judge_init(&judge, (struct cme_bounds){ .late_s = 2.5, .peer = true });
	sight.strange_s = 60;
	sight.frame_ratio = 0.5;
	sight.delay_s = 31;
	assert_int_equal(pass(&judge, &sight, 30, &now_us), CME_FINE);
	sight.frozen_s = 8;
	assert_int_equal(pass(&judge, &sight, 10, &now_us), CME_FROZEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_each_within_ten_seconds_and_takes_it_back),
		cmocka_unit_test(a_fade_to_black_of_three_seconds_is_none),
		cmocka_unit_test(between_the_two_values_nothing_changes),
		cmocka_unit_test(what_cannot_be_told_neither_counts_nor_starts_anew),
		cmocka_unit_test(the_worst_is_named_of_several),
		cmocka_unit_test(a_machine_that_stood_still_has_seen_nothing),
		cmocka_unit_test(of_a_peer_only_that_it_moves_is_told),
		cmocka_unit_test(without_a_source_nothing_that_needs_one_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
