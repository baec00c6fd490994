/* SPDX-License-Identifier: MIT
 * Tests of src/look/judge/compare.c: a viewer's pictures beside those of the source. */
#include "look/judge/compare.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/clock.h"

enum { SHOTS = 820, FILMS = 5, FRAMES = 6000 }; /* of the source 80 s: all that is compared */

#define STEP_US   (100 * CME_MS_US)
#define FRAME_US  (50 * CME_MS_US)
#define SPARSE_US (250 * CME_MS_US) /* as of keyframes and stretches */

static struct cme_shot source[SHOTS], viewer[SHOTS];

/* Forms that wander, others in each scene of 1.7 s. */
static void draw(struct cme_print *print, unsigned seed, double t)
{
	uint8_t cells[CME_CELLS];
	double scene = floor(t / 1.7), wide = 3 + seed + fmod(scene * 1.37, 4),
	       turn = seed * 1.7 + scene * 2.1;

	for (int i = 0; i < CME_CELLS; i++) {
		double x = i % CME_CELLS_ACROSS, y = (double)(i / CME_CELLS_ACROSS);

		cells[i] = (uint8_t)(128 + 50 * sin(x / wide + t * 1.3 + turn) +
				     40 * cos(y / 2.5 - t * 0.77 + turn * x / 20));
	}
	cme_print_make(print, cells);
}

/* The picture of a film at a time. Each is drawn once. */
static void film(struct cme_shot *shot, unsigned seed, int64_t at_us)
{
	static struct cme_print drawn[FILMS][FRAMES];
	static bool is_drawn[FILMS][FRAMES];
	size_t frame = (size_t)(at_us / FRAME_US + FRAMES) % FRAMES;

	if (!is_drawn[seed][frame])
		draw(&drawn[seed][frame], seed, (double)at_us / 1e6);
	is_drawn[seed][frame] = true;
	shot->moved = true;
	shot->print = drawn[seed][frame];
}

/* Fills `count` shots up to now; the film of a seed, so late, or as it stood at `still_us`. */
static struct cme_side show(struct cme_shot *shots, size_t count, unsigned seed, int64_t late_us,
			    int64_t still_us)
{
	int64_t now_us = 100 * CME_SECOND_US;

	for (size_t i = 0; i < count; i++) {
		int64_t at_us = now_us - (int64_t)(count - 1 - i) * STEP_US, film_us = at_us - late_us;

		if (film_us > still_us)
			film_us = still_us;
		film(&shots[i], seed, film_us);
		shots[i].at_us = at_us;
		shots[i].moved = at_us - late_us <= still_us;
	}
	return (struct cme_side){ .shots = shots, .count = count, .rate = 30 };
}

static void finds_each_delay_within_a_twentieth_of_a_second(void **state)
{
	const double delays_s[] = { 0, 0.5, 3, 8, 20 };
	struct cme_side whole = show(source, 500, 1, 0, INT64_MAX);

	(void)state;
	for (size_t i = 0; i < sizeof delays_s / sizeof *delays_s; i++) {
		struct cme_side late = show(viewer, 70, 1, (int64_t)(delays_s[i] * 1e6), INT64_MAX);
		struct cme_sight sight = cme_sight_blank();
		struct cme_compare compare = { 0 };

		cme_compare_look(&compare, &late, &whole, &sight);
		assert_true(fabs(sight.delay_s - delays_s[i]) <= 0.05);
		assert_true(sight.strange_s == 0);
	}
}

/* Colours that come again every ten seconds, and a box that wanders through them. */
static void turning_film(struct cme_shot *shot, int64_t at_us)
{
	uint8_t cells[CME_CELLS];
	double t = (double)at_us / 1e6, turn = t * 2 * 3.14159265 / 10;
	int row = (int)(t * 2.7) % (CME_CELLS_DOWN - 3), column = (int)(t * 3.9) % (CME_CELLS_ACROSS - 4);

	for (int i = 0; i < CME_CELLS; i++)
		cells[i] = (uint8_t)(110 + 70 * sin((i % CME_CELLS_ACROSS) / 5.0 + turn));
	for (int y = row; y < row + 3; y++)
		for (int x = column; x < column + 4; x++)
			cells[y * CME_CELLS_ACROSS + x] = 235;
	shot->moved = true;
	cme_print_make(&shot->print, cells);
}

