/* SPDX-License-Identifier: MIT */
#include "look/eye/jpeg.h"

#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
#include <math.h>
#include <stdbool.h>

#define HD_HEIGHT 720 /* from here on a picture that does not say so is BT.709 */

/* The first that keeps to the bound is taken. */
static const struct form {
	int side; /* at most, pixels */
	int quantizer;
} forms[] = { { CME_JPEG_SIDE, 4 },
	      { CME_JPEG_SIDE, 8 },
	      { CME_JPEG_SIDE, 16 },
	      { CME_JPEG_SIDE, 31 },
	      { CME_JPEG_SIDE / 2, 31 } };

/* Even, at least 2. */
static int side_of(double pixels)
{
	int side = (int)lround(pixels / 2) * 2;

	return side < 2 ? 2 : side;
}

/* Square pixels, in the shape that viewers see, not larger than it is. */
static void set_size(AVFrame *to, const AVFrame *from, int side)
{
	AVRational aspect = from->sample_aspect_ratio;
	double width = from->width, height = from->height, scale;

	if (aspect.num > 0 && aspect.den > 0)
		width *= av_q2d(aspect);
	scale = fmin(1, side / fmax(width, height));
	to->width = side_of(width * scale);
	to->height = side_of(height * scale);
}

static const int *coefficients_of(const AVFrame *frame)
{
	int space = frame->colorspace;

	if (space == AVCOL_SPC_UNSPECIFIED && frame->height >= HD_HEIGHT)
		space = AVCOL_SPC_BT709;
	return sws_getCoefficients(space); /* of what it does not know, BT.601 */
}

/* The ranges are asked for before it is set up: what it does with them is decided there. */
static struct SwsContext *open_scaler(const AVFrame *from, const AVFrame *to)
{
	struct SwsContext *scaler = sws_alloc_context();
	const struct {
		const char *name;
		int64_t value;
	} options[] = {
		{ "srcw", from->width },        { "srch", from->height },
		{ "src_format", from->format }, { "src_range", from->color_range == AVCOL_RANGE_JPEG },
		{ "dstw", to->width },          { "dsth", to->height },
		{ "dst_format", to->format },   { "dst_range", 1 },
		{ "sws_flags", SWS_AREA }
	};

	for (size_t i = 0; scaler && i < sizeof options / sizeof *options; i++)
		(void)av_opt_set_int(scaler, options[i].name, options[i].value, 0);
	if (scaler && sws_init_context(scaler, NULL, NULL) >= 0)
		return scaler;
	sws_freeContext(scaler);
	return NULL;
}

static bool scale(const AVFrame *from, AVFrame *to)
{
	struct SwsContext *scaler = open_scaler(from, to);
	bool full = from->color_range == AVCOL_RANGE_JPEG;
	int rows = 0;

	if (scaler) {
		(void)sws_setColorspaceDetails(scaler, coefficients_of(from), full,
					       sws_getCoefficients(SWS_CS_ITU601), 1, 0, 1 << 16, 1 << 16);
		rows = sws_scale(scaler, (const uint8_t *const *)from->data, from->linesize, 0, from->height,
				 to->data, to->linesize);
	}
	sws_freeContext(scaler);
	return rows == to->height;
}

static AVFrame *make_small(const AVFrame *frame, int side)
{
	AVFrame *small = av_frame_alloc();

	if (!small)
		return NULL;
	set_size(small, frame, side);
	small->format = AV_PIX_FMT_YUV420P;
	small->color_range = AVCOL_RANGE_JPEG;
	if (av_frame_get_buffer(small, 0) < 0 || !scale(frame, small))
		av_frame_free(&small);
	return small;
}

static AVCodecContext *open_encoder(const AVFrame *frame, int quantizer)
{
	const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
	AVCodecContext *encoder = codec ? avcodec_alloc_context3(codec) : NULL;

	if (!encoder)
		return NULL;
	encoder->width = frame->width;
	encoder->height = frame->height;
	encoder->pix_fmt = frame->format;
	encoder->color_range = frame->color_range;
	encoder->time_base = (AVRational){ 1, 1 };
	encoder->thread_count = 1;
	encoder->flags |= AV_CODEC_FLAG_QSCALE;
	encoder->global_quality = quantizer * FF_QP2LAMBDA;
	if (avcodec_open2(encoder, codec, NULL) < 0)
		avcodec_free_context(&encoder);
	return encoder;
}

static bool encode(const AVFrame *frame, const struct form *form, AVPacket *packet)
{
	AVFrame *small = make_small(frame, form->side);
	AVCodecContext *encoder = small ? open_encoder(small, form->quantizer) : NULL;
	bool done = false;

	if (encoder) {
		small->quality = encoder->global_quality;
		done = avcodec_send_frame(encoder, small) >= 0 &&
		       avcodec_receive_packet(encoder, packet) >= 0 && packet->size <= CME_JPEG_BYTES;
	}
	avcodec_free_context(&encoder);
	av_frame_free(&small);
	if (!done)
		av_packet_unref(packet);
	return done;
}

AVPacket *cme_jpeg_make(const AVFrame *frame)
{
	AVPacket *packet = av_packet_alloc();
	bool done = false;

	for (size_t i = 0; packet && !done && i < sizeof forms / sizeof *forms; i++)
		done = encode(frame, &forms[i], packet);
	if (!done)
		av_packet_free(&packet);
	return packet;
}
