/* SPDX-License-Identifier: MIT
 *
 * FLV with one stream only, read as fast as memory gives it: the other stream's time to show never passes
 * on the clock, so what is held back has to settle by itself.
 */
#include "pull/av/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <libavcodec/avcodec.h>
#include <libavutil/mem.h>

#include "relay/base/sys.h"

#define BUFFER 4096

static const uint8_t avcc[] = { 1,    0x42, 0xc0, 0x1e, 0xff, 0xe1, 0, 5,    0x67,
				0x42, 0xc0, 0x1e, 0xaa, 1,    0,    2, 0x68, 0xce };
static const uint8_t aac[] = { 0x12, 0x10 };

/* A file in memory. */
struct flv {
	uint8_t *data;
	int len, at;
};

static void add_stream(AVFormatContext *ctx, int kind)
{
	AVCodecParameters *par = avformat_new_stream(ctx, NULL)->codecpar;
	const uint8_t *data = kind == CME_VIDEO ? avcc : aac;
	size_t len = kind == CME_VIDEO ? sizeof avcc : sizeof aac;

	par->codec_type = kind == CME_VIDEO ? AVMEDIA_TYPE_VIDEO : AVMEDIA_TYPE_AUDIO;
	par->codec_id = kind == CME_VIDEO ? AV_CODEC_ID_H264 : AV_CODEC_ID_AAC;
	par->sample_rate = kind == CME_VIDEO ? 0 : 44100;
	par->width = par->height = kind == CME_VIDEO ? 16 : 0;
	par->extradata = av_mallocz(len + AV_INPUT_BUFFER_PADDING_SIZE);
	memcpy(par->extradata, data, len);
	par->extradata_size = (int)len;
}

static void write_flv(struct flv *flv, int kind, int packets)
{
	static uint8_t payload[] = { 0, 0, 0, 2, 0x65, 1 };
	AVFormatContext *ctx = NULL;
	AVDictionary *options = NULL;

	av_dict_set(&options, "flvflags", "no_duration_filesize+no_metadata", 0);
	assert_true(avformat_alloc_output_context2(&ctx, NULL, "flv", NULL) >= 0);
	add_stream(ctx, kind);
	assert_int_equal(avio_open_dyn_buf(&ctx->pb), 0);
	assert_true(avformat_write_header(ctx, &options) >= 0);
	av_dict_free(&options);
	for (int i = 0; i < packets; i++) {
		AVPacket *av = av_packet_alloc();

		av->data = payload;
		av->size = (int)sizeof payload;
		av->pts = av->dts = i * 20;
		av->flags = AV_PKT_FLAG_KEY;
		assert_true(av_write_frame(ctx, av) >= 0);
		av_packet_free(&av);
	}
	av_write_trailer(ctx);
	*flv = (struct flv){ 0 };
	flv->len = avio_close_dyn_buf(ctx->pb, &flv->data);
	avformat_free_context(ctx);
}

static int read_flv(void *opaque, uint8_t *out, int size)
{
	struct flv *flv = opaque;
	int len = flv->len - flv->at < size ? flv->len - flv->at : size;

	if (len == 0)
		return AVERROR_EOF;
	memcpy(out, flv->data + flv->at, (size_t)len);
	flv->at += len;
	return len;
}

static AVFormatContext *open_flv(struct flv *flv)
{
	AVFormatContext *ctx = avformat_alloc_context();

	ctx->pb = avio_alloc_context(av_malloc(BUFFER), BUFFER, 0, flv, read_flv, NULL, NULL);
	ctx->flags |= AVFMT_FLAG_CUSTOM_IO;
	assert_int_equal(avformat_open_input(&ctx, NULL, av_find_input_format("flv"), NULL), 0);
	return ctx;
}

static void close_flv(struct flv *flv, AVFormatContext *ctx)
{
	AVIOContext *pb = ctx->pb;

	avformat_close_input(&ctx);
	av_freep(&pb->buffer);
	avio_context_free(&pb);
	av_free(flv->data);
}

/* Every packet that was written comes out, in order, with a media of that stream alone. */
static void expect_all(int kind, int packets)
{
	struct cme_reader reader;
	struct flv flv;
	AVFormatContext *ctx;
	int rc = 0, count = 0;

	write_flv(&flv, kind, packets);
	ctx = open_flv(&flv);
	assert_int_equal(cme_reader_init(&reader, ctx), 0);
	while (rc >= 0) {
		struct cme_packet *packet = cme_reader_next(&reader, &rc);

		if (!packet)
			continue;
		assert_int_equal(packet->stream, kind);
		assert_int_equal(packet->dts_us, count * 20 * CME_MS_US);
		assert_non_null(packet->media->par[kind]);
		assert_null(packet->media->par[!kind]);
		count++;
		cme_packet_unref(packet);
	}
	assert_int_equal(rc, AVERROR_EOF);
	assert_int_equal(count, packets);
	cme_reader_fini(&reader);
	close_flv(&flv, ctx);
}

static void takes_pictures_without_sound(void **state)
{
	(void)state;
	expect_all(CME_VIDEO, CME_GATHER_PENDING_MAX + 100);
}

static void takes_sound_without_pictures(void **state)
{
	(void)state;
	expect_all(CME_AUDIO, CME_GATHER_PENDING_MAX + 100);
}

static void takes_what_ends_before_it_is_settled(void **state)
{
	(void)state;
	expect_all(CME_VIDEO, 1);
	expect_all(CME_AUDIO, 100);
	expect_all(CME_AUDIO, CME_GATHER_PENDING_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_pictures_without_sound),
		cmocka_unit_test(takes_sound_without_pictures),
		cmocka_unit_test(takes_what_ends_before_it_is_settled),
	};

	return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
