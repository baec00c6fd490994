/* SPDX-License-Identifier: MIT
 *
 * Sound in MPEG-TS whose rate and channels change, as where an ad is spliced in: each change is followed.
 */
#include "memory_file.h"

#include <libavutil/samplefmt.h>

#define FRAMES   40
#define FRAME_MS 23

struct sound {
	uint8_t config[2];
	int rate, channels;
};

static const struct sound stereo_44 = { { 0x12, 0x10 }, 44100, 2 };
static const struct sound mono_48 = { { 0x11, 0x88 }, 48000, 1 };

static AVCodecContext *open_encoder(const struct sound *sound)
{
	const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
	AVCodecContext *encoder = avcodec_alloc_context3(codec);

	encoder->sample_rate = sound->rate;
	encoder->sample_fmt = AV_SAMPLE_FMT_FLTP;
	encoder->time_base = (AVRational){ 1, sound->rate };
	av_channel_layout_default(&encoder->ch_layout, sound->channels);
	assert_int_equal(avcodec_open2(encoder, codec, NULL), 0);
	return encoder;
}

/* A frame of silence. */
static void encode(AVCodecContext *encoder, AVPacket *av)
{
	AVFrame *frame = av_frame_alloc();

	frame->nb_samples = encoder->frame_size;
	frame->format = encoder->sample_fmt;
	frame->sample_rate = encoder->sample_rate;
	av_channel_layout_copy(&frame->ch_layout, &encoder->ch_layout);
	assert_int_equal(av_frame_get_buffer(frame, 0), 0);
	av_samples_set_silence(frame->extended_data, 0, frame->nb_samples, frame->ch_layout.nb_channels,
			       frame->format);
	do
		assert_int_equal(avcodec_send_frame(encoder, frame), 0);
	while (avcodec_receive_packet(encoder, av) != 0);
	av_frame_free(&frame);
}

/* Silence from a time on. */
static void make_part(struct memory_file *file, const struct sound *sound, int64_t from_ms)
{
	AVCodecContext *encoder = open_encoder(sound);
	AVPacket *av = av_packet_alloc();

	memory_begin(file, "mpegts");
	memory_stream(file, AV_CODEC_ID_AAC, sound->config, sizeof sound->config)->sample_rate = sound->rate;
	memory_header(file, "");
	for (int i = 0; i < FRAMES; i++) {
		encode(encoder, av);
		memory_write(file, &(struct memory_packet){ .dts_ms = from_ms + i * FRAME_MS,
							    .pts_ms = from_ms + i * FRAME_MS,
							    .key = true,
							    .data = av->data,
							    .len = (size_t)av->size });
		av_packet_unref(av);
	}
	memory_end(file);
	av_packet_free(&av);
	avcodec_free_context(&encoder);
}

static void expect_part(struct cme_reader *reader, const struct sound *sound)
{
	for (int i = 0; i < FRAMES; i++) {
		struct cme_packet *packet = memory_next(reader);
		const struct cme_params *par;

		assert_non_null(packet);
		par = packet->media->par[CME_AUDIO];
		assert_int_equal(par->extradata_len, sizeof sound->config);
		assert_memory_equal(par->extradata, sound->config, sizeof sound->config);
		assert_int_equal(par->sample_rate, sound->rate);
		assert_int_equal(par->channels, sound->channels);
		cme_packet_unref(packet);
	}
}

static void follows_each_change(void **state)
{
	struct memory_file file, part;
	struct cme_reader reader;

	(void)state;
	make_part(&file, &stereo_44, 0);
	make_part(&part, &mono_48, FRAMES * FRAME_MS);
	memory_append(&file, &part);
	av_free(part.data);
	make_part(&part, &stereo_44, 2 * FRAMES * FRAME_MS);
	memory_append(&file, &part);
	av_free(part.data);
	memory_open(&file, &reader);
	expect_part(&reader, &stereo_44);
	expect_part(&reader, &mono_48);
	expect_part(&reader, &stereo_44);
	memory_close(&file, &reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(follows_each_change) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
