/* SPDX-License-Identifier: MIT
 * Tests of src/look/eye/picture.c: what is measured of a picture. */
#include "look/eye/picture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct cme_small small;

static void fill(uint8_t luma, uint8_t u, uint8_t v)
{
	memset(small.luma, luma, sizeof small.luma);
	memset(small.chroma[0], u, sizeof small.chroma[0]);
	memset(small.chroma[1], v, sizeof small.chroma[1]);
}

static struct cme_picture_facts measured(void)
{
	struct cme_picture_facts facts;

	cme_picture_measure(&small, &facts);
	return facts;
}

static void black_is_dark_up_to_its_brightest(void **state)
{
	struct cme_picture_facts facts;

	(void)state;
	fill(16, 128, 128);
	facts = measured();
	assert_true(facts.mean_luma == 16 && facts.top_luma == 16 && facts.colour == 0);
	memset(small.luma + 500, 255, 40); /* specks */
	assert_true(measured().top_luma == 16);
	memset(small.luma + 500, 90, 400); /* a lamp in the dark */
	assert_true(measured().top_luma == 90);
}

static void one_colour_has_no_spread_in_any_plane(void **state)
{
	(void)state;
	fill(0, 0, 0); /* the green of a decoder without its data */
	assert_true(measured().colour == 0 && measured().top_luma == 255);
	fill(120, 90, 160);
	assert_true(measured().colour == 0);
	memset(small.chroma[1], 40, sizeof small.chroma[1] / 2);
	assert_true(measured().colour > 20);
	assert_true(measured().spread == 0);
}

static void cells_are_means(void **state)
{
	struct cme_picture_facts facts;

	(void)state;
	fill(100, 128, 128);
	for (int y = 0; y < 5; y++)
		memset(small.luma + (size_t)y * CME_SMALL_WIDTH, 200, 5);
	facts = measured();
	assert_int_equal(facts.cells[0], 200);
	assert_int_equal(facts.cells[1], 100);
	assert_int_equal(facts.cells[CME_CELLS - 1], 100);
}

static void one_cell_that_changes_is_motion_and_noise_is_none(void **state)
{
	uint8_t before[CME_CELLS], after[CME_CELLS];

	(void)state;
	memset(before, 80, sizeof before);
	for (int i = 0; i < CME_CELLS; i++)
		after[i] = (uint8_t)(79 + i % 3);
	assert_false(cme_picture_moved(before, after));
	after[300] = 90;
	assert_true(cme_picture_moved(before, after));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(black_is_dark_up_to_its_brightest),
		cmocka_unit_test(one_colour_has_no_spread_in_any_plane),
		cmocka_unit_test(cells_are_means),
		cmocka_unit_test(one_cell_that_changes_is_motion_and_noise_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
