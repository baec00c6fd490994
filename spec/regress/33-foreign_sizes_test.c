/* SPDX-License-Identifier: MIT
 *
 * Playlists of a million entries went into libavformat whole: gigabytes for a source that anybody may answer.
 * They are judged as they pass, split anywhere.
 */
#include "pull/av/m3u8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static size_t cost_of(const char *text, size_t len, size_t base_len, size_t step)
{
	struct cme_m3u8 m3u8;

	cme_m3u8_init(&m3u8, base_len);
	for (size_t at = 0; at < len; at += step)
		cme_m3u8_feed(&m3u8, (const uint8_t *)text + at, len - at < step ? len - at : step);
	return m3u8.cost;
}

static size_t cost(const char *text, size_t base_len, size_t step)
{
	return cost_of(text, strlen(text), base_len, step);
}

/* What makes libavformat allocate makes the cost grow, by as much at least. */
static void playlists_cost_what_they_make_allocate(void **state)
{
	static const char segment[] = "#EXTINF:2,\ns.ts\n";
	static const char by_nul[] = "#EXTM3U\n#EXTINF:2,\0s.ts\0#EXTINF:2,\0s.ts\0";

	(void)state;
	for (size_t step = 1; step < 20; step++) {
		assert_int_equal(cost("#EXTM3U\n\n#EXT-X-TARGETDURATION:2\r\n", 100, step), 0);
		assert_true(cost(segment, 100, step) >= 200);
		assert_true(cost(segment, 4000, step) >= 4000);
		assert_true(cost_of(by_nul, sizeof by_nul - 1, 4000, step) >= 8000);
		assert_true(cost("#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:2,\ns.ts\n", 4000, step) >=
			    8000);
		assert_true(cost("#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n", 0, step) >= 8192);
		assert_true(cost("#EXT-X-MEDIA:TYPE=AUDIO,URI=\"a\"\n", 0, step) >= 8192);
		assert_true(cost("#EXT-X-MAP:URI=\"m.mp4\"\n", 4000, step) >= 4000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(playlists_cost_what_they_make_allocate) };

	return cmocka_run_group_tests_name("33-foreign_sizes", tests, NULL, NULL);
}
