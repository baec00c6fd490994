/* SPDX-License-Identifier: MIT
 * Tests of src/look/judge/print.c: what a picture is known by. */
#include "look/judge/print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAME 0.35 /* as match.c has it */

/* A picture of soft forms, another one for each seed. */
static void paint(uint8_t cells[CME_CELLS], unsigned seed)
{
	int shapes[6][3];

	for (int i = 0; i < 6; i++) {
		shapes[i][0] = (int)(seed * 7919U + (unsigned)i * 104729U) % CME_CELLS_ACROSS;
		shapes[i][1] = (int)(seed * 6101U + (unsigned)i * 7477U) % CME_CELLS_DOWN;
		shapes[i][2] = (int)(seed * 31U + (unsigned)i * 57U) % 200 + 30;
	}
	for (int y = 0; y < CME_CELLS_DOWN; y++)
		for (int x = 0; x < CME_CELLS_ACROSS; x++) {
			int value = 40;

			for (int i = 0; i < 6; i++) {
				int far = abs(x - shapes[i][0]) + abs(y - shapes[i][1]);

				if (far < 8)
					value = shapes[i][2];
			}
			cells[y * CME_CELLS_ACROSS + x] = (uint8_t)value;
		}
}

static double distance(const uint8_t a[CME_CELLS], const uint8_t b[CME_CELLS])
{
	struct cme_print one, other;
	struct cme_print_pairs pairs = { .count = 0 };

	cme_print_make(&one, a);
	cme_print_make(&other, b);
	cme_print_pair(&pairs, &one, &other);
	return cme_print_distance(&pairs);
}

static void knows_a_picture_again(void **state)
{
	uint8_t cells[CME_CELLS];

	(void)state;
	paint(cells, 1);
	assert_true(distance(cells, cells) == 0);
}

static void coding_anew_lighter_and_with_a_logo_it_stays_the_same(void **state)
{
	uint8_t cells[CME_CELLS], changed[CME_CELLS];

	(void)state;
	for (unsigned seed = 1; seed < 20; seed++) {
		paint(cells, seed);
		for (int i = 0; i < CME_CELLS; i++)
			changed[i] = (uint8_t)(cells[i] * 9 / 10 + 12 + (i * 37 % 7) - 3);
		for (int y = 1; y < 4; y++)
			memset(changed + y * CME_CELLS_ACROSS + 24, 235, 7);
		assert_true(distance(cells, changed) < SAME / 2);
	}
}

/* A box in each picture of the viewer, at another place each time or at the same. Compared together, and, for
 * `alone`, the mean of each pair by itself. */
static double distance_with_box(bool stays, double *alone)
{
	struct cme_print_pairs pairs = { .count = 0 };
	uint8_t cells[CME_CELLS], changed[CME_CELLS];
	struct cme_print one, other;

	*alone = 0;
	paint(cells, 7);
	cme_print_make(&one, cells);
	for (int step = 0; step < 9; step++) {
		int row = stays ? 0 : step * 2;

		memcpy(changed, cells, sizeof changed);
		for (int y = row; y < row + 2; y++)
			memset(changed + y * CME_CELLS_ACROSS + 4, 235, 10);
		cme_print_make(&other, changed);
		cme_print_pair(&pairs, &one, &other);
		*alone += distance(cells, changed) / 9;
	}
	return cme_print_distance(&pairs);
}

static void what_stays_is_a_logo_and_what_moves_is_the_picture(void **state)
{
	double alone;

	(void)state;
	assert_true(distance_with_box(true, &alone) < 1.01 * alone);
	assert_true(distance_with_box(false, &alone) > 1.2 * alone);
}

static void two_pictures_are_two(void **state)
{
	uint8_t one[CME_CELLS], other[CME_CELLS];

	(void)state;
	for (unsigned seed = 1; seed < 20; seed++) {
		paint(one, seed);
		paint(other, seed + 1);
		assert_true(distance(one, other) > SAME);
	}
}

static void a_picture_of_noise_is_plain(void **state)
{
	uint8_t cells[CME_CELLS];
	struct cme_print print;

	(void)state;
	for (int i = 0; i < CME_CELLS; i++)
		cells[i] = (uint8_t)(16 + i % 3);
	cme_print_make(&print, cells);
	assert_true(print.plain);
	paint(cells, 3);
	cme_print_make(&print, cells);
	assert_false(print.plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_a_picture_again),
		cmocka_unit_test(coding_anew_lighter_and_with_a_logo_it_stays_the_same),
		cmocka_unit_test(what_stays_is_a_logo_and_what_moves_is_the_picture),
		cmocka_unit_test(two_pictures_are_two),
		cmocka_unit_test(a_picture_of_noise_is_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
