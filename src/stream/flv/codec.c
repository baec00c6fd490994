/* SPDX-License-Identifier: MIT */
#include "stream/flv/codec.h"

#include <stddef.h>
#include <stdio.h>

#define FOURCC(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
#define NO_NUMBER          0xff

static const struct {
	uint32_t fourcc;
	enum AVCodecID id;
	uint8_t number;
	bool video;
	bool composed;
	bool configured;
	bool headed;
	bool ours; /* no peer knows the name */
} codecs[CME_FLV_CODECS] = {
	[CME_FLV_H264] = { FOURCC('a', 'v', 'c', '1'), AV_CODEC_ID_H264, 7, true, true, true, true },
	[CME_FLV_HEVC] = { FOURCC('h', 'v', 'c', '1'), AV_CODEC_ID_HEVC, 12, true, true, true, true },
	[CME_FLV_AV1] = { FOURCC('a', 'v', '0', '1'), AV_CODEC_ID_AV1, NO_NUMBER, true, false, true, true },
	[CME_FLV_VP9] = { FOURCC('v', 'p', '0', '9'), AV_CODEC_ID_VP9, NO_NUMBER, true, false, true, false },
	[CME_FLV_VP8] = { FOURCC('v', 'p', '0', '8'), AV_CODEC_ID_VP8, NO_NUMBER, true, false, true, false },
	[CME_FLV_AAC] = { FOURCC('m', 'p', '4', 'a'), AV_CODEC_ID_AAC, 10, false, false, true, true },
	[CME_FLV_MP3] = { FOURCC('.', 'm', 'p', '3'), AV_CODEC_ID_MP3, 2, false, false, false, false },
	[CME_FLV_OPUS] = { FOURCC('O', 'p', 'u', 's'), AV_CODEC_ID_OPUS, NO_NUMBER, false, false, true,
			   true },
	[CME_FLV_FLAC] = { FOURCC('f', 'L', 'a', 'C'), AV_CODEC_ID_FLAC, NO_NUMBER, false, false, true,
			   true },
	[CME_FLV_AC3] = { FOURCC('a', 'c', '-', '3'), AV_CODEC_ID_AC3, NO_NUMBER, false, false, false,
			  false },
	[CME_FLV_EAC3] = { FOURCC('e', 'c', '-', '3'), AV_CODEC_ID_EAC3, NO_NUMBER, false, false, false,
			   false },
	[CME_FLV_MPEG1] = { FOURCC('m', 'p', '1', 'v'), AV_CODEC_ID_MPEG1VIDEO, NO_NUMBER, true, true, true,
			    false, true },
	[CME_FLV_MPEG2] = { FOURCC('m', 'p', '2', 'v'), AV_CODEC_ID_MPEG2VIDEO, NO_NUMBER, true, true, true,
			    false, true },
	[CME_FLV_MPEG4] = { FOURCC('m', 'p', '4', 'v'), AV_CODEC_ID_MPEG4, NO_NUMBER, true, true, true, false,
			    true },
	[CME_FLV_MP2] = { FOURCC('.', 'm', 'p', '2'), AV_CODEC_ID_MP2, NO_NUMBER, false, false, false, false,
			  true },
	[CME_FLV_LATM] = { FOURCC('l', 'a', 't', 'm'), AV_CODEC_ID_AAC_LATM, NO_NUMBER, false, false, true,
			   false, true },
	[CME_FLV_DTS] = { FOURCC('d', 't', 's', 'c'), AV_CODEC_ID_DTS, NO_NUMBER, false, false, false, false,
			  true },
};

#define MP3_8K 14 /* a second number of MP3 */

struct name {
	uint32_t number;
	const char *name;
};

