/* SPDX-License-Identifier: MIT
 *
 * In recordings, and in HLS, the first picture of a fragment was shown at the time at which it is decoded:
 * times in whole milliseconds are 66 and 67 apart at 15 pictures a second, libavformat took the last picture
 * before it for one of 67, the next one for too early, and dropped its PTS. Every time comes back as it was
 * given, wherever a fragment ends.
 */
#include "push/tracks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"

#define PICTURES 90
#define FPS      15
#define ODD      7 /* pictures to a fragment that is ended by hand: it ends with one of either length */
#define VIDEO    "\"video\":{\"codec\":\"h264\",\"width\":320,\"height\":180,\"extradata\":\"01640016ffe10000\"}"
#define AUDIO    "\"audio\":{\"codec\":\"aac\",\"sample_rate\":44100,\"channels\":2,\"extradata\":\"1210\"}"
#define TASK     "{\"url\":\"r\",\"container\":\"mp4\"," VIDEO "," AUDIO "}"

/* How each of the two writers has its fragments made. */
static const struct {
	const char *movflags, *frag_duration;
	bool by_hand;
} rows[] = {
	{ "delay_moov+default_base_moof", "400000", false },
	{ "empty_moov+default_base_moof+frag_custom+frag_discont", NULL, true },
};

static struct cme_push_task task;
static struct cme_push_tracks tracks;

/* Whole milliseconds, as FLV has them. */
static int64_t dts_us(int picture)
{
	return (int64_t)(picture * 1000 / FPS) * CME_MS_US;
}

/* Two B-frames between pictures that others refer to. */
static int64_t pts_us(int picture)
{
	static const int later[] = { 2, 4, 1, 1 };

	return dts_us(picture + later[picture % 4]);
}

static void give(int stream, int64_t dts, int64_t pts, bool key)
{
	AVPacket *av = av_packet_alloc();

	assert_int_equal(av_new_packet(av, 16), 0);
	memset(av->data, 0, 16);
	av->stream_index = stream;
	av->dts = dts;
	av->pts = pts;
	av->flags = key ? AV_PKT_FLAG_KEY : 0;
	assert_true(cme_push_tracks_write(&tracks, av, 0) >= 0);
	av_packet_free(&av);
}

static void write_all(bool by_hand)
{
	for (int i = 0, sound = 0; i < PICTURES; i++) {
		if (by_hand && i && i % ODD == 0) {
			assert_true(cme_push_tracks_end(&tracks, CME_VIDEO, dts_us(i), 0) >= 0);
			assert_true(av_write_frame(tracks.ctx, NULL) >= 0);
		}
		give(CME_VIDEO, dts_us(i), pts_us(i), i % FPS == 0);
		for (int64_t at; (at = (int64_t)sound * 1024 * 1000 / 44100 * CME_MS_US) < dts_us(i + 1);
		     sound++)
			give(CME_AUDIO, at, at, true);
	}
	assert_true(cme_push_tracks_flush(&tracks) >= 0);
}

static int write_file(size_t row, uint8_t **data)
{
	AVDictionary *options = NULL;
	AVFormatContext *ctx;
	int len;

	assert_true(avformat_alloc_output_context2(&ctx, NULL, "mp4", NULL) >= 0);
	assert_int_equal(avio_open_dyn_buf(&ctx->pb), 0);
	assert_int_equal(cme_push_tracks_init(&tracks, ctx, &task), 0);
	av_dict_set(&options, "movflags", rows[row].movflags, 0);
	av_dict_set(&options, "frag_duration", rows[row].frag_duration, 0);
	assert_true(avformat_write_header(ctx, &options) >= 0);
	av_dict_free(&options);
	write_all(rows[row].by_hand);
	assert_true(av_write_trailer(ctx) >= 0);
	cme_push_tracks_fini(&tracks);
	len = avio_close_dyn_buf(ctx->pb, data);
	avformat_free_context(ctx);
	return len;
}

static AVFormatContext *open_file(uint8_t *data, int len)
{
	AVFormatContext *ctx = avformat_alloc_context();
	uint8_t *buffer = av_memdup(data, (size_t)len);

	ctx->pb = avio_alloc_context(buffer, len, 0, NULL, NULL, NULL, NULL);
	ctx->pb->buf_end = buffer + len; /* all of it was read */
	ctx->pb->pos = len;
	assert_int_equal(avformat_open_input(&ctx, NULL, av_find_input_format("mp4"), NULL), 0);
	return ctx;
}

/* Rounded as a track of 90,000 units a second has them. */
static int64_t ticks(int64_t us)
{
	return us * 9 / 100;
}

static void check_file(AVFormatContext *ctx)
{
	AVPacket *av = av_packet_alloc();
	int64_t first = 0;
	int seen = 0;

	while (av_read_frame(ctx, av) >= 0) {
		if (av->stream_index == 0) {
			first = seen ? first : av->dts;
			assert_int_equal(av->dts - first, ticks(dts_us(seen)));
			assert_int_equal(av->pts - first, ticks(pts_us(seen)));
			seen++;
		}
		av_packet_unref(av);
	}
	assert_int_equal(seen, PICTURES);
	av_packet_free(&av);
}

static void every_time_comes_back(void **state)
{
	struct cme_err err;

	(void)state;
	assert_int_equal(cme_push_task_init(&task, json_loads(TASK, 0, NULL), &err), 0);
	for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
		uint8_t *data;
		int len = write_file(row, &data);
		AVFormatContext *ctx = open_file(data, len);
		AVIOContext *pb = ctx->pb;

		check_file(ctx);
		avformat_close_input(&ctx);
		av_freep(&pb->buffer);
		avio_context_free(&pb);
		av_free(data);
	}
	cme_push_task_fini(&task);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_time_comes_back),
	};

	av_log_set_level(AV_LOG_QUIET);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
