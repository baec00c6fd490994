/* SPDX-License-Identifier: MIT */
#include "look/eye/decode.h"

#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>
#include <libswscale/swscale.h>
#include <stdlib.h>
#include <string.h>

#define SOUND_MAX ((size_t)1 << 20) /* samples of one frame */

void cme_decoder_init(struct cme_decoder *decoder)
{
	*decoder = (struct cme_decoder){ .frame = av_frame_alloc(), .packet = av_packet_alloc() };
}

void cme_decoder_fini(struct cme_decoder *decoder)
{
	avcodec_free_context(&decoder->codec);
	av_frame_free(&decoder->frame);
	av_packet_free(&decoder->packet);
	sws_freeContext(decoder->scaler);
	free(decoder->samples);
	*decoder = (struct cme_decoder){ 0 };
}

bool cme_decoder_open(struct cme_decoder *decoder, const AVCodecParameters *par)
{
	const AVCodec *codec = avcodec_find_decoder(par->codec_id);

	avcodec_free_context(&decoder->codec);
	decoder->codec = codec && decoder->frame && decoder->packet ? avcodec_alloc_context3(codec) : NULL;
	if (!decoder->codec)
		return false;
	decoder->codec->thread_count = 1; /* pictures come out at once, in the thread that asks */
	decoder->codec->pkt_timebase = (AVRational){ 1, 1000000 };
	decoder->codec->skip_loop_filter = AVDISCARD_ALL; /* it is made small anyway */
	if (avcodec_parameters_to_context(decoder->codec, par) >= 0 &&
	    avcodec_open2(decoder->codec, codec, NULL) >= 0)
		return true;
	avcodec_free_context(&decoder->codec);
	return false;
}

void cme_decoder_put(struct cme_decoder *decoder, const AVPacket *packet)
{
	if (!decoder->codec)
		return;
	if (!packet) {
		(void)avcodec_send_packet(decoder->codec, NULL);
		return;
	}
	/* a damaged packet has no picture, which is what is looked at */
	if (av_packet_ref(decoder->packet, packet) == 0)
		(void)avcodec_send_packet(decoder->codec, decoder->packet);
	av_packet_unref(decoder->packet);
}

void cme_decoder_flush(struct cme_decoder *decoder)
{
	if (decoder->codec)
		avcodec_flush_buffers(decoder->codec);
}

bool cme_decoder_next(struct cme_decoder *decoder, int64_t *pts_us)
{
	if (!decoder->codec || avcodec_receive_frame(decoder->codec, decoder->frame) < 0)
		return false;
	if (decoder->frame->best_effort_timestamp != AV_NOPTS_VALUE)
		decoder->pts_us = decoder->frame->best_effort_timestamp;
	*pts_us = decoder->pts_us;
	return true;
}

bool cme_decoder_picture(struct cme_decoder *decoder, struct cme_small *small)
{
	const AVFrame *frame = decoder->frame;
	uint8_t *planes[] = { small->luma, small->chroma[0], small->chroma[1], NULL };
	const int widths[] = { CME_SMALL_WIDTH, CME_SMALL_WIDTH / 2, CME_SMALL_WIDTH / 2, 0 };

	decoder->scaler = sws_getCachedContext(decoder->scaler, frame->width, frame->height, frame->format,
					       CME_SMALL_WIDTH, CME_SMALL_HEIGHT, AV_PIX_FMT_YUV420P,
					       SWS_AREA, NULL, NULL, NULL);
	return decoder->scaler &&
	       sws_scale(decoder->scaler, (const uint8_t *const *)frame->data, frame->linesize, 0,
			 frame->height, planes, widths) == CME_SMALL_HEIGHT;
}

/* One sample of a plane or of interleaved sound. */
static float sample_at(const uint8_t *data, enum AVSampleFormat format, size_t index)
{
	switch (av_get_packed_sample_fmt(format)) {
	case AV_SAMPLE_FMT_FLT:
		return ((const float *)(const void *)data)[index];
	case AV_SAMPLE_FMT_DBL:
		return (float)((const double *)(const void *)data)[index];
	case AV_SAMPLE_FMT_S16:
		return (float)((const int16_t *)(const void *)data)[index] / 32768.0F;
	case AV_SAMPLE_FMT_S32:
		return (float)((const int32_t *)(const void *)data)[index] / 2147483648.0F;
	case AV_SAMPLE_FMT_U8:
		return (float)(data[index] - 128) / 128.0F;
	default:
		return 0;
	}
}

static bool make_room(struct cme_decoder *decoder, size_t count)
{
	float *samples;

	if (count <= decoder->samples_max)
		return true;
	samples = count <= SOUND_MAX ? realloc(decoder->samples, count * sizeof *samples) : NULL;
	if (!samples)
		return false;
	decoder->samples = samples;
	decoder->samples_max = count;
	return true;
}

static void interleave(const AVFrame *frame, size_t frames, size_t channels, float *samples)
{
	bool planar = av_sample_fmt_is_planar(frame->format);

	for (size_t i = 0; i < frames * channels; i++)
		samples[i] =
			planar ? sample_at(frame->extended_data[i % channels], frame->format, i / channels)
			       : sample_at(frame->data[0], frame->format, i);
}

/* What nearly all sound is decoded to. */
static void interleave_floats(const AVFrame *frame, size_t frames, size_t channels, float *samples)
{
	for (size_t channel = 0; channel < channels; channel++) {
		const float *plane = (const float *)(const void *)frame->extended_data[channel];

		for (size_t i = 0; i < frames; i++)
			samples[i * channels + channel] = plane[i];
	}
}

bool cme_decoder_sound(struct cme_decoder *decoder, struct cme_sound *sound)
{
	const AVFrame *frame = decoder->frame;
	size_t channels = frame->ch_layout.nb_channels > 0 ? (size_t)frame->ch_layout.nb_channels : 0,
	       frames = frame->nb_samples > 0 ? (size_t)frame->nb_samples : 0;

	if (!channels || !make_room(decoder, frames * channels))
		return false;
	if (frame->format == AV_SAMPLE_FMT_FLTP)
		interleave_floats(frame, frames, channels, decoder->samples);
	else
		interleave(frame, frames, channels, decoder->samples);
	*sound = (struct cme_sound){ .samples = decoder->samples,
				     .frames = frames,
				     .channels = (unsigned)channels,
				     .rate = (unsigned)frame->sample_rate };
	return true;
}

void cme_decoder_keep(struct cme_decoder *decoder, AVFrame *kept)
{
	av_frame_unref(kept);
	av_frame_move_ref(kept, decoder->frame);
}

double cme_decoder_declared_rate(const struct cme_decoder *decoder)
{
	return decoder->codec && decoder->codec->framerate.num > 0 ? av_q2d(decoder->codec->framerate) : 0;
}
