/* SPDX-License-Identifier: MIT
 * Tests of src/look/judge/match.c, as compare.c uses it: a viewer and a source that are both read live,
 * compared once a second. What either shows comes when its own connection brings it, so a viewer's picture
 * may be there before the source's. */
#include "look/judge/match.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/clock.h"
#include "look/judge/compare.h"

enum { SHOTS = 832, FILMS = 2, FRAMES = 8192, MOST_LOOKS = 35, MOST_LOOKS_BLIND = 65 };

#define FRAME_US (20 * CME_MS_US)
#define STEP_US  (100 * CME_MS_US)
#define FROM_US  (100 * CME_SECOND_US) /* the source has been seen for long */
#define LOOK_US  (1030 * CME_MS_US)    /* between two comparisons */

static struct cme_shot source[SHOTS], viewer[SHOTS];

/* What is decoded of the viewer's film, by its time. */
struct eye {
	const char *name;
	int64_t key_us;     /* between two keyframes */
	int64_t stretch_us; /* decoded in full behind one of them */
	int64_t every_us;   /* between two stretches */
};

static const struct eye eyes[] = {
	{ "keyframes of 2 s", 2 * CME_SECOND_US, 0, 10 * CME_SECOND_US },
	{ "keyframes of 8 s", 8 * CME_SECOND_US, 0, 16 * CME_SECOND_US },
	{ "stretches of 0.4 s", 2 * CME_SECOND_US, 400 * CME_MS_US, 10 * CME_SECOND_US },
	{ "rare stretches of 1 s", 8 * CME_SECOND_US, CME_SECOND_US, 16 * CME_SECOND_US },
	{ "everything", CME_SECOND_US, CME_SECOND_US, CME_SECOND_US },
};

struct scene {
	const struct eye *eye;
	int64_t delay_us;  /* of the viewer */
	int64_t jitter_us; /* of when either comes, and of what its times are taken for */
	int64_t other_us;  /* the viewer shows another film from then on; 0: it does not */
};

/* The same for each time, 0 to 1. */
static double chance(int64_t at_us, unsigned salt)
{
	uint32_t x = (uint32_t)(at_us / 1000) * 2654435761u + salt * 40503u;

	x ^= x >> 15;
	x *= 2246822519u;
	x ^= x >> 13;
	return x / 4294967296.0;
}

/* Forms that wander, others in each scene of 1.7 s. */
static void draw(struct cme_print *print, unsigned seed, int64_t film_us)
{
	uint8_t cells[CME_CELLS];
	double t = (double)film_us / 1e6, scene = floor(t / 1.7);
	double wide = 3 + fmod(scene * 1.37 + seed, 4), turn = scene * 2.1 + seed * 1.7;

	for (int i = 0; i < CME_CELLS; i++) {
		int column = i % CME_CELLS_ACROSS, row = i / CME_CELLS_ACROSS;

		cells[i] = (uint8_t)(128 + 50 * sin(column / wide + t * 1.3 + turn) +
				     40 * cos(row / 2.5 - t * 0.77 + turn * column / 20));
	}
	cme_print_make(print, cells);
}

/* Each picture is drawn once. */
static void picture(struct cme_shot *shot, unsigned seed, int64_t film_us)
{
	static struct cme_print drawn[FILMS][FRAMES];
	static bool is_drawn[FILMS][FRAMES];
	size_t frame = (size_t)(film_us / FRAME_US) % FRAMES;

	if (!is_drawn[seed][frame])
		draw(&drawn[seed][frame], seed, film_us);
	is_drawn[seed][frame] = true;
	shot->moved = true;
	shot->print = drawn[seed][frame];
}

static int64_t past_zero(int64_t us)
{
	return us > 0 ? us : 0;
}

static bool is_decoded(const struct eye *eye, int64_t film_us)
{
	return film_us % eye->key_us == 0 || film_us % eye->every_us < eye->stretch_us;
}

