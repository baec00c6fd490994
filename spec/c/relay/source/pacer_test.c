/* SPDX-License-Identifier: MIT
 *
 * Packets against the clock: how long each has to wait. Milliseconds.
 */
#include "relay/source/pacer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS 1000

static const struct {
	int64_t dts, now, wait;
} rows[] = {
	{ 5000, 100, 0 },     /* the first sets the anchor */
	{ 5040, 100, 40 },    /* a burst: each waits its time */
	{ 6000, 100, 1000 },  /**/
	{ 6000, 1100, 0 },    /* due */
	{ 6040, 1500, 0 },    /* late: may catch up */
	{ 7000, 1600, 500 },  /* and is on time again */
	{ 90000, 2100, 0 },   /* a jump ahead: a new anchor */
	{ 90100, 2100, 100 }, /**/
	{ 0, 2200, 0 },       /* a jump back: the same */
	{ 50, 2200, 50 },     /**/
	{ 100, 20000, 0 },    /* far behind: no endless catching up */
	{ 200, 20000, 100 },
};

static void releases_by_dts(void **state)
{
	struct cme_pacer pacer = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t wait = cme_pacer_delay_us(&pacer, rows[i].dts * MS, rows[i].now * MS);

		if (wait != rows[i].wait * MS)
			fail_msg("row %zu: %lld us", i, (long long)wait);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(releases_by_dts) };

	return cmocka_run_group_tests_name("pacer", tests, NULL, NULL);
}
