/* SPDX-License-Identifier: MIT */
#include "stream/flv/codec.h"

#include <stddef.h>
#include <stdio.h>

#define FOURCC(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
#define NO_NUMBER          0xff

static const struct {
	uint32_t fourcc;
	uint8_t number;
	bool composed;
	bool configured;
	bool ours; /* no peer knows the name */
} codecs[CME_CODEC_OTHER + 1] = {
	[CME_CODEC_H264] = { FOURCC('a', 'v', 'c', '1'), 7, true, true },
	[CME_CODEC_HEVC] = { FOURCC('h', 'v', 'c', '1'), 12, true, true },
	[CME_CODEC_AV1] = { FOURCC('a', 'v', '0', '1'), NO_NUMBER, false, true },
	[CME_CODEC_VP9] = { FOURCC('v', 'p', '0', '9'), NO_NUMBER, false, true },
	[CME_CODEC_VP8] = { FOURCC('v', 'p', '0', '8'), NO_NUMBER, false, true },
	[CME_CODEC_AAC] = { FOURCC('m', 'p', '4', 'a'), 10, false, true },
	[CME_CODEC_MP3] = { FOURCC('.', 'm', 'p', '3'), 2, false, false },
	[CME_CODEC_OPUS] = { FOURCC('O', 'p', 'u', 's'), NO_NUMBER, false, true },
	[CME_CODEC_FLAC] = { FOURCC('f', 'L', 'a', 'C'), NO_NUMBER, false, true },
	[CME_CODEC_AC3] = { FOURCC('a', 'c', '-', '3'), NO_NUMBER, false, false },
	[CME_CODEC_EAC3] = { FOURCC('e', 'c', '-', '3'), NO_NUMBER, false, false },
	[CME_CODEC_MPEG1] = { FOURCC('m', 'p', '1', 'v'), NO_NUMBER, true, true, true },
	[CME_CODEC_MPEG2] = { FOURCC('m', 'p', '2', 'v'), NO_NUMBER, true, true, true },
	[CME_CODEC_MPEG4] = { FOURCC('m', 'p', '4', 'v'), NO_NUMBER, true, true, true },
	[CME_CODEC_MP2] = { FOURCC('.', 'm', 'p', '2'), NO_NUMBER, false, false, true },
	[CME_CODEC_LATM] = { FOURCC('l', 'a', 't', 'm'), NO_NUMBER, false, true, true },
	[CME_CODEC_DTS] = { FOURCC('d', 't', 's', 'c'), NO_NUMBER, false, false, true },
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

enum cme_codec cme_flv_codec_find(struct cme_flv_id id)
{
	if (!id.video && !id.enhanced && id.number == MP3_8K)
		return CME_CODEC_MP3;
	if (!id.enhanced && id.number == NO_NUMBER)
		return CME_CODEC_NONE;
	for (int i = CME_CODEC_NONE + 1; i < CME_CODEC_COUNT; i++)
		if (cme_codec_video((enum cme_codec)i) == id.video &&
		    id.number == (id.enhanced ? codecs[i].fourcc : codecs[i].number))
			return (enum cme_codec)i;
	return CME_CODEC_NONE;
}

uint32_t cme_flv_codec_fourcc(enum cme_codec codec)
{
	return codecs[codec].fourcc;
}

unsigned cme_flv_codec_number(enum cme_codec codec)
{
	return codecs[codec].number == NO_NUMBER ? 0 : codecs[codec].number;
}

bool cme_flv_codec_composed(enum cme_codec codec)
{
	return codecs[codec].composed;
}

bool cme_flv_codec_configured(enum cme_codec codec)
{
	return codecs[codec].configured;
}

bool cme_flv_codec_ours(enum cme_codec codec)
{
	return codecs[codec].ours;
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
