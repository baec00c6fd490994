/* SPDX-License-Identifier: MIT */
#include "stream/media.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "stream/codec/aac.h"
#include "stream/codec/picture.h"
#include "stream/flv/codec.h"
#include "stream/nal/sets.h"

#define MP3_SAMPLES  1152 /* of a frame; half of it below 32 kHz */
#define MP3_LOW_RATE 32000
#define UNITS_MAX    65536

/* What peers read, which is less than what libavformat can be talked into writing. */
static const enum cme_codec mpegts_codecs[] = {
	CME_CODEC_H264, CME_CODEC_HEVC, CME_CODEC_MPEG1, CME_CODEC_MPEG2, CME_CODEC_MPEG4,
	CME_CODEC_AAC,  CME_CODEC_LATM, CME_CODEC_MP2,   CME_CODEC_MP3,   CME_CODEC_AC3,
	CME_CODEC_EAC3, CME_CODEC_DTS,  CME_CODEC_OPUS,  CME_CODEC_NONE,
};

static bool in_flv(enum cme_codec id)
{
	return cme_flv_codec_fourcc(id) && !cme_flv_codec_ours(id);
}

static const enum cme_codec mp4_codecs[] = {
	CME_CODEC_H264,  CME_CODEC_HEVC,  CME_CODEC_AV1,  CME_CODEC_VP9, CME_CODEC_VP8,  CME_CODEC_MPEG1,
	CME_CODEC_MPEG2, CME_CODEC_MPEG4, CME_CODEC_AAC,  CME_CODEC_MP2, CME_CODEC_MP3,  CME_CODEC_OPUS,
	CME_CODEC_FLAC,  CME_CODEC_AC3,   CME_CODEC_EAC3, CME_CODEC_DTS, CME_CODEC_NONE,
};

static bool listed(const enum cme_codec *codec, enum cme_codec id)
{
	while (*codec != CME_CODEC_NONE && *codec != id)
		codec++;
	return *codec != CME_CODEC_NONE;
}

static bool in_mp4(enum cme_codec id)
{
	return listed(mp4_codecs, id);
}

static bool in_mpegts(enum cme_codec id)
{
	return listed(mpegts_codecs, id);
}

static const struct {
	const char *name;  /* libavformat's */
	const char *label; /* what people call it */
	bool (*carries)(enum cme_codec id);
} containers[] = { { "flv", "RTMP", in_flv }, { "mpegts", "MPEG-TS", in_mpegts }, { "mp4", "MP4", in_mp4 } };

static int copy_parameters(struct cme_params **to, const struct cme_params *from)
{
	if (!from)
		return 0;
	*to = cme_params_copy(from);
	return *to ? 0 : -1;
}

static void find_size(struct cme_media *media)
{
	struct cme_params *par = media->par[CME_VIDEO];

	if (!par)
		return;
	if (par->extradata_len > 0)
		cme_picture_read_config(par->codec, par->extradata, par->extradata_len, &par->width,
					&par->height);
	media->width = par->width;
	media->height = par->height;
}

static int64_t frame_us(int samples, int sample_rate)
{
	return sample_rate > 0 ? samples * CME_SECOND_US / sample_rate : 0;
}

static void find_aac(struct cme_media *media, struct cme_params *par)
{
	struct cme_aac aac;

	if (!cme_aac_read_config(par->extradata, par->extradata_len, &aac))
		return;
	media->frame_us = frame_us(aac.samples, aac.sample_rate);
	par->sample_rate = aac.output_rate;
	if (aac.channels > 0)
		par->channels = aac.channels;
}

static void find_sound(struct cme_media *media)
{
	struct cme_params *par = media->par[CME_AUDIO];

	if (!par)
		return;
	media->frame_us = frame_us(par->frame_size, par->sample_rate);
	if (par->codec == CME_CODEC_MP3)
		media->frame_us = frame_us(par->sample_rate < MP3_LOW_RATE ? MP3_SAMPLES / 2 : MP3_SAMPLES,
					   par->sample_rate);
	if (par->codec == CME_CODEC_AAC && par->extradata_len > 0)
		find_aac(media, par);
}

