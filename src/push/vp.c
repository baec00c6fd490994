/* SPDX-License-Identifier: MIT */
#include "push/vp.h"

#define RECORD_BYTES 6 /* up to the colours; what follows is empty for VP9 and VP8 */

enum chroma { CHROMA_420, CHROMA_420_LUMA, CHROMA_422, CHROMA_444, CHROMAS };

static enum AVPixelFormat format_of(int depth, int chroma)
{
	static const enum AVPixelFormat formats[][CHROMAS] = {
		{ AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV444P },
		{ AV_PIX_FMT_YUV420P10, AV_PIX_FMT_YUV420P10, AV_PIX_FMT_YUV422P10, AV_PIX_FMT_YUV444P10 },
		{ AV_PIX_FMT_YUV420P12, AV_PIX_FMT_YUV420P12, AV_PIX_FMT_YUV422P12, AV_PIX_FMT_YUV444P12 },
	};

	if ((depth != 8 && depth != 10 && depth != 12) || chroma >= CHROMAS)
		return AV_PIX_FMT_NONE;
	return formats[(depth - 8) / 2][chroma];
}

bool cme_vp_describe(AVCodecParameters *par)
{
	const uint8_t *record = par->extradata;
	int chroma;

	if (par->codec_id != AV_CODEC_ID_VP9 && par->codec_id != AV_CODEC_ID_VP8)
		return true;
	if (par->extradata_size < RECORD_BYTES)
		return false;
	chroma = record[2] >> 1 & 7;
	par->profile = record[0];
	par->level = record[1];
	par->format = format_of(record[2] >> 4, chroma);
	par->chroma_location = chroma == CHROMA_420 ? AVCHROMA_LOC_LEFT : AVCHROMA_LOC_TOPLEFT;
	par->color_range = record[2] & 1 ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
	par->color_primaries = (enum AVColorPrimaries)record[3];
	par->color_trc = (enum AVColorTransferCharacteristic)record[4];
	par->color_space = (enum AVColorSpace)record[5];
	return par->format != AV_PIX_FMT_NONE;
}
