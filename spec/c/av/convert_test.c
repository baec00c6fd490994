/* SPDX-License-Identifier: MIT
 *
 * Packets and parameters cross the border to libavcodec and back.
 */
#include "av/convert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <libavcodec/avcodec.h>

/* Events and `stat` have libavcodec's names, whoever says them. */
static void every_codec_has_one_there_with_its_name(void **state)
{
	(void)state;
	for (int i = CME_CODEC_NONE + 1; i < CME_CODEC_COUNT; i++) {
		enum cme_codec codec = (enum cme_codec)i;
		enum AVCodecID id = cme_av_codec_id(codec);

		assert_int_not_equal(id, AV_CODEC_ID_NONE);
		assert_int_equal(cme_av_codec(id), codec);
		assert_string_equal(avcodec_get_name(id), cme_codec_name(codec));
		assert_int_equal(avcodec_get_type(id) == AVMEDIA_TYPE_VIDEO, cme_codec_video(codec));
	}
	assert_int_equal(cme_av_codec(AV_CODEC_ID_NONE), CME_CODEC_NONE);
	assert_int_equal(cme_av_codec(AV_CODEC_ID_THEORA), CME_CODEC_OTHER);
}

static void parameters_go_there_and_back(void **state)
{
	uint8_t config[] = { 0x11, 0x90 };
	struct cme_params sound = { .codec = CME_CODEC_AAC,
				    .extradata = config,
				    .extradata_len = sizeof config,
				    .bit_rate = 128000,
				    .sample_rate = 48000,
				    .channels = 6,
				    .frame_size = 1024 };
	AVCodecParameters *par = avcodec_parameters_alloc();
	struct cme_params *back;

	(void)state;
	assert_int_equal(cme_av_from_params(par, &sound), 0);
	assert_int_equal(par->codec_type, AVMEDIA_TYPE_AUDIO);
	assert_int_equal(par->extradata[par->extradata_size], 0); /* libavcodec reads over its end */
	back = cme_av_to_params(par);
	assert_int_equal(back->codec, CME_CODEC_AAC);
	assert_int_equal(back->extradata_len, sizeof config);
	assert_memory_equal(back->extradata, config, sizeof config);
	assert_int_equal(back->bit_rate, 128000);
	assert_int_equal(back->sample_rate, 48000);
	assert_int_equal(back->channels, 6);
	assert_int_equal(back->frame_size, 1024);
	cme_params_free(&back);
	avcodec_parameters_free(&par);
}

static void a_codec_that_is_not_relayed_keeps_its_name(void **state)
{
	AVCodecParameters *par = avcodec_parameters_alloc();
	struct cme_params *other;

	(void)state;
	par->codec_id = AV_CODEC_ID_THEORA;
	other = cme_av_to_params(par);
	assert_int_equal(other->codec, CME_CODEC_OTHER);
	assert_string_equal(cme_params_name(other), "theora");
	cme_params_free(&other);
	avcodec_parameters_free(&par);
}

static void packets_go_there_and_back(void **state)
{
	struct cme_packet *packet = cme_packet_new(3), *back;
	AVPacket *av = av_packet_alloc();

	(void)state;
	memcpy(packet->payload, "abc", 3);
	packet->stream = CME_AUDIO;
	packet->key = true;
	packet->dts_us = -5;
	packet->pts_us = 7;
	assert_int_equal(cme_av_from_packet(av, packet), 0);
	assert_int_equal(av->data[av->size], 0);
	back = cme_av_to_packet(av);
	assert_int_equal(back->stream, CME_AUDIO);
	assert_true(back->key);
	assert_int_equal(back->dts_us, -5);
	assert_int_equal(back->pts_us, 7);
	assert_int_equal(back->size, 3);
	assert_memory_equal(back->data, "abc", 3);
	cme_packet_unref(packet);
	cme_packet_unref(back);
	av_packet_free(&av);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_codec_has_one_there_with_its_name),
		cmocka_unit_test(parameters_go_there_and_back),
		cmocka_unit_test(a_codec_that_is_not_relayed_keeps_its_name),
		cmocka_unit_test(packets_go_there_and_back),
	};

	return cmocka_run_group_tests_name("convert", tests, NULL, NULL);
}