static void what_moves_tells_the_delay_of_a_film_that_comes_again(void **state)
{
	struct cme_side late = show(viewer, 110, 1, 0, INT64_MAX), whole = show(source, 500, 1, 0, INT64_MAX);
	struct cme_sight sight = cme_sight_blank();
	struct cme_compare compare = { 0 };

	(void)state;
	for (size_t i = 0; i < late.count; i++)
		turning_film(&viewer[i], viewer[i].at_us - 3 * CME_SECOND_US);
	for (size_t i = 0; i < whole.count; i++)
		turning_film(&source[i], source[i].at_us);
	cme_compare_look(&compare, &late, &whole, &sight);
	assert_true(fabs(sight.delay_s - 3) <= 0.1);
}

static void another_film_is_wrong_once_the_source_is_known_for_long(void **state)
{
	struct cme_side whole = show(source, 800, 1, 0, INT64_MAX),
			begun = show(viewer, 400, 4, 0, INT64_MAX);
	struct cme_side shorter = { .shots = source + 200, .count = 600, .rate = 30 };
	struct cme_sight sight = cme_sight_blank();
	struct cme_compare compare = { 0 };

	(void)state;
	cme_compare_look(&compare, &begun, &shorter, &sight);
	assert_int_equal(compare.found, CME_MATCH_NONE);
	assert_false(sight.strange_s > 0);
	cme_compare_look(&compare, &begun, &whole, &sight);
	assert_true(sight.strange_s > 0.5);
	assert_true(isnan(sight.delay_s));
}

/* However much longer the source takes than the viewer: it is read by another way. */
static void a_viewer_far_ahead_of_the_source_is_none_of_another_film(void **state)
{
	const int ahead_s[] = { 4, 6, 12, 20, 28 };

	(void)state;
	for (size_t i = 0; i < sizeof ahead_s / sizeof *ahead_s; i++) {
		struct cme_compare compare = { 0 };

		for (int shown = 100; shown <= 800; shown += 50) {
			struct cme_side behind =
				show(source, (size_t)shown, 1, ahead_s[i] * CME_SECOND_US, INT64_MAX);
			struct cme_side ahead = show(viewer, (size_t)shown, 1, 0, INT64_MAX);
			struct cme_sight sight = cme_sight_blank();

			cme_compare_look(&compare, &ahead, &behind, &sight);
			assert_false(sight.strange_s > 0);
		}
		assert_true(compare.known);
		assert_true(llabs(compare.delay_us + ahead_s[i] * CME_SECOND_US) <= 50 * CME_MS_US);
	}
}

/* What both have shown so long after the source fell back by some seconds. */
static void after_fall(struct cme_compare *compare, int after_s, int by_s, struct cme_sight *sight)
{
	const int64_t now_us = 200 * CME_SECOND_US + after_s * CME_SECOND_US;
	struct cme_side theirs = { .shots = source, .count = 800, .rate = 30 },
			mine = { .shots = viewer, .count = 400, .rate = 30 };

	theirs.lag_us = after_s > 0 ? by_s * CME_SECOND_US : 0;
	for (int i = 0; i < 800; i++) {
		source[i].at_us = now_us - (799 - i) * STEP_US;
		film(&source[i], 1, source[i].at_us - theirs.lag_us);
	}
	for (int i = 0; i < 400; i++) {
		viewer[i].at_us = now_us - (399 - i) * STEP_US;
		film(&viewer[i], 1, viewer[i].at_us - CME_SECOND_US);
	}
	*sight = cme_sight_blank();
	cme_compare_look(compare, &mine, &theirs, sight);
}

static void a_source_that_falls_back_makes_nobody_wrong(void **state)
{
	struct cme_compare compare = { 0 };
	struct cme_sight sight;

	(void)state;
	for (int after_s = -3; after_s < 40; after_s++) {
		after_fall(&compare, after_s, 12, &sight);
		assert_false(sight.strange_s > 0);
	}
	assert_true(llabs(compare.delay_us + 11 * CME_SECOND_US) <= 50 * CME_MS_US);
}

static void a_picture_that_stands_fits_anywhere(void **state)
{
	struct cme_side whole = show(source, 500, 1, 0, 10 * CME_SECOND_US),
			slide = show(viewer, 70, 1, 0, 10 * CME_SECOND_US);
	struct cme_sight sight = cme_sight_blank();
	struct cme_compare compare = { 0 };

	(void)state;
	sight.unmoved_s = 20;
	cme_compare_look(&compare, &slide, &whole, &sight);
	assert_int_equal(compare.found, CME_MATCH_ANYWHERE);
	assert_true(isnan(sight.delay_s));
	assert_true(sight.frozen_s == 0);
	assert_true(sight.strange_s == 0);
}

