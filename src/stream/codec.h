/* SPDX-License-Identifier: MIT
 *
 * The codecs that are relayed, and what they are called. What each container makes of them is the
 * container's (flv/codec.h, media.c). Pure; any thread.
 */
#ifndef CME_STREAM_CODEC_H
#define CME_STREAM_CODEC_H

#include <stdbool.h>

enum cme_codec {
	CME_CODEC_NONE, /* not known yet */
	CME_CODEC_H264,
	CME_CODEC_HEVC,
	CME_CODEC_AV1,
	CME_CODEC_VP9,
	CME_CODEC_VP8,
	CME_CODEC_AAC,
	CME_CODEC_MP3,
	CME_CODEC_OPUS,
	CME_CODEC_FLAC,
	CME_CODEC_AC3,
	CME_CODEC_EAC3,
	CME_CODEC_MPEG1,
	CME_CODEC_MPEG2,
	CME_CODEC_MPEG4,
	CME_CODEC_MP2,
	CME_CODEC_LATM,
	CME_CODEC_DTS,
	CME_CODEC_COUNT,
	CME_CODEC_OTHER = CME_CODEC_COUNT /* one that nothing here carries */
};

/* "h264", as FFmpeg names it: events, `stat` and messages have these names. "other" for CME_CODEC_OTHER,
 * whose name is in the parameters (params.h). One pointer for each codec. */
const char *cme_codec_name(enum cme_codec codec);

/* It is a picture's; false of CME_CODEC_NONE and CME_CODEC_OTHER. */
bool cme_codec_video(enum cme_codec codec);

#endif