struct cme_media *cme_media_new(const struct cme_params *video, const struct cme_params *audio)
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
		cme_params_free(&media->par[i]);
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
	struct cme_params *par = copy ? copy->par[stream] : NULL;

	if (!par || cme_params_configure(par, data, len) != 0) {
		cme_media_unref(copy);
		return NULL;
	}
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
	const struct cme_params *x = a->par[stream], *y = b->par[stream];

	if (!x || !y)
		return x == y;
	return x->codec == y->codec &&
	       same_bytes(x->extradata, x->extradata_len, y->extradata, y->extradata_len) &&
	       same_bytes(a->note[stream].data, a->note[stream].len, b->note[stream].data,
			  b->note[stream].len);
}

bool cme_media_fits(const struct cme_media *opened, const struct cme_media *next)
{
	for (int i = 0; i < CME_STREAMS; i++) {
		if (!next->par[i])
			continue;
		if (!opened->par[i] || opened->par[i]->codec != next->par[i]->codec)
			return false;
	}
	return true;
}

/* The sets of their records, and the size of the lengths that go with them. */
static bool same_sets(const struct cme_params *a, const struct cme_params *b)
{
	const struct cme_sets_kind *kind = cme_sets_kind(a->codec);
	struct cme_buf of_a, of_b;
	bool same;

	cme_buf_init(&of_a, UNITS_MAX);
	cme_buf_init(&of_b, UNITS_MAX);
	same = cme_sets_units(kind, a->extradata, a->extradata_len, &of_a) == 0 &&
	       cme_sets_units(kind, b->extradata, b->extradata_len, &of_b) == 0 && of_a.len > 0 &&
	       of_a.len == of_b.len && memcmp(of_a.data, of_b.data, of_a.len) == 0;
	cme_buf_fini(&of_a);
	cme_buf_fini(&of_b);
	return same;
}

/* An encoder may say of SBR that there is none; ADTS cannot. */
static bool same_aac(const struct cme_params *a, const struct cme_params *b)
{
	struct cme_aac of_a, of_b;

	return cme_aac_read_config(a->extradata, a->extradata_len, &of_a) &&
	       cme_aac_read_config(b->extradata, b->extradata_len, &of_b) &&
	       memcmp(&of_a, &of_b, sizeof of_a) == 0 && a->extradata[0] >> 3 == b->extradata[0] >> 3;
}

static bool alike(const struct cme_media *a, const struct cme_media *b, int stream)
{
	const struct cme_params *x = a->par[stream], *y = b->par[stream];

	if (cme_media_same(a, b, stream))
		return true;
	if (!x || !y || x->codec != y->codec)
		return false;
	if (cme_sets_kind(x->codec))
		return same_sets(x, y);
	return x->codec == CME_CODEC_AAC && same_aac(x, y);
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
		if (media->par[i] && !containers[c].carries(media->par[i]->codec))
			return cme_err_set(err, "media.unsupported", "%s does not carry %s",
					   containers[c].label, cme_params_name(media->par[i]));
	return 0;
}

/* The second byte of avcC and hvcC has it (ISO/IEC 14496-15 5.3.3.1, 8.3.3.1). */
static int profile_of(const struct cme_params *par)
{
	if (par->extradata_len < 2)
		return 0;
	if (par->codec == CME_CODEC_H264)
		return par->extradata[1];
	return par->codec == CME_CODEC_HEVC ? par->extradata[1] & 0x1f : 0;
}

void cme_media_describe(const struct cme_media *media, struct cme_media_facts *facts)
{
	const struct cme_params *video = media->par[CME_VIDEO], *audio = media->par[CME_AUDIO];

	*facts = (struct cme_media_facts){ .width = media->width, .height = media->height };
	if (video) {
		facts->video = cme_params_name(video);
		facts->profile = profile_of(video);
	}
	if (!audio)
		return;
	facts->audio = cme_params_name(audio);
	facts->sample_rate = audio->sample_rate;
	facts->channels = audio->channels;
}

void cme_media_text(const struct cme_media *media, char *out, size_t size)
{
	const struct cme_params *video = media->par[CME_VIDEO], *audio = media->par[CME_AUDIO];
	int len = 0;

	out[0] = '\0';
	if (video)
		len = snprintf(out, size, "%s %dx%d", cme_params_name(video), media->width, media->height);
	if (audio && (size_t)len < size)
		snprintf(out + len, size - (size_t)len, "%s%s %d", video ? " + " : "", cme_params_name(audio),
			 audio->sample_rate);
}
