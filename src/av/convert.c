/* SPDX-License-Identifier: MIT */
#include "av/convert.h"

#include <libavcodec/avcodec.h>
#include <libavutil/channel_layout.h>
#include <libavutil/error.h>
#include <libavutil/mem.h>
#include <string.h>

static const enum AVCodecID ids[CME_CODEC_OTHER + 1] = {
	[CME_CODEC_H264] = AV_CODEC_ID_H264,        [CME_CODEC_HEVC] = AV_CODEC_ID_HEVC,
	[CME_CODEC_AV1] = AV_CODEC_ID_AV1,          [CME_CODEC_VP9] = AV_CODEC_ID_VP9,
	[CME_CODEC_VP8] = AV_CODEC_ID_VP8,          [CME_CODEC_AAC] = AV_CODEC_ID_AAC,
	[CME_CODEC_MP3] = AV_CODEC_ID_MP3,          [CME_CODEC_OPUS] = AV_CODEC_ID_OPUS,
	[CME_CODEC_FLAC] = AV_CODEC_ID_FLAC,        [CME_CODEC_AC3] = AV_CODEC_ID_AC3,
	[CME_CODEC_EAC3] = AV_CODEC_ID_EAC3,        [CME_CODEC_MPEG1] = AV_CODEC_ID_MPEG1VIDEO,
	[CME_CODEC_MPEG2] = AV_CODEC_ID_MPEG2VIDEO, [CME_CODEC_MPEG4] = AV_CODEC_ID_MPEG4,
	[CME_CODEC_MP2] = AV_CODEC_ID_MP2,          [CME_CODEC_LATM] = AV_CODEC_ID_AAC_LATM,
	[CME_CODEC_DTS] = AV_CODEC_ID_DTS,
};

enum AVCodecID cme_av_codec_id(enum cme_codec codec)
{
	return ids[codec];
}

enum cme_codec cme_av_codec(enum AVCodecID id)
{
	for (int i = CME_CODEC_NONE; i < CME_CODEC_COUNT; i++)
		if (ids[i] == id)
			return (enum cme_codec)i;
	return CME_CODEC_OTHER;
}

struct cme_params *cme_av_to_params(const AVCodecParameters *par)
{
	struct cme_params *params = cme_params_new(cme_av_codec(par->codec_id));

	if (!params || cme_params_configure(params, par->extradata, (size_t)par->extradata_size) != 0) {
		cme_params_free(&params);
		return NULL;
	}
	if (params->codec == CME_CODEC_OTHER)
		params->other = avcodec_get_name(par->codec_id);
	params->bit_rate = par->bit_rate;
	params->width = par->width;
	params->height = par->height;
	params->sample_rate = par->sample_rate;
	params->channels = par->ch_layout.nb_channels;
	params->frame_size = par->frame_size;
	return params;
}

int cme_av_from_params(AVCodecParameters *par, const struct cme_params *params)
{
	if (params->extradata_len) {
		par->extradata = av_mallocz(params->extradata_len + AV_INPUT_BUFFER_PADDING_SIZE);
		if (!par->extradata)
			return AVERROR(ENOMEM);
		memcpy(par->extradata, params->extradata, params->extradata_len);
		par->extradata_size = (int)params->extradata_len;
	}
	par->codec_id = cme_av_codec_id(params->codec);
	par->codec_type = cme_codec_video(params->codec) ? AVMEDIA_TYPE_VIDEO : AVMEDIA_TYPE_AUDIO;
	par->bit_rate = params->bit_rate;
	par->width = params->width;
	par->height = params->height;
	par->sample_rate = params->sample_rate;
	par->frame_size = params->frame_size;
	if (params->channels > 0)
		av_channel_layout_default(&par->ch_layout, params->channels);
	return 0;
}

struct cme_packet *cme_av_to_packet(const AVPacket *av)
{
	struct cme_packet *packet = cme_packet_new((size_t)av->size);

	if (!packet)
		return NULL;
	if (av->size)
		memcpy(packet->payload, av->data, (size_t)av->size);
	packet->stream = av->stream_index;
	packet->key = av->flags & AV_PKT_FLAG_KEY;
	packet->damaged = av->flags & AV_PKT_FLAG_CORRUPT;
	packet->dts_us = av->dts;
	packet->pts_us = av->pts;
	return packet;
}

int cme_av_from_packet(AVPacket *av, const struct cme_packet *packet)
{
	int rc = av_new_packet(av, (int)packet->size);

	if (rc < 0)
		return rc;
	if (packet->size)
		memcpy(av->data, packet->data, packet->size);
	av->stream_index = packet->stream;
	av->flags |= packet->key ? AV_PKT_FLAG_KEY : 0;
	av->dts = packet->dts_us;
	av->pts = packet->pts_us;
	return 0;
}
