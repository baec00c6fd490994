/* SPDX-License-Identifier: MIT
 *
 * The bodies of RTMP's audio and video messages, which are FLV tag bodies ("Adobe Flash Video File
 * Format Specification" 10.1, annex E.4; "Enhanced RTMP" v1 for HEVC). H.264 and HEVC payloads have
 * length prefixes, their extradata are the avcC/hvcC record; AAC is raw, its extradata the
 * AudioSpecificConfig; MP3 has none. body.h reads them. Pure; any thread.
 */
#ifndef CME_STREAM_FLV_WRITE_H
#define CME_STREAM_FLV_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "stream/flv/codec.h"

#define CME_FLV_PREFIX_MAX 8 /* bytes before the payload */

struct cme_flv_stream {
	enum cme_flv_codec codec;
	const uint8_t *extradata; /* not owned */
	size_t extradata_len;
	int bit_rate;      /* bits per second; 0: unknown, as for all below */
	int width, height; /* of pictures */
	double fps;
	int sample_rate; /* of sound */
	int channels;
};

/* Appends the sequence header's body. Nothing for MP3 and for a stream without extradata: they have none. */
void cme_flv_put_header(struct cme_buf *out, const struct cme_flv_stream *stream);

/* Writes what stands before a payload: a picture's composition time is PTS - DTS in milliseconds.
 * Returns its size; 0: no such codec. */
size_t cme_flv_prefix(uint8_t out[CME_FLV_PREFIX_MAX], const struct cme_flv_stream *stream, bool keyframe,
		      int32_t composition_ms);

/* The number by which onMetaData names a codec. */
int cme_flv_codec_number(enum cme_flv_codec codec);

#endif
