/* SPDX-License-Identifier: MIT
 *
 * What one input carries: codec parameters of its picture and its sound. Reference-counted and never
 * changed once made; a source that changes its sequence headers gets a new one. Every packet points to
 * the media it belongs to, so an output sees a change exactly at the packet that brings it.
 * Any thread may hold references. H.264 and HEVC are always in avcC and hvcC form here, AAC
 * always raw with its config.
 *
 * A note is what Enhanced RTMP says of a stream beside its configuration: the picture's colours ("colorInfo",
 * AMF0), or which speaker is for which channel of the sound. It is passed on as it came.
 */
#ifndef CME_STREAM_MEDIA_H
#define CME_STREAM_MEDIA_H

#include <stdatomic.h>
#include <stdbool.h>

#include "common/err.h"
#include "stream/params.h"
#include "stream/timeline.h" /* CME_VIDEO, CME_AUDIO */

#define CME_NOTE_MAX 4096 /* bytes of a note */

struct cme_note {
	uint8_t *data;
	size_t len; /* 0: there is none */
};

struct cme_media {
	_Atomic int refs;
	struct cme_params *par[CME_STREAMS]; /* NULL: the source has no such stream */
	int width, height;                   /* 0 while unknown */
	int64_t frame_us;                    /* length of a sound frame; 0: not known */
	struct cme_note note[CME_STREAMS];
};

/* Copies what is given (either may be NULL). What the extradata of pictures and of AAC say of size, rate and
 * channels goes before what par says. NULL: no memory. */
struct cme_media *cme_media_new(const struct cme_params *video, const struct cme_params *audio);
struct cme_media *cme_media_ref(struct cme_media *media);
void cme_media_unref(struct cme_media *media);

/* A copy with other extradata for one stream. */
struct cme_media *cme_media_with_extradata(const struct cme_media *media, int stream, const uint8_t *data,
					   size_t len);

/* Puts a note into a media that nobody else knows of yet. 0, or -1: no memory, or too long. */
int cme_media_put_note(struct cme_media *media, int stream, const uint8_t *data, size_t len);

/* A copy with another note for one stream. */
struct cme_media *cme_media_with_note(const struct cme_media *media, int stream, const uint8_t *data,
				      size_t len);

/* Two media say the same of a stream: codec, configuration and note. */
bool cme_media_same(const struct cme_media *a, const struct cme_media *b, int stream);

/* A connection opened for `opened` can carry `next`: no stream more, and the same codecs. */
bool cme_media_fits(const struct cme_media *opened, const struct cme_media *next);

/* A decoder set up for one can go on with the other: the same codecs and configurations, whoever wrote them
 * down. */
bool cme_media_alike(const struct cme_media *a, const struct cme_media *b);

/* Whether a container, by libavformat's name ("flv", "mpegts"), has a form for every codec, so that a
 * destination need not be asked to find out. 0, or -1 with code media.unsupported naming the codec. */
int cme_media_check(const struct cme_media *media, const char *container, struct cme_err *err);

/* What people are told of a media. */
struct cme_media_facts {
	const char *video; /* as cme_params_name; NULL: there is no picture */
	int width, height; /* 0: not known */
	const char *audio; /* "aac"; NULL: there is no sound */
	int sample_rate;
	int channels;
	int profile; /* of the picture: profile_idc of H.264, general_profile_idc of HEVC; 0: not known */
};

void cme_media_describe(const struct cme_media *media, struct cme_media_facts *facts);

/* "h264 1280x720 + aac 44100" for messages. */
void cme_media_text(const struct cme_media *media, char *out, size_t size);

#endif
