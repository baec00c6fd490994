/* SPDX-License-Identifier: MIT
 * Tests of src/look/eye/jpeg.c: pictures of any shape as a JPEG of bounded size. */
#include "look/eye/jpeg.h"

#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static AVFrame *new_frame(int width, int height, enum AVPixelFormat format)
{
	AVFrame *frame = av_frame_alloc();

	assert_non_null(frame);
	frame->width = width;
	frame->height = height;
	frame->format = format;
	assert_int_equal(av_frame_get_buffer(frame, 0), 0);
	return frame;
}

/* A YUV 4:2:0 picture of one colour. */
static AVFrame *plain_frame(int width, int height, uint8_t luma, uint8_t u, uint8_t v)
{
	AVFrame *frame = new_frame(width, height, AV_PIX_FMT_YUV420P);
	const uint8_t values[] = { luma, u, v };

	for (int i = 0; i < 3; i++)
		memset(frame->data[i], values[i], (size_t)(frame->linesize[i] * ((height + 1) >> (i > 0))));
	return frame;
}

static AVFrame *decode(const AVPacket *jpeg)
{
	AVCodecContext *decoder = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_MJPEG));
	AVFrame *frame = av_frame_alloc();

	assert_int_equal(avcodec_open2(decoder, NULL, NULL), 0);
	assert_int_equal(avcodec_send_packet(decoder, jpeg), 0);
	assert_int_equal(avcodec_receive_frame(decoder, frame), 0);
	avcodec_free_context(&decoder);
	return frame;
}

/* Makes one, and frees the frame. */
static AVFrame *through_jpeg(AVFrame *frame)
{
	AVPacket *jpeg = cme_jpeg_make(frame);
	AVFrame *seen;

	assert_non_null(jpeg);
	assert_in_range(jpeg->size, 100, CME_JPEG_BYTES);
	assert_int_equal(jpeg->data[0] << 8 | jpeg->data[1], 0xffd8);
	seen = decode(jpeg);
	av_packet_free(&jpeg);
	av_frame_free(&frame);
	return seen;
}

static void assert_size(AVFrame *frame, AVRational aspect, int width, int height)
{
	AVFrame *seen;

	frame->sample_aspect_ratio = aspect;
	seen = through_jpeg(frame);
	assert_int_equal(seen->width, width);
	assert_int_equal(seen->height, height);
	av_frame_free(&seen);
}

static void keeps_the_shape_that_viewers_see(void **state)
{
	const AVRational square = { 1, 1 }, unknown = { 0, 1 };

	(void)state;
	assert_size(plain_frame(1920, 1080, 90, 128, 128), square, 640, 360);
	assert_size(plain_frame(1080, 1920, 90, 128, 128), unknown, 360, 640);
	assert_size(plain_frame(320, 180, 90, 128, 128), square, 320, 180);
	assert_size(plain_frame(720, 576, 90, 128, 128), (AVRational){ 64, 45 }, 640, 360);
	assert_size(plain_frame(4096, 16, 90, 128, 128), square, 640, 2);
	assert_size(plain_frame(16, 16, 90, 128, 128), (AVRational){ 1, 100000 }, 2, 16);
}

static void assert_near(int value, int expected)
{
	assert_in_range(value, expected - 3, expected + 3);
}

/* Limited-range YUV becomes full-range YUV of BT.601: black is 0, white 255, red stays red. */
static void keeps_the_colours(void **state)
{
	AVFrame *seen = through_jpeg(plain_frame(640, 360, 16, 128, 128)), *red;

	(void)state;
	assert_near(seen->data[0][0] + 3, 3);
	av_frame_free(&seen);
	seen = through_jpeg(plain_frame(640, 360, 235, 128, 128));
	assert_near(seen->data[0][0], 252);
	av_frame_free(&seen);
	red = plain_frame(1280, 720, 63, 102, 240); /* of BT.709, as pictures of this height are */
	seen = through_jpeg(red);
	assert_near(seen->data[0][0], 76);
	assert_near(seen->data[1][0], 85);
	assert_near(seen->data[2][0], 255 - 3);
	av_frame_free(&seen);
}

static void noise_is_bounded_as_well(void **state)
{
	AVFrame *frame = new_frame(640, 640, AV_PIX_FMT_YUV420P), *seen;

	(void)state;
	srand(7);
	for (int plane = 0; plane < 3; plane++)
		for (int i = 0; i < frame->linesize[plane] * (640 >> (plane > 0)); i++)
			frame->data[plane][i] = (uint8_t)(rand() & 0xff);
	seen = through_jpeg(frame);
	assert_int_equal(seen->width, 320);
	av_frame_free(&seen);
}

static void takes_what_decoders_make(void **state)
{
	const enum AVPixelFormat formats[] = { AV_PIX_FMT_YUV420P10LE, AV_PIX_FMT_YUVJ420P,
					       AV_PIX_FMT_YUV422P,     AV_PIX_FMT_YUV444P12LE,
					       AV_PIX_FMT_GRAY8,       AV_PIX_FMT_NV12,
					       AV_PIX_FMT_RGB24 };

	(void)state;
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		AVFrame *frame = new_frame(322, 182, formats[i]), *seen;

		for (int plane = 0; plane < 4 && frame->buf[plane]; plane++)
			memset(frame->buf[plane]->data, 0x20, frame->buf[plane]->size);
		seen = through_jpeg(frame);
		assert_int_equal(seen->width, 322);
		av_frame_free(&seen);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_shape_that_viewers_see),
		cmocka_unit_test(keeps_the_colours),
		cmocka_unit_test(noise_is_bounded_as_well),
		cmocka_unit_test(takes_what_decoders_make),
	};

	av_log_set_level(AV_LOG_QUIET);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