static const struct name pictures[] = {
	{ 1, "JPEG" },
	{ 2, "Sorenson H.263" },
	{ 3, "screen video" },
	{ 4, "VP6" },
	{ 5, "VP6 with alpha" },
	{ 6, "screen video 2" },
	{ 8, "H.263" },
	{ 9, "MPEG-4 part 2" },
	{ 12, "HEVC as FLV codec id 12" },
	{ 13, "AV1 as FLV codec id 13" },
};
static const struct name sounds[] = {
	{ 0, "PCM" },        { 1, "ADPCM" },
	{ 3, "PCM" },        { 4, "Nellymoser" },
	{ 5, "Nellymoser" }, { 6, "Nellymoser" },
	{ 7, "G.711" },      { 8, "G.711" },
	{ 11, "Speex" },     { 13, "Opus as FLV format 13" },
};
static const struct name fourccs[] = {
	{ 0x68766331, "HEVC" },   { 0x61763031, "AV1" },         { 0x76703039, "VP9" },
	{ 0x76703038, "VP8" },    { 0x61766331, "H.264" },       { 0x4f707573, "Opus" },
	{ 0x664c6143, "FLAC" },   { 0x61632d33, "AC-3" },        { 0x65632d33, "E-AC-3" },
	{ 0x6d703461, "AAC" },    { 0x2e6d7033, "MP3" },         { 0x76766331, "VVC" },
	{ 0x6d703176, "MPEG-1" }, { 0x6d703276, "MPEG-2" },      { 0x6d703476, "MPEG-4 part 2" },
	{ 0x2e6d7032, "MP2" },    { 0x6c61746d, "AAC in LATM" }, { 0x64747363, "DTS" },
};

#define FIND(table, number) find(table, sizeof(table) / sizeof(table)[0], number)

static const char *find(const struct name *table, size_t count, uint32_t number)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].number == number)
			return table[i].name;
	return NULL;
}

enum cme_flv_codec cme_flv_codec_find(struct cme_flv_id id)
{
	if (!id.video && !id.enhanced && id.number == MP3_8K)
		return CME_FLV_MP3;
	if (!id.enhanced && id.number == NO_NUMBER)
		return CME_FLV_NONE;
	for (int i = CME_FLV_NONE + 1; i < CME_FLV_CODECS; i++)
		if (codecs[i].video == id.video &&
		    id.number == (id.enhanced ? codecs[i].fourcc : codecs[i].number))
			return (enum cme_flv_codec)i;
	return CME_FLV_NONE;
}

uint32_t cme_flv_codec_fourcc(enum cme_flv_codec codec)
{
	return codecs[codec].fourcc;
}

unsigned cme_flv_codec_number(enum cme_flv_codec codec)
{
	return codecs[codec].number == NO_NUMBER ? 0 : codecs[codec].number;
}

enum AVCodecID cme_flv_codec_av(enum cme_flv_codec codec)
{
	return codecs[codec].id;
}

enum cme_flv_codec cme_flv_codec_from_av(enum AVCodecID id)
{
	for (int i = CME_FLV_NONE + 1; i < CME_FLV_CODECS; i++)
		if (codecs[i].id == id)
			return (enum cme_flv_codec)i;
	return CME_FLV_NONE;
}

bool cme_flv_codec_video(enum cme_flv_codec codec)
{
	return codecs[codec].video;
}

bool cme_flv_codec_composed(enum cme_flv_codec codec)
{
	return codecs[codec].composed;
}

bool cme_flv_codec_configured(enum cme_flv_codec codec)
{
	return codecs[codec].configured;
}

bool cme_flv_codec_ours(enum cme_flv_codec codec)
{
	return codecs[codec].ours;
}

bool cme_flv_codec_headed(enum cme_flv_codec codec)
{
	return codecs[codec].headed;
}

void cme_flv_codec_name(struct cme_flv_id id, char out[CME_FLV_NAME_MAX])
{
	const char *name = id.enhanced ? FIND(fourccs, id.number)
			   : id.video  ? FIND(pictures, id.number)
				       : FIND(sounds, id.number);

	if (id.enhanced)
		snprintf(out, CME_FLV_NAME_MAX, "%s as Enhanced RTMP", name ? name : "a codec");
	else if (name)
		snprintf(out, CME_FLV_NAME_MAX, "%s", name);
	else
		snprintf(out, CME_FLV_NAME_MAX, "FLV %s %u", id.video ? "codec id" : "sound format",
			 (unsigned)id.number);
}
