/* SPDX-License-Identifier: MIT
 *
 * The bodies of RTMP's audio and video messages, which are FLV tag bodies: the old format ("Adobe Flash Video
 * File Format Specification" 10.1, annex E.4) where it has a number for the codec, Enhanced RTMP v2
 * ("Enhanced Audio", "Enhanced Video") for the others. H.264 and HEVC payloads have length prefixes, their
 * extradata are the avcC/hvcC record; AAC is raw, its extradata the AudioSpecificConfig. body.h reads what
 * this writes.
 *
 * A body is the prefix and the payload behind it, so that a payload is never copied. Pure; any thread.
 */
#ifndef CME_STREAM_FLV_WRITE_H
#define CME_STREAM_FLV_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/err.h"
#include "stream/flv/codec.h"
#include "stream/media.h"

#define CME_FLV_PREFIX_MAX 21 /* bytes before the payload */

/* How a peer wants its codecs named. */
enum cme_flv_dialect {
	CME_FLV_DEFAULT, /* by the old format's number where there is one, else by four characters */
	CME_FLV_ID12,    /* the same, but HEVC as the codec id 12 of Chinese CDNs */
	CME_FLV_FOURCC,  /* by four characters, always: nanoseconds and notes need it */
};

struct cme_flv_stream {
	enum cme_codec codec;
	enum cme_flv_dialect dialect;
	const uint8_t *extradata; /* not owned */
	size_t extradata_len;
	const uint8_t *note; /* what is said of the stream beside its configuration (media.h); not owned */
	size_t note_len;
	int bit_rate;      /* bits per second; 0: unknown, as for all below */
	int width, height; /* of pictures */
	double fps;
	int sample_rate; /* of sound */
	int channels;
};

struct cme_flv_frame {
	bool keyframe;
	int32_t composition_ms; /* PTS - DTS of a picture */
	uint32_t nanoseconds; /* that it is later than its milliseconds say; where named by four characters */
	/* of PTS - DTS, beside its milliseconds; where our own process reads it */
	uint32_t composition_nanoseconds;
	bool damaged; /* part of it may be missing; the same */
};

/* What a media has of a kind, CME_VIDEO or CME_AUDIO; codec CME_CODEC_NONE: nothing, or nothing for FLV. */
struct cme_flv_stream cme_flv_stream(const struct cme_media *media, int kind, enum cme_flv_dialect dialect);

/* 0, or -1 with err (media.unsupported): FLV has no form for one of the streams, or it is not in that form.
 */
int cme_flv_check(const struct cme_media *media, struct cme_err *err);

/* Bodies name the codec by four characters. */
bool cme_flv_enhanced(const struct cme_flv_stream *stream);

/* Appends the sequence header's body. Nothing for a stream that has none. */
void cme_flv_put_header(struct cme_buf *out, const struct cme_flv_stream *stream);

/* Appends the body of the note: a picture's colours, or which speaker is for which channel. Nothing without
 * a note, and where the codec is not named by four characters. */
void cme_flv_put_note(struct cme_buf *out, const struct cme_flv_stream *stream);

/* Writes what stands before a payload. Returns its size; 0: no such codec. */
size_t cme_flv_prefix(uint8_t out[CME_FLV_PREFIX_MAX], const struct cme_flv_stream *stream,
		      struct cme_flv_frame frame);

/* The number by which onMetaData names a codec. */
uint32_t cme_flv_metadata_number(const struct cme_flv_stream *stream);

#endif
