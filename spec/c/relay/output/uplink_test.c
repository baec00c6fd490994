/* SPDX-License-Identifier: MIT
 *
 * What outputs hold over some seconds, and what is told of them and of the uplink.
 */
#include "relay/output/uplink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define OUTPUTS 4
#define STEP_US 500000

/* Seconds from which on an output is behind, and until when; -1: never. */
struct row {
	const char *what;
	int from[OUTPUTS], until[OUTPUTS];
	const char *told; /* "U" the uplink is full, "u" it is not any more, a digit: the output alone, then
			     free */
};

static const struct row rows[] = {
	{ "one alone", { 3, -1, -1, -1 }, { 20, -1, -1, -1 }, "00" },
	{ "one alone, for a moment", { 3, -1, -1, -1 }, { 6, -1, -1, -1 }, "" },
	{ "all together", { 3, 3, 4, 4 }, { 20, 20, 21, 21 }, "Uu" },
	{ "most of them, the rest is fast", { 3, 4, 5, -1 }, { 20, 20, 20, -1 }, "Uu" },
	{ "half of them is not most", { 3, 3, -1, -1 }, { 20, 20, -1, -1 }, "0101" },
	{ "one after the other, for reasons of their own", { 3, 12, -1, -1 }, { 30, 30, -1, -1 }, "0101" },
	{ "one alone, then the rest together", { 3, 20, 20, 20 }, { 40, 40, 40, 40 }, "0Uu0" },
};

static void look(const struct row *row, char *told)
{
	struct cme_uplink uplink = { 0 };
	struct cme_uplink_mark marks[OUTPUTS] = { { 0 } };
	struct cme_uplink_output outputs[OUTPUTS];

	for (int64_t at = 1; at < 50 * 1000000LL; at += STEP_US) {
		for (int i = 0; i < OUTPUTS; i++)
			outputs[i] = (struct cme_uplink_output){
				.live = true,
				.held_us = row->from[i] >= 0 && at >= row->from[i] * 1000000LL &&
							   at < row->until[i] * 1000000LL
						   ? 1500000
						   : 40000,
				.kbps = 1000,
				.mark = &marks[i]
			};
		if (cme_uplink_look(&uplink, outputs, OUTPUTS, at))
			*told++ = uplink.full ? 'U' : 'u';
		for (int i = 0; i < OUTPUTS; i++)
			if (outputs[i].word != CME_UPLINK_NOTHING)
				*told++ = (char)('0' + i);
	}
	*told = '\0';
}

static void several_together_are_the_uplink(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char told[64];

		look(&rows[i], told);
		if (strcmp(told, rows[i].told) != 0)
			print_error("%s: %s\n", rows[i].what, told);
		assert_string_equal(told, rows[i].told);
	}
}

static void the_rate_is_what_still_goes_out(void **state)
{
	struct cme_uplink uplink = { 0 };
	struct cme_uplink_mark marks[3] = { { 0 } };
	struct cme_uplink_output outputs[3] = { { true, 2000000, 900, &marks[0], 0 },
						{ true, 2000000, 800, &marks[1], 0 },
						{ false, 0, 700, &marks[2], 0 } };

	(void)state;
	assert_true(cme_uplink_look(&uplink, outputs, 3, 1));
	assert_float_equal(uplink.kbps, 1700, 1e-9);
	outputs[0].live = outputs[1].live = false; /* given up: they are not behind any more */
	assert_true(cme_uplink_look(&uplink, outputs, 3, 2));
	assert_false(uplink.full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_together_are_the_uplink),
		cmocka_unit_test(the_rate_is_what_still_goes_out),
	};

	return cmocka_run_group_tests_name("uplink", tests, NULL, NULL);
}
