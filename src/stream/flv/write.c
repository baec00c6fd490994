/* SPDX-License-Identifier: MIT */
#include "stream/flv/write.h"

#include "stream/bytes.h"

/* First byte of a video tag: frame type, then codec id, or with the top bit set an enhanced packet type. */
enum { FRAME_KEY = 0x10, FRAME_INTER = 0x20, ENHANCED = 0x80, CODEC_AVC = 7 };
enum { AVC_HEADER = 0, AVC_UNITS = 1 };
enum { ENHANCED_START = 0, ENHANCED_FRAMES = 1, ENHANCED_FRAMES_X = 3 };

/* First byte of an audio tag: format, rate, sample size, channels. */
enum { AAC_FIRST = 0xaf, AAC_HEADER = 0, AAC_RAW = 1, FORMAT_MP3 = 2, FORMAT_MP3_8K = 14 };
enum { SAMPLES_16BIT = 2, STEREO = 1 };

static size_t avc_prefix(uint8_t *out, bool keyframe, int packet_type, int32_t composition_ms)
{
	out[0] = (uint8_t)((keyframe ? FRAME_KEY : FRAME_INTER) | CODEC_AVC);
	out[1] = (uint8_t)packet_type;
	cme_put_be24(out + 2, (uint32_t)composition_ms);
	return 5;
}

/* FramesX saves the composition time where that is zero. */
static size_t hevc_prefix(uint8_t *out, bool keyframe, int packet_type, int32_t composition_ms)
{
	if (packet_type == ENHANCED_FRAMES && composition_ms == 0)
		packet_type = ENHANCED_FRAMES_X;
	out[0] = (uint8_t)(ENHANCED | (keyframe ? FRAME_KEY : FRAME_INTER) | packet_type);
	cme_put_be32(out + 1, cme_flv_codec_fourcc(CME_FLV_HEVC));
	if (packet_type != ENHANCED_FRAMES)
		return 5;
	cme_put_be24(out + 5, (uint32_t)composition_ms);
	return 8;
}

static size_t aac_prefix(uint8_t *out, int packet_type)
{
	out[0] = AAC_FIRST; /* always these for AAC: the truth is in its config */
	out[1] = (uint8_t)packet_type;
	return 2;
}

/* The four rates FLV knows. A player reads the MP3 header anyway. */
static unsigned rate_index(int sample_rate)
{
	return sample_rate >= 44100 ? 3 : sample_rate >= 22050 ? 2 : sample_rate >= 11025 ? 1 : 0;
}

static size_t mp3_prefix(uint8_t *out, const struct cme_flv_stream *stream)
{
	unsigned format = stream->sample_rate == 8000 ? FORMAT_MP3_8K : FORMAT_MP3;

	out[0] = (uint8_t)(format << 4 | rate_index(stream->sample_rate) << 2 | SAMPLES_16BIT |
			   (stream->channels > 1 ? STEREO : 0));
	return 1;
}

size_t cme_flv_prefix(uint8_t out[CME_FLV_PREFIX_MAX], const struct cme_flv_stream *stream, bool keyframe,
		      int32_t composition_ms)
{
	switch (stream->codec) {
	case CME_FLV_H264:
		return avc_prefix(out, keyframe, AVC_UNITS, composition_ms);
	case CME_FLV_HEVC:
		return hevc_prefix(out, keyframe, ENHANCED_FRAMES, composition_ms);
	case CME_FLV_AAC:
		return aac_prefix(out, AAC_RAW);
	case CME_FLV_MP3:
		return mp3_prefix(out, stream);
	default:
		return 0;
	}
}

static size_t header_prefix(uint8_t *out, enum cme_flv_codec codec)
{
	switch (codec) {
	case CME_FLV_H264:
		return avc_prefix(out, true, AVC_HEADER, 0);
	case CME_FLV_HEVC:
		return hevc_prefix(out, true, ENHANCED_START, 0);
	case CME_FLV_AAC:
		return aac_prefix(out, AAC_HEADER);
	default:
		return 0;
	}
}

void cme_flv_put_header(struct cme_buf *out, const struct cme_flv_stream *stream)
{
	uint8_t prefix[CME_FLV_PREFIX_MAX];
	size_t len = header_prefix(prefix, stream->codec);

	if (len == 0 || stream->extradata_len == 0)
		return;
	cme_buf_append(out, prefix, len);
	cme_buf_append(out, stream->extradata, stream->extradata_len);
}

int cme_flv_codec_number(enum cme_flv_codec codec)
{
	switch (codec) {
	case CME_FLV_H264:
		return CODEC_AVC;
	case CME_FLV_AAC:
		return AAC_FIRST >> 4;
	case CME_FLV_MP3:
		return FORMAT_MP3;
	default:
		return (int)cme_flv_codec_fourcc(codec);
	}
}
