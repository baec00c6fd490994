/* SPDX-License-Identifier: MIT
 *
 * The order of a list's entries over its rounds, and their packets on the list's time. Milliseconds.
 */
#include "relay/source/playlist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS 1000

/* What each step is expected to lead to: "1.0": entry 1 of round 0, "barren", "over". */
static const struct {
	const char *what;
	size_t count;
	int64_t loop;
	const char *playable; /* per entry: 'y' or 'n'; from the second round on the same */
	const char *order;
} rows[] = {
	{ "once", 2, 0, "yy", "1.0 over" },
	{ "one more time", 2, 1, "yy", "1.0 0.1 1.1 over" },
	{ "one entry, twice more", 1, 2, "y", "0.1 0.2 over" },
	{ "a bad entry is left", 3, 0, "yny", "1.0 2.0 over" },
	{ "the last one bad", 2, 1, "yn", "1.0 0.1 1.1 over" },
	{ "nothing playable: the round anew", 2, 0, "nn", "1.0 barren 1.0 barren" },
	{ "without end", 1, CME_PLAYLIST_FOREVER, "y", "0.1 0.2 0.3 0.4" },
};

static void name_step(const struct cme_playlist *list, enum cme_playlist_step step, char *out, size_t size)
{
	if (step == CME_PLAYLIST_ENTRY)
		snprintf(out, size, "%zu.%d", list->index, (int)list->round);
	else
		snprintf(out, size, "%s", step == CME_PLAYLIST_OVER ? "over" : "barren");
}

static void plays_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cme_playlist list;
		char order[128], *rest = order, *expected, found[32];

		snprintf(order, sizeof order, "%s", rows[i].order);
		cme_playlist_init(&list, rows[i].count, rows[i].loop);
		while ((expected = strtok_r(rest, " ", &rest))) {
			if (rows[i].playable[list.index] == 'y')
				cme_playlist_map(&list, CME_VIDEO, 0);
			name_step(&list, cme_playlist_next(&list), found, sizeof found);
			if (strcmp(found, expected) != 0)
				fail_msg("%s: %s instead of %s", rows[i].what, found, expected);
		}
	}
}

static int64_t map(struct cme_playlist *list, int stream, int64_t dts_ms)
{
	return cme_playlist_map(list, stream, dts_ms * MS) / MS;
}

static void entries_follow_each_other(void **state)
{
	struct cme_playlist list;

	(void)state;
	cme_playlist_init(&list, 2, 0);
	assert_int_equal(map(&list, CME_VIDEO, 7000), 0);
	assert_int_equal(map(&list, CME_AUDIO, 6990), -10);
	assert_int_equal(map(&list, CME_VIDEO, 7050), 50);
	assert_int_equal(map(&list, CME_AUDIO, 7013), 13);
	assert_int_equal(list.end_us, 100 * MS); /* the picture's step tells how long its last one lasts */
	assert_int_equal(cme_playlist_next(&list), CME_PLAYLIST_ENTRY);
	assert_int_equal(list.begin_us, 100 * MS);
	assert_int_equal(map(&list, CME_AUDIO, -20), 100);
	assert_int_equal(map(&list, CME_VIDEO, 0), 120);
	assert_int_equal(list.end_us, 160 * MS);
	assert_int_equal(cme_playlist_next(&list), CME_PLAYLIST_OVER);
	assert_int_equal(list.begin_us, 100 * MS);
	assert_int_equal(list.index, 1);
}

/* Both streams jump, the sound later: they meet again on one offset. */
static void a_jump_inside_an_entry_is_closed_up(void **state)
{
	struct cme_playlist list;

	(void)state;
	cme_playlist_init(&list, 1, 0);
	map(&list, CME_VIDEO, 50000);
	map(&list, CME_AUDIO, 50000);
	assert_int_equal(map(&list, CME_VIDEO, 50040), 40);
	assert_int_equal(map(&list, CME_VIDEO, 0), 80);
	assert_int_equal(map(&list, CME_AUDIO, 50020), 20);
	assert_int_equal(map(&list, CME_AUDIO, 0), 80);
	assert_int_equal(map(&list, CME_VIDEO, 90000), 120);
	assert_int_equal(map(&list, CME_AUDIO, 89980), 100);
	assert_int_equal(list.end_us, 160 * MS);
}

static void a_gap_inside_an_entry_stays(void **state)
{
	struct cme_playlist list;

	(void)state;
	cme_playlist_init(&list, 1, 0);
	map(&list, CME_VIDEO, 0);
	assert_int_equal(map(&list, CME_VIDEO, 5000), 5000);
	assert_int_equal(map(&list, CME_VIDEO, 4990), 4990); /* jitter */
	assert_int_equal(list.end_us, 5040 * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plays_in_order),
		cmocka_unit_test(entries_follow_each_other),
		cmocka_unit_test(a_jump_inside_an_entry_is_closed_up),
		cmocka_unit_test(a_gap_inside_an_entry_stays),
	};

	return cmocka_run_group_tests_name("playlist", tests, NULL, NULL);
}
