/* SPDX-License-Identifier: MIT */
#include "stream/media.h"

#include <libavcodec/avcodec.h>
#include <libavutil/channel_layout.h>
#include <libavutil/mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "stream/aac.h"
#include "stream/flv/codec.h"
#include "stream/nal/sets.h"
#include "stream/picture.h"

#define MP3_SAMPLES  1152 /* of a frame; half of it below 32 kHz */
#define MP3_LOW_RATE 32000
#define UNITS_MAX    65536

/* What peers read, which is less than what libavformat can be talked into writing. */
static const enum AVCodecID mpegts_codecs[] = {
	AV_CODEC_ID_H264,  AV_CODEC_ID_HEVC, AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO,
	AV_CODEC_ID_MPEG4, AV_CODEC_ID_AAC,  AV_CODEC_ID_AAC_LATM,   AV_CODEC_ID_MP2,
	AV_CODEC_ID_MP3,   AV_CODEC_ID_AC3,  AV_CODEC_ID_EAC3,       AV_CODEC_ID_DTS,
	AV_CODEC_ID_OPUS,  AV_CODEC_ID_NONE,
};

static bool in_flv(enum AVCodecID id)
{
	enum cme_flv_codec codec = cme_flv_codec_from_av(id);

	return codec != CME_FLV_NONE && !cme_flv_codec_ours(codec);
}

static const enum AVCodecID mp4_codecs[] = {
	AV_CODEC_ID_H264,       AV_CODEC_ID_HEVC,       AV_CODEC_ID_AV1,   AV_CODEC_ID_VP9, AV_CODEC_ID_VP8,
	AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG4, AV_CODEC_ID_AAC, AV_CODEC_ID_MP2,
	AV_CODEC_ID_MP3,        AV_CODEC_ID_OPUS,       AV_CODEC_ID_FLAC,  AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3,
	AV_CODEC_ID_DTS,        AV_CODEC_ID_NONE,
};

static bool listed(const enum AVCodecID *codec, enum AVCodecID id)
{
	while (*codec != AV_CODEC_ID_NONE && *codec != id)
		codec++;
	return *codec != AV_CODEC_ID_NONE;
}

static bool in_mp4(enum AVCodecID id)
{
	return listed(mp4_codecs, id);
}

static bool in_mpegts(enum AVCodecID id)
{
	return listed(mpegts_codecs, id);
}

static const struct {
	const char *name;  /* libavformat's */
	const char *label; /* what people call it */
	bool (*carries)(enum AVCodecID id);
} containers[] = { { "flv", "RTMP", in_flv }, { "mpegts", "MPEG-TS", in_mpegts }, { "mp4", "MP4", in_mp4 } };

static int copy_parameters(AVCodecParameters **to, const AVCodecParameters *from)
{
	if (!from)
		return 0;
	*to = avcodec_parameters_alloc();
	if (!*to || avcodec_parameters_copy(*to, from) < 0)
		return -1;
	(*to)->codec_tag = 0; /* the muxer chooses its own */
	return 0;
}

static void find_size(struct cme_media *media)
{
	AVCodecParameters *par = media->par[CME_VIDEO];

	if (!par)
		return;
	if (par->extradata_size > 0)
		cme_picture_read_config(par->codec_id, par->extradata, (size_t)par->extradata_size,
					&par->width, &par->height);
	media->width = par->width;
	media->height = par->height;
}

static int64_t frame_us(int samples, int sample_rate)
{
	return sample_rate > 0 ? samples * CME_SECOND_US / sample_rate : 0;
}

static void find_aac(struct cme_media *media, AVCodecParameters *par)
{
	struct cme_aac aac;

	if (!cme_aac_read_config(par->extradata, (size_t)par->extradata_size, &aac))
		return;
	media->frame_us = frame_us(aac.samples, aac.sample_rate);
	par->sample_rate = aac.output_rate;
	if (aac.channels == 0 || aac.channels == par->ch_layout.nb_channels)
		return;
	av_channel_layout_uninit(&par->ch_layout);
	av_channel_layout_default(&par->ch_layout, aac.channels);
}

