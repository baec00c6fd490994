/* SPDX-License-Identifier: MIT */
#include "push/playlist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"

static char text[CME_PLAYLIST_MAX];

static struct cme_hls_segment segment(int64_t number, unsigned parts, bool whole)
{
	struct cme_hls_segment one = { .number = number, .epoch = 5, .parts = parts, .whole = whole };

	for (unsigned i = 0; i < parts; i++)
		one.part_us[i] = 500 * CME_MS_US;
	one.independent[0] = true;
	return one;
}

static void test_an_open_segment_has_parts_alone(void **state)
{
	struct cme_hls_segment list[] = { segment(7, 2, true), segment(8, 1, false) };
	int len = cme_playlist_write(list, 2, 0, CME_SECOND_US, text);

	(void)state;
	assert_int_equal(strlen(text), len);
	assert_string_equal(text, "#EXTM3U\n"
				  "#EXT-X-VERSION:9\n"
				  "#EXT-X-TARGETDURATION:2\n"
				  "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.50000\n"
				  "#EXT-X-PART-INF:PART-TARGET=0.50000\n"
				  "#EXT-X-MEDIA-SEQUENCE:7\n"
				  "#EXT-X-DISCONTINUITY-SEQUENCE:5\n"
				  "#EXT-X-MAP:URI=\"5.mp4\"\n"
				  "#EXT-X-PART:DURATION=0.50000,URI=\"7.0.m4s\",INDEPENDENT=YES\n"
				  "#EXT-X-PART:DURATION=0.50000,URI=\"7.1.m4s\"\n"
				  "#EXTINF:1.00000,\n"
				  "7.m4s\n"
				  "#EXT-X-PART:DURATION=0.50000,URI=\"8.0.m4s\",INDEPENDENT=YES\n");
}

static void test_an_epoch_is_a_discontinuity(void **state)
{
	struct cme_hls_segment list[] = { segment(7, 2, true), segment(8, 1, false) };

	(void)state;
	list[1].epoch = 6;
	cme_playlist_write(list, 2, 700 * CME_MS_US, 5 * CME_SECOND_US, text);
	assert_non_null(strstr(text, "7.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"6.mp4\"\n#EXT-X-PART"));
	assert_non_null(strstr(text, "#EXT-X-TARGETDURATION:5\n"));
	assert_non_null(strstr(text, "PART-HOLD-BACK=2.10000\n#EXT-X-PART-INF:PART-TARGET=0.70000\n"));
}

/* Some seconds are listed, and the parts of the last segments. */
static void test_a_list_is_bounded(void **state)
{
	struct cme_hls_segment list[CME_HLS_SEGMENTS_MAX];

	(void)state;
	for (int i = 0; i < CME_HLS_SEGMENTS_MAX; i++)
		list[i] = segment(i, 4, true);
	cme_playlist_write(list, CME_HLS_SEGMENTS_MAX, 0, 0, text);
	assert_non_null(strstr(text, "#EXT-X-MEDIA-SEQUENCE:6\n"));
	assert_null(strstr(text, "\n5.m4s"));
	assert_null(strstr(text, "\"6.0.m4s"));
	assert_non_null(strstr(text, "\"7.0.m4s"));
	for (int i = 0; i < CME_HLS_SEGMENTS_MAX; i++)
		list[i] = segment(INT64_MAX, CME_HLS_PARTS_MAX, true);
	assert_in_range(cme_playlist_write(list, CME_HLS_SEGMENTS_MAX, 0, 0, text), 1, CME_PLAYLIST_MAX - 1);
	assert_in_range(cme_playlist_write(list, 0, 0, 0, text), 1, CME_PLAYLIST_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_open_segment_has_parts_alone),
		cmocka_unit_test(test_an_epoch_is_a_discontinuity),
		cmocka_unit_test(test_a_list_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
