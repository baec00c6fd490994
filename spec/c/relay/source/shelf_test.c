/* SPDX-License-Identifier: MIT
 *
 * Scripts of what a file holds in its own order ('v' and 'a', 40 ms each) against the order of presentation.
 */
#include "relay/source/shelf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "relay/base/sys.h"

#define STEP_US (40 * CME_MS_US)

static struct cme_media *media;

static int set_up(void **state)
{
	(void)state;
	media = cme_media_new(&(struct cme_params){ .codec = CME_CODEC_H264 },
			      &(struct cme_params){ .codec = CME_CODEC_AAC });
	return media ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	cme_media_unref(media);
	return 0;
}

static void put(struct cme_shelf *shelf, int stream, int64_t at_us)
{
	struct cme_shelf_item item = { .at_us = at_us, .packet = cme_packet_new(100) };

	item.packet->stream = stream;
	item.packet->dts_us = item.packet->pts_us = at_us;
	cme_packet_belong(item.packet, media);
	assert_int_equal(cme_shelf_put(shelf, &item), 0);
}

static struct cme_shelf make(int64_t ahead_us, size_t bytes, size_t items)
{
	struct cme_shelf shelf;

	cme_shelf_init(&shelf,
		       (struct cme_shelf_limits){ .ahead_us = ahead_us, .bytes = bytes, .items = items });
	return shelf;
}

static void put_run(struct cme_shelf *shelf, int stream, int from, int count)
{
	for (int i = from; i < from + count; i++)
		put(shelf, stream, i * STEP_US);
}

/* All of the picture, then all of the sound: they come in turn. */
static void presents_in_order(void **state)
{
	struct cme_shelf shelf = make(CME_SECOND_US, SIZE_MAX, SIZE_MAX);

	(void)state;
	put_run(&shelf, CME_VIDEO, 0, 300);
	put_run(&shelf, CME_AUDIO, 0, 300);
	for (int i = 0; i < 600; i++) {
		struct cme_shelf_item item = cme_shelf_take(&shelf);

		assert_int_equal(item.at_us, i / 2 * STEP_US);
		assert_int_equal(item.packet->stream, i % 2 ? CME_AUDIO : CME_VIDEO);
		cme_packet_unref(item.packet);
	}
	assert_null(cme_shelf_head(&shelf));
	assert_int_equal(shelf.bytes, 0);
	cme_shelf_fini(&shelf);
}

/* Full is what every stream has read ahead, or what there is room for. */
static void is_full_by_the_stream_that_lies_behind(void **state)
{
	struct cme_shelf shelf = make(10 * STEP_US, 100 * 100, SIZE_MAX);

	(void)state;
	assert_false(cme_shelf_full(&shelf));
	put_run(&shelf, CME_VIDEO, 0, 50);
	assert_false(cme_shelf_full(&shelf));
	put_run(&shelf, CME_AUDIO, 0, 10);
	assert_false(cme_shelf_full(&shelf));
	put_run(&shelf, CME_AUDIO, 10, 1);
	assert_true(cme_shelf_full(&shelf));
	cme_packet_unref(cme_shelf_take(&shelf).packet);
	cme_packet_unref(cme_shelf_take(&shelf).packet);
	assert_false(cme_shelf_full(&shelf));
	put_run(&shelf, CME_VIDEO, 50, 41);
	assert_true(cme_shelf_full(&shelf)); /* by bytes */
	cme_shelf_fini(&shelf);
}

static void knows_whether_the_head_is_the_earliest(void **state)
{
	struct cme_shelf shelf = make(10 * STEP_US, SIZE_MAX, SIZE_MAX);

	(void)state;
	assert_false(cme_shelf_ordered(&shelf));
	put_run(&shelf, CME_VIDEO, 0, 5);
	assert_false(cme_shelf_ordered(&shelf));
	put_run(&shelf, CME_AUDIO, 0, 1);
	assert_true(cme_shelf_ordered(&shelf));
	assert_int_equal(cme_shelf_latest_us(&shelf), 0);
	cme_packet_unref(cme_shelf_take(&shelf).packet);
	cme_packet_unref(cme_shelf_take(&shelf).packet);
	assert_false(cme_shelf_ordered(&shelf));
	put_run(&shelf, CME_VIDEO, 5, 7); /* the sound has ended, it seems */
	assert_true(cme_shelf_ordered(&shelf));
	cme_shelf_fini(&shelf);
}

/* The end comes after everything, whichever stream is longer. */
static void ends_last(void **state)
{
	struct cme_shelf shelf = make(CME_SECOND_US, SIZE_MAX, SIZE_MAX);

	(void)state;
	put_run(&shelf, CME_AUDIO, 0, 5);
	put_run(&shelf, CME_VIDEO, 0, 2);
	assert_int_equal(cme_shelf_put(&shelf, &(struct cme_shelf_item){ .at_us = 5 * STEP_US }), 0);
	for (int i = 0; i < 7; i++) {
		struct cme_shelf_item item = cme_shelf_take(&shelf);

		assert_non_null(item.packet);
		cme_packet_unref(item.packet);
	}
	assert_null(cme_shelf_take(&shelf).packet);
	cme_shelf_fini(&shelf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(presents_in_order),
		cmocka_unit_test(is_full_by_the_stream_that_lies_behind),
		cmocka_unit_test(knows_whether_the_head_is_the_earliest),
		cmocka_unit_test(ends_last),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