static void find_sound(struct cme_media *media)
{
	AVCodecParameters *par = media->par[CME_AUDIO];

	if (!par)
		return;
	media->frame_us = frame_us(par->frame_size, par->sample_rate);
	if (par->codec_id == AV_CODEC_ID_MP3)
		media->frame_us = frame_us(par->sample_rate < MP3_LOW_RATE ? MP3_SAMPLES / 2 : MP3_SAMPLES,
					   par->sample_rate);
	if (par->codec_id == AV_CODEC_ID_AAC && par->extradata_size > 0)
		find_aac(media, par);
}

struct cme_media *cme_media_new(const AVCodecParameters *video, const AVCodecParameters *audio)
{
	struct cme_media *media = calloc(1, sizeof *media);

	if (!media)
		return NULL;
	atomic_init(&media->refs, 1);
	if (copy_parameters(&media->par[CME_VIDEO], video) != 0 ||
	    copy_parameters(&media->par[CME_AUDIO], audio) != 0) {
		cme_media_unref(media);
		return NULL;
	}
	find_size(media);
	find_sound(media);
	return media;
}

struct cme_media *cme_media_ref(struct cme_media *media)
{
	atomic_fetch_add(&media->refs, 1);
	return media;
}

void cme_media_unref(struct cme_media *media)
{
	if (!media || atomic_fetch_sub(&media->refs, 1) != 1)
		return;
	for (int i = 0; i < CME_STREAMS; i++)
		avcodec_parameters_free(&media->par[i]);
	for (int i = 0; i < CME_STREAMS; i++)
		free(media->note[i].data);
	free(media);
}

int cme_media_put_note(struct cme_media *media, int stream, const uint8_t *data, size_t len)
{
	struct cme_note *note = &media->note[stream];
	uint8_t *copy = len <= CME_NOTE_MAX ? malloc(len + !len) : NULL;

	if (!copy)
		return -1;
	if (len)
		memcpy(copy, data, len);
	free(note->data);
	*note = (struct cme_note){ copy, len };
	return 0;
}

/* NULL: no memory. */
static struct cme_media *copy_media(const struct cme_media *media)
{
	struct cme_media *copy = cme_media_new(media->par[CME_VIDEO], media->par[CME_AUDIO]);

	for (int i = 0; copy && i < CME_STREAMS; i++) {
		if (media->note[i].len == 0 ||
		    cme_media_put_note(copy, i, media->note[i].data, media->note[i].len) == 0)
			continue;
		cme_media_unref(copy);
		copy = NULL;
	}
	return copy;
}

struct cme_media *cme_media_with_note(const struct cme_media *media, int stream, const uint8_t *data,
				      size_t len)
{
	struct cme_media *copy = copy_media(media);

	if (!copy || cme_media_put_note(copy, stream, data, len) == 0)
		return copy;
	cme_media_unref(copy);
	return NULL;
}

struct cme_media *cme_media_with_extradata(const struct cme_media *media, int stream, const uint8_t *data,
					   size_t len)
{
	struct cme_media *copy = copy_media(media);
	AVCodecParameters *par = copy ? copy->par[stream] : NULL;
	uint8_t *extradata = par ? av_mallocz(len + AV_INPUT_BUFFER_PADDING_SIZE) : NULL;

	if (!extradata) {
		cme_media_unref(copy);
		return NULL;
	}
	memcpy(extradata, data, len);
	av_freep(&par->extradata);
	par->extradata = extradata;
	par->extradata_size = (int)len;
	find_size(copy);
	find_sound(copy);
	return copy;
}