/* What has come of a film by now: `late_us` behind it, jittered; eye NULL: everything. */
static struct cme_side side_of(const struct scene *scene, const struct eye *eye, struct cme_shot *shots,
			       int64_t late_us, int64_t now_us)
{
	struct cme_side side = { .shots = shots, .rate = 25 };
	int64_t wobble_us = (int64_t)(chance(now_us, eye ? 3 : 5) * (double)scene->jitter_us / 4);
	/* a viewer's keyframes do not fall on what is measured of the source */
	int64_t step_us = eye ? STEP_US : STEP_US + 20 * CME_MS_US, first_us = now_us - 80 * CME_SECOND_US;

	for (int64_t film_us = first_us - first_us % step_us; film_us + late_us <= now_us;
	     film_us += step_us) {
		int64_t at_us = film_us + late_us;
		int64_t comes_us = at_us + (int64_t)(chance(now_us, eye ? 7 : 11) * (double)scene->jitter_us);
		bool other = eye && scene->other_us && film_us >= scene->other_us;

		if (comes_us > now_us || (eye && !is_decoded(eye, film_us)))
			continue;
		picture(&shots[side.count], other, film_us);
		shots[side.count++].at_us = at_us + wobble_us;
	}
	return side;
}

/* What the n-th of the comparisons finds. */
static struct cme_sight look(const struct scene *scene, struct cme_compare *compare, int n)
{
	int64_t now_us = FROM_US + n * LOOK_US;
	struct cme_side theirs = side_of(scene, NULL, source, past_zero(-scene->delay_us), now_us);
	struct cme_side mine = side_of(scene, scene->eye, viewer, past_zero(scene->delay_us), now_us);
	struct cme_sight sight = cme_sight_blank();

	cme_compare_look(compare, &mine, &theirs, &sight);
	return sight;
}

/* Never strange, and late by its delay where that can be told: 0 where it is before the source. */
static bool is_known(const struct scene *scene)
{
	double delay_s = (double)past_zero(scene->delay_us) / 1e6;
	struct cme_compare compare = { 0 };

	for (int n = 0; n < 13; n += 3) {
		struct cme_sight sight = look(scene, &compare, n);

		if (!(sight.strange_s > 0) && !(fabs(sight.delay_s - delay_s) > 0.2))
			continue;
		print_error("%s, delay %d ms, jitter %d ms: strange for %.1f s, delay %.2f s\n",
			    scene->eye->name, (int)(scene->delay_us / 1000), (int)(scene->jitter_us / 1000),
			    sight.strange_s, sight.delay_s);
		return false;
	}
	return true;
}

static void a_viewer_of_the_source_is_never_strange(void **state)
{
	const int delays_ms[] = { -4500, -1000, -400, -100, 0, 40, 100, 200, 1480, 20000 };
	const int jitters_ms[] = { 0, 400 };
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof eyes / sizeof *eyes; i++)
		for (size_t j = 0; j < sizeof delays_ms / sizeof *delays_ms; j++)
			for (size_t k = 0; k < sizeof jitters_ms / sizeof *jitters_ms; k++) {
				struct scene scene = { .eye = &eyes[i],
						       .delay_us = delays_ms[j] * CME_MS_US,
						       .jitter_us = jitters_ms[k] * CME_MS_US };

				failed += !is_known(&scene);
			}
	assert_int_equal(failed, 0);
}

/* Whichever of them is read first. */
static void another_film_is_strange_in_time(void **state)
{
	const int delays_ms[] = { -1000, 0, 1480 };

	(void)state;
	for (size_t i = 0; i < sizeof eyes / sizeof *eyes; i++)
		for (size_t j = 0; j < sizeof delays_ms / sizeof *delays_ms; j++) {
			struct scene scene = { .eye = &eyes[i],
					       .delay_us = delays_ms[j] * CME_MS_US,
					       .other_us = FROM_US };
			struct cme_compare compare = { 0 };
			/* where single pictures come, nothing tells how the two come beside each other */
			int n = 0, most = i == 1 ? MOST_LOOKS_BLIND : MOST_LOOKS;

			while (n <= most && !(look(&scene, &compare, n).strange_s >= 8))
				n++;
			if (n < 8 || n > most)
				print_error("%s, delay %d ms: after %d looks\n", eyes[i].name, delays_ms[j],
					    n);
			assert_in_range(n, 8, most);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_viewer_of_the_source_is_never_strange),
		cmocka_unit_test(another_film_is_strange_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