static void it_is_frozen_when_the_source_moved_meanwhile(void **state)
{
	struct cme_side whole = show(source, 500, 1, 0, INT64_MAX),
			frozen = show(viewer, 200, 1, CME_SECOND_US, 90 * CME_SECOND_US);
	struct cme_sight sight = cme_sight_blank();
	struct cme_compare compare = { 0 }, known = { .known = true, .delay_us = CME_SECOND_US };

	(void)state;
	sight.unmoved_s = 9;
	cme_compare_look(&compare, &frozen, &whole, &sight);
	assert_true(sight.frozen_s >= 8);
	cme_compare_look(&known, &frozen, &whole, &sight);
	assert_true(sight.frozen_s >= 8);
}

/* However long it has been: no single delay fits a picture that stands. */
static void a_frozen_picture_is_not_a_wrong_one(void **state)
{
	struct cme_side whole = show(source, 500, 1, 0, INT64_MAX);

	(void)state;
	for (int still_s = 1; still_s < 20; still_s++) {
		struct cme_side frozen = show(viewer, 200, 1, CME_SECOND_US, (100 - still_s) * CME_SECOND_US);
		struct cme_sight sight = cme_sight_blank();
		struct cme_compare compare = { 0 };

		cme_compare_look(&compare, &frozen, &whole, &sight);
		assert_true(sight.strange_s == 0);
	}
}

static void a_picture_that_stands_and_never_was_the_source_s_is_wrong(void **state)
{
	struct cme_side whole = show(source, 500, 1, 0, INT64_MAX),
			other = show(viewer, 200, 4, 0, 85 * CME_SECOND_US);
	struct cme_sight sight = cme_sight_blank();
	struct cme_compare compare = { .agreed = true, .source_us = 100 * CME_SECOND_US };

	(void)state;
	cme_compare_look(&compare, &other, &whole, &sight);
	assert_true(sight.strange_s > 5);
}

/* The source's picture, mixed with another film's: like it, and not the same. */
static void mix(struct cme_shot *shot, unsigned seed, int64_t at_us, int64_t other_us)
{
	struct cme_shot one, other;

	film(&one, 1, at_us);
	film(&other, seed, other_us);
	for (int i = 0; i < CME_CELLS; i++)
		shot->print.cells[i] = (int8_t)(0.72 * one.print.cells[i] + 0.28 * other.print.cells[i]);
	shot->print.plain = false;
	shot->moved = true;
}

/* What is found of another film of which some seconds come near the source, so late as the source or later.
 */
static struct cme_sight look_at_chance(struct cme_compare *compare, int second, int64_t near_late_us,
				       int near_from, int near_to)
{
	const int64_t now_us = 200 * CME_SECOND_US + second * CME_SECOND_US;
	struct cme_side whole = { .shots = source, .count = 800, .rate = 30 },
			other = { .shots = viewer, .count = 400, .rate = 30 };
	struct cme_sight sight = cme_sight_blank();

	for (int i = 0; i < 800; i++) {
		source[i].at_us = now_us - (799 - i) * STEP_US;
		film(&source[i], 1, source[i].at_us);
	}
	for (int i = 0; i < 400; i++) {
		int64_t at_us = now_us - (399 - i) * STEP_US, into_us = at_us - 200 * CME_SECOND_US;

		viewer[i].at_us = at_us;
		if (into_us < 0)
			film(&viewer[i], 1, at_us);
		else if (into_us >= near_from * CME_SECOND_US && into_us < near_to * CME_SECOND_US)
			mix(&viewer[i], 4, at_us - near_late_us, at_us);
		else
			film(&viewer[i], 4, at_us);
	}
	cme_compare_look(compare, &other, &whole, &sight);
	return sight;
}

static void what_comes_near_by_chance_stays_wrong(void **state)
{
	const int64_t lates_us[] = { 0, 7 * CME_SECOND_US };

	(void)state;
	for (size_t i = 0; i < sizeof lates_us / sizeof *lates_us; i++) {
		struct cme_compare compare = { 0 };

		for (int second = -2; second < 60; second += 2) {
			struct cme_sight sight = look_at_chance(&compare, second, lates_us[i], 25, 34);

			if (second < 0)
				assert_true(sight.strange_s == 0);
			else if (second >= 18)
				assert_false(sight.strange_s < 8);
		}
	}
}

/* A picture that a platform changes a lot: it is the source's all the same. */
static void what_is_near_for_long_is_the_source_s(void **state)
{
	struct cme_compare compare = { 0 };
	struct cme_sight sight;

	(void)state;
	for (int second = 0; second < 30; second++) {
		sight = look_at_chance(&compare, second, 3 * CME_SECOND_US, 0, 100);
		assert_false(sight.strange_s >= 8);
	}
	assert_true(sight.strange_s == 0);
}