static bool same_bytes(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

bool cme_media_same(const struct cme_media *a, const struct cme_media *b, int stream)
{
	const AVCodecParameters *x = a->par[stream], *y = b->par[stream];

	if (!x || !y)
		return x == y;
	return x->codec_id == y->codec_id &&
	       same_bytes(x->extradata, (size_t)x->extradata_size, y->extradata, (size_t)y->extradata_size) &&
	       same_bytes(a->note[stream].data, a->note[stream].len, b->note[stream].data,
			  b->note[stream].len);
}

bool cme_media_fits(const struct cme_media *opened, const struct cme_media *next)
{
	for (int i = 0; i < CME_STREAMS; i++) {
		if (!next->par[i])
			continue;
		if (!opened->par[i] || opened->par[i]->codec_id != next->par[i]->codec_id)
			return false;
	}
	return true;
}

/* The sets of their records, and the size of the lengths that go with them. */
static bool same_sets(const AVCodecParameters *a, const AVCodecParameters *b)
{
	const struct cme_sets_kind *kind = cme_sets_kind(a->codec_id);
	struct cme_buf of_a, of_b;
	bool same;

	cme_buf_init(&of_a, UNITS_MAX);
	cme_buf_init(&of_b, UNITS_MAX);
	same = cme_sets_units(kind, a->extradata, (size_t)a->extradata_size, &of_a) == 0 &&
	       cme_sets_units(kind, b->extradata, (size_t)b->extradata_size, &of_b) == 0 && of_a.len > 0 &&
	       of_a.len == of_b.len && memcmp(of_a.data, of_b.data, of_a.len) == 0;
	cme_buf_fini(&of_a);
	cme_buf_fini(&of_b);
	return same;
}

/* An encoder may say of SBR that there is none; ADTS cannot. */
static bool same_aac(const AVCodecParameters *a, const AVCodecParameters *b)
{
	struct cme_aac of_a, of_b;

	return cme_aac_read_config(a->extradata, (size_t)a->extradata_size, &of_a) &&
	       cme_aac_read_config(b->extradata, (size_t)b->extradata_size, &of_b) &&
	       memcmp(&of_a, &of_b, sizeof of_a) == 0 && a->extradata[0] >> 3 == b->extradata[0] >> 3;
}

static bool alike(const struct cme_media *a, const struct cme_media *b, int stream)
{
	const AVCodecParameters *x = a->par[stream], *y = b->par[stream];

	if (cme_media_same(a, b, stream))
		return true;
	if (!x || !y || x->codec_id != y->codec_id)
		return false;
	if (cme_sets_kind(x->codec_id))
		return same_sets(x, y);
	return x->codec_id == AV_CODEC_ID_AAC && same_aac(x, y);
}

bool cme_media_alike(const struct cme_media *a, const struct cme_media *b)
{
	return a == b || (alike(a, b, CME_VIDEO) && alike(a, b, CME_AUDIO));
}

int cme_media_check(const struct cme_media *media, const char *container, struct cme_err *err)
{
	size_t c = 0;

	while (strcmp(containers[c].name, container) != 0)
		if (++c == sizeof containers / sizeof containers[0])
			return 0; /* one we have no list for: its muxer decides */
	for (int i = 0; i < CME_STREAMS; i++)
		if (media->par[i] && !containers[c].carries(media->par[i]->codec_id))
			return cme_err_set(err, "media.unsupported", "%s does not carry %s",
					   containers[c].label, avcodec_get_name(media->par[i]->codec_id));
	return 0;
}

/* The second byte of avcC and hvcC has it (ISO/IEC 14496-15 5.3.3.1, 8.3.3.1). */
static int profile_of(const AVCodecParameters *par)
{
	if (par->extradata_size < 2)
		return 0;
	if (par->codec_id == AV_CODEC_ID_H264)
		return par->extradata[1];
	return par->codec_id == AV_CODEC_ID_HEVC ? par->extradata[1] & 0x1f : 0;
}

void cme_media_describe(const struct cme_media *media, struct cme_media_facts *facts)
{
	const AVCodecParameters *video = media->par[CME_VIDEO], *audio = media->par[CME_AUDIO];

	*facts = (struct cme_media_facts){ .width = media->width, .height = media->height };
	if (video) {
		facts->video = avcodec_get_name(video->codec_id);
		facts->profile = profile_of(video);
	}
	if (!audio)
		return;
	facts->audio = avcodec_get_name(audio->codec_id);
	facts->sample_rate = audio->sample_rate;
	facts->channels = audio->ch_layout.nb_channels;
}

void cme_media_text(const struct cme_media *media, char *out, size_t size)
{
	const AVCodecParameters *video = media->par[CME_VIDEO], *audio = media->par[CME_AUDIO];
	int len = 0;

	out[0] = '\0';
	if (video)
		len = snprintf(out, size, "%s %dx%d", avcodec_get_name(video->codec_id), media->width,
			       media->height);
	if (audio && (size_t)len < size)
		snprintf(out + len, size - (size_t)len, "%s%s %d", video ? " + " : "",
			 avcodec_get_name(audio->codec_id), audio->sample_rate);
}
