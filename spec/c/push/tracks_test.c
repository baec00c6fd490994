/* SPDX-License-Identifier: MIT
 *
 * Tracks of an MP4 in memory, by what streams there are.
 */
#include "push/tracks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define VIDEO "\"video\":{\"codec\":\"h264\",\"width\":320,\"height\":180,\"extradata\":\"01640016ffe10000\"}"
#define AUDIO "\"audio\":{\"codec\":\"aac\",\"sample_rate\":48000,\"channels\":2,\"extradata\":\"1190\"}"
#define VP9   "\"video\":{\"codec\":\"vp9\",\"width\":320,\"height\":180,\"extradata\":\"\"}"
#define OPUS  "\"audio\":{\"codec\":\"opus\",\"channels\":2}"
#define INFO                   \
	"10001000000000000000" \
	"0bb802f000000000"     \
	"30313233343536373839616263646566"
#define FLAC "\"audio\":{\"codec\":\"flac\",\"sample_rate\":48000,\"channels\":2,\"extradata\":\""
#define TASK "{\"url\":\"hls:/x\",\"container\":\"hls\","

static struct cme_push_task task;
static AVFormatContext *ctx;
static struct cme_push_tracks tracks;

static int add(const char *line)
{
	struct cme_err err;

	assert_int_equal(cme_push_task_init(&task, json_loads(line, 0, NULL), &err), 0);
	assert_true(avformat_alloc_output_context2(&ctx, NULL, "mp4", NULL) >= 0);
	return cme_push_tracks_init(&tracks, ctx, &task);
}

static int teardown(void **state)
{
	uint8_t *data = NULL;

	(void)state;
	cme_push_tracks_fini(&tracks);
	if (ctx && ctx->pb) {
		avio_close_dyn_buf(ctx->pb, &data);
		av_free(data);
	}
	avformat_free_context(ctx);
	ctx = NULL;
	cme_push_task_fini(&task);
	return 0;
}

static void test_each_stream_has_a_track(void **state)
{
	(void)state;
	assert_int_equal(add(TASK VIDEO "," AUDIO "}"), 0);
	assert_int_equal(ctx->nb_streams, 2);
	assert_int_equal(tracks.index[CME_VIDEO], 0);
	assert_int_equal(tracks.index[CME_AUDIO], 1);
	assert_int_equal(ctx->streams[0]->time_base.den, 90000);
	assert_int_equal(ctx->streams[1]->time_base.den, 48000);
	assert_int_equal(ctx->streams[0]->codecpar->extradata_size, 8);
}

static void test_a_stream_that_is_missing_has_none(void **state)
{
	(void)state;
	assert_int_equal(add(TASK AUDIO "}"), 0);
	assert_int_equal(ctx->nb_streams, 1);
	assert_int_equal(tracks.index[CME_VIDEO], -1);
	assert_int_equal(tracks.index[CME_AUDIO], 0);
}

static void test_sound_without_a_rate_is_counted_in_microseconds(void **state)
{
	(void)state;
	assert_int_equal(add(TASK OPUS "}"), 0);
	assert_int_equal(ctx->streams[0]->time_base.den, 1000000);
}

/* As RTMP has its configuration, with the mark before STREAMINFO, and as MP4 has it. */
static void test_flac_is_written_whichever_way_it_is_configured(void **state)
{
	static const char *const lines[] = { TASK FLAC "664c614380000022" INFO "\"}}",
					     TASK FLAC INFO "\"}}" };

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		assert_int_equal(add(lines[i]), 0);
		assert_int_equal(ctx->streams[0]->codecpar->extradata_size, 34);
		assert_int_equal(ctx->streams[0]->codecpar->extradata[0], 0x10);
		assert_int_equal(avio_open_dyn_buf(&ctx->pb), 0);
		assert_true(avformat_write_header(ctx, NULL) >= 0);
		teardown(state);
	}
}

static void test_a_vp9_that_says_nothing_of_itself_is_refused(void **state)
{
	(void)state;
	assert_int_equal(add(TASK VP9 "}"), AVERROR_INVALIDDATA);
}

static void test_times_count_from_the_base_in_the_tracks_unit(void **state)
{
	AVPacket *av = av_packet_alloc();
	const AVPacket *held;

	(void)state;
	assert_int_equal(add(TASK AUDIO "}"), 0); /* the track's number is not the stream's */
	assert_int_equal(avio_open_dyn_buf(&ctx->pb), 0);
	assert_true(avformat_write_header(ctx, NULL) >= 0);
	assert_int_equal(av_new_packet(av, 4), 0);
	memcpy(av->data, "beep", 4);
	assert_non_null(av_packet_new_side_data(av, AV_PKT_DATA_NEW_EXTRADATA, 2));
	av->stream_index = CME_AUDIO;
	av->dts = 5500000;
	av->pts = 5500000;
	assert_true(cme_push_tracks_write(&tracks, av, 5000000) >= 0);
	held = tracks.held[CME_AUDIO];
	assert_int_equal(held->stream_index, 0);
	assert_int_equal(held->dts, 24000);
	assert_int_equal(held->pts, 24000);
	assert_int_equal(held->side_data_elems, 0);
	av_packet_free(&av);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_each_stream_has_a_track, teardown),
		cmocka_unit_test_teardown(test_a_stream_that_is_missing_has_none, teardown),
		cmocka_unit_test_teardown(test_sound_without_a_rate_is_counted_in_microseconds, teardown),
		cmocka_unit_test(test_flac_is_written_whichever_way_it_is_configured),
		cmocka_unit_test_teardown(test_a_vp9_that_says_nothing_of_itself_is_refused, teardown),
		cmocka_unit_test_teardown(test_times_count_from_the_base_in_the_tracks_unit, teardown),
	};

	av_log_set_level(AV_LOG_QUIET);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
