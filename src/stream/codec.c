/* SPDX-License-Identifier: MIT */
#include "stream/codec.h"

static const struct {
	const char *name;
	bool video;
} codecs[] = {
	[CME_CODEC_NONE] = { "none", false },       [CME_CODEC_H264] = { "h264", true },
	[CME_CODEC_HEVC] = { "hevc", true },        [CME_CODEC_AV1] = { "av1", true },
	[CME_CODEC_VP9] = { "vp9", true },          [CME_CODEC_VP8] = { "vp8", true },
	[CME_CODEC_AAC] = { "aac", false },         [CME_CODEC_MP3] = { "mp3", false },
	[CME_CODEC_OPUS] = { "opus", false },       [CME_CODEC_FLAC] = { "flac", false },
	[CME_CODEC_AC3] = { "ac3", false },         [CME_CODEC_EAC3] = { "eac3", false },
	[CME_CODEC_MPEG1] = { "mpeg1video", true }, [CME_CODEC_MPEG2] = { "mpeg2video", true },
	[CME_CODEC_MPEG4] = { "mpeg4", true },      [CME_CODEC_MP2] = { "mp2", false },
	[CME_CODEC_LATM] = { "aac_latm", false },   [CME_CODEC_DTS] = { "dts", false },
	[CME_CODEC_OTHER] = { "other", false },
};

const char *cme_codec_name(enum cme_codec codec)
{
	return codecs[codec].name;
}

bool cme_codec_video(enum cme_codec codec)
{
	return codecs[codec].video;
}
