/* SPDX-License-Identifier: MIT
 *
 * MPEG-TS of which a packet got lost, or that was cut in the middle of a picture: the picture that lacks
 * bytes is marked as damaged, which is how a merge knows to prefer the other input's. It went out in its
 * place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <libavcodec/avcodec.h>
#include <libavutil/mem.h>

#include "pull/av/reader.h"

#define TS_PACKET 188
#define BUFFER    4096
#define PICTURES  60
#define SIZE      1000 /* of a picture's slice */
#define FIRST_PID 0x100
#define PROBE     8192 /* bytes that are read ahead, of some pictures */

/* A file in memory. */
struct ts {
	uint8_t *data;
	int len, at;
};

static const uint8_t sets[] = { 0,    0,    0,    1, 0x67, 0x42, 0xc0, 0x1e, 0xda, 0x02, 0x80,
				0xbf, 0xe5, 0xc0, 0, 0,    0,    1,    0x68, 0xce, 0x3c, 0x80 };

/* A slice of a whole picture: its first macroblock is the first. The last bytes say which picture it is. */
static void put_picture(AVFormatContext *ctx, int number)
{
	AVPacket *av = av_packet_alloc();
	size_t head = number == 0 ? sizeof sets : 0;

	assert_int_equal(av_new_packet(av, (int)head + 6 + SIZE), 0);
	memcpy(av->data, sets, head);
	memcpy(av->data + head, number % 10 ? "\0\0\0\1\x41\x9a" : "\0\0\0\1\x65\x88", 6);
	memset(av->data + head + 6, 0x55, SIZE);
	av->data[av->size - 1] = (uint8_t)(number + 1);
	av->pts = av->dts = 90000 + number * 3600;
	av->flags = number % 10 ? 0 : AV_PKT_FLAG_KEY;
	assert_true(av_write_frame(ctx, av) >= 0);
	av_packet_free(&av);
}

static void write_ts(struct ts *ts)
{
	AVFormatContext *ctx = NULL;
	AVCodecParameters *par;

	assert_true(avformat_alloc_output_context2(&ctx, NULL, "mpegts", NULL) >= 0);
	par = avformat_new_stream(ctx, NULL)->codecpar;
	par->codec_type = AVMEDIA_TYPE_VIDEO;
	par->codec_id = AV_CODEC_ID_H264;
	par->width = par->height = 16;
	assert_int_equal(avio_open_dyn_buf(&ctx->pb), 0);
	assert_true(avformat_write_header(ctx, NULL) >= 0);
	for (int i = 0; i < PICTURES; i++)
		put_picture(ctx, i);
	av_write_trailer(ctx);
	*ts = (struct ts){ 0 };
	ts->len = avio_close_dyn_buf(ctx->pb, &ts->data);
	avformat_free_context(ctx);
}

static bool begins_picture(const uint8_t *packet)
{
	return (packet[1] & 0x40) && ((packet[1] & 0x1f) << 8 | packet[2]) == FIRST_PID;
}

/* Where the picture's first packet stands. */
static int place_of(const struct ts *ts, int number)
{
	int at = 0;

	while (!begins_picture(ts->data + at) || number-- > 0)
		at += TS_PACKET;
	return at;
}

static int read_ts(void *opaque, uint8_t *out, int size)
{
	struct ts *ts = opaque;
	int len = ts->len - ts->at < size ? ts->len - ts->at : size;

	if (len == 0)
		return AVERROR_EOF;
	memcpy(out, ts->data + ts->at, (size_t)len);
	ts->at += len;
	return len;
}

/* Which pictures came whole, and which of them are marked. */
static void read_all(struct ts *ts, bool whole[PICTURES], bool marked[PICTURES])
{
	AVFormatContext *ctx = avformat_alloc_context();
	AVIOContext *pb = avio_alloc_context(av_malloc(BUFFER), BUFFER, 0, ts, read_ts, NULL, NULL);
	struct cme_reader reader;
	int rc = 0;

	ctx->pb = pb;
	ctx->probesize = PROBE;
	assert_int_equal(avformat_open_input(&ctx, NULL, av_find_input_format("mpegts"), NULL), 0);
	assert_int_equal(cme_reader_init(&reader, ctx), 0);
	while (rc >= 0) {
		struct cme_packet *packet = cme_reader_next(&reader, &rc);
		int number = packet ? (int)((packet->dts_us - 1000000) / 40000) : 0;

		if (!packet)
			continue;
		assert_true(number >= 0 && number < PICTURES);
		whole[number] = packet->size >= SIZE && packet->data[packet->size - 1] == number + 1;
		marked[number] = packet->damaged;
		cme_packet_unref(packet);
	}
	cme_reader_fini(&reader);
	avformat_close_input(&ctx);
	av_freep(&pb->buffer);
	avio_context_free(&pb);
	av_free(ts->data);
}

static void what_lost_a_packet_is_marked(void **state)
{
	bool whole[PICTURES] = { 0 }, marked[PICTURES] = { 0 };
	struct ts ts;
	int at;

	(void)state;
	write_ts(&ts);
	at = place_of(&ts, 30) + 2 * TS_PACKET;
	memmove(ts.data + at, ts.data + at + TS_PACKET, (size_t)(ts.len - at - TS_PACKET));
	ts.len -= TS_PACKET;
	read_all(&ts, whole, marked);
	assert_true(marked[30]);
	for (int i = 0; i < PICTURES - 2; i++)
		if (i < 29 || i > 31)
			assert_true(whole[i] && !marked[i]);
}

static void what_was_cut_is_marked(void **state)
{
	bool whole[PICTURES] = { 0 }, marked[PICTURES] = { 0 };
	struct ts ts;

	(void)state;
	write_ts(&ts);
	ts.len = place_of(&ts, 50) + 3 * TS_PACKET;
	read_all(&ts, whole, marked);
	assert_true(marked[50] && !whole[50]);
	for (int i = 0; i < 49; i++)
		assert_true(whole[i] && !marked[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_lost_a_packet_is_marked),
		cmocka_unit_test(what_was_cut_is_marked),
	};

	av_log_set_level(AV_LOG_QUIET); /* the pictures show nothing */
	return cmocka_run_group_tests_name("damaged_picture", tests, NULL, NULL);
}