/* What is found so long after the viewer was cut to another film, or to the film of some seconds ago. */
static double strange_after_cut(struct cme_compare *compare, int after_s, unsigned seed, int64_t late_us,
				double *delay_s)
{
	const int64_t cut_us = 100 * CME_SECOND_US, now_us = cut_us + after_s * CME_SECOND_US;
	struct cme_sight sight = cme_sight_blank();
	struct cme_side whole = { .shots = source, .count = 500, .rate = 30 },
			cut = { .shots = viewer, .count = 100, .rate = 30 };

	for (int i = 0; i < 500; i++) {
		source[i].at_us = now_us - (499 - i) * STEP_US;
		film(&source[i], 1, source[i].at_us);
	}
	for (int i = 0; i < 100; i++) {
		viewer[i].at_us = now_us - (99 - i) * SPARSE_US;
		if (viewer[i].at_us < cut_us)
			film(&viewer[i], 1, viewer[i].at_us);
		else
			film(&viewer[i], seed, viewer[i].at_us - late_us);
	}
	cme_compare_look(compare, &cut, &whole, &sight);
	*delay_s = sight.delay_s;
	return sight.strange_s;
}

static void a_cut_to_another_delay_is_not_wrong(void **state)
{
	struct cme_compare compare = { 0 };
	double delay_s = NAN;

	(void)state;
	for (int after_s = -2; after_s < 19; after_s++)
		assert_false(strange_after_cut(&compare, after_s, 1, 3 * CME_SECOND_US, &delay_s) >= 8);
	assert_true(fabs(delay_s - 3) <= 0.05);
}

static void a_cut_to_another_film_is_wrong_in_time(void **state)
{
	struct cme_compare compare = { 0 };
	double delay_s, strange_s = 0;

	(void)state;
	for (int after_s = -2; after_s < 16; after_s++)
		strange_s = strange_after_cut(&compare, after_s, 4, 0, &delay_s);
	assert_true(strange_s >= 8 && strange_s < 13);
}

static void half_the_pictures_are_half(void **state)
{
	struct cme_side whole = show(source, 500, 1, 0, INT64_MAX), half = show(viewer, 70, 1, 0, INT64_MAX);
	struct cme_sight sight = cme_sight_blank();
	struct cme_compare compare = { 0 };

	(void)state;
	half.rate = 15;
	cme_compare_look(&compare, &half, &whole, &sight);
	assert_true(sight.frame_ratio == 0.5);
	whole.rate = NAN;
	sight = cme_sight_blank();
	cme_compare_look(&compare, &half, &whole, &sight);
	assert_true(isnan(sight.frame_ratio));
}

static void nothing_to_compare_says_nothing(void **state)
{
	struct cme_side none = { .shots = source }, few = show(viewer, 2, 1, 0, INT64_MAX);
	struct cme_sight sight = cme_sight_blank();
	struct cme_compare compare = { 0 };

	(void)state;
	cme_compare_look(&compare, &none, &none, &sight);
	assert_int_equal(compare.found, CME_MATCH_UNKNOWN);
	cme_compare_look(&compare, &few, &none, &sight);
	assert_int_equal(compare.found, CME_MATCH_UNKNOWN);
	assert_true(isnan(sight.strange_s) && isnan(sight.delay_s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_each_delay_within_a_twentieth_of_a_second),
		cmocka_unit_test(what_moves_tells_the_delay_of_a_film_that_comes_again),
		cmocka_unit_test(another_film_is_wrong_once_the_source_is_known_for_long),
		cmocka_unit_test(a_viewer_far_ahead_of_the_source_is_none_of_another_film),
		cmocka_unit_test(a_source_that_falls_back_makes_nobody_wrong),
		cmocka_unit_test(what_comes_near_by_chance_stays_wrong),
		cmocka_unit_test(what_is_near_for_long_is_the_source_s),
		cmocka_unit_test(a_picture_that_stands_fits_anywhere),
		cmocka_unit_test(it_is_frozen_when_the_source_moved_meanwhile),
		cmocka_unit_test(a_frozen_picture_is_not_a_wrong_one),
		cmocka_unit_test(a_picture_that_stands_and_never_was_the_source_s_is_wrong),
		cmocka_unit_test(a_cut_to_another_delay_is_not_wrong),
		cmocka_unit_test(a_cut_to_another_film_is_wrong_in_time),
		cmocka_unit_test(half_the_pictures_are_half),
		cmocka_unit_test(nothing_to_compare_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
