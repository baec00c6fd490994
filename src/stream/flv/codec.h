/* SPDX-License-Identifier: MIT
 *
 * The codecs of FLV and RTMP, and the two ways in which a tag names one: the number of the old format ("Video
 * File Format Specification 10.1", annex E.4; 12 for HEVC is what Chinese encoders and CDNs send), and the
 * four characters of Enhanced RTMP v1 and v2. Pure; any thread.
 */
#ifndef CME_STREAM_FLV_CODEC_H
#define CME_STREAM_FLV_CODEC_H

#include <stdbool.h>
#include <stdint.h>

#include "stream/codec.h"

#define CME_FLV_NAME_MAX 48

/* How a tag names its codec. */
struct cme_flv_id {
	bool video;
	bool enhanced;   /* by four characters, else by a number */
	uint32_t number; /* the number, or the characters as a big-endian integer */
};

/* CME_CODEC_NONE: one that is not read here. */
enum cme_codec cme_flv_codec_find(struct cme_flv_id id);

/* The four characters as a big-endian integer; 0: FLV does not carry it. */
uint32_t cme_flv_codec_fourcc(enum cme_codec codec);

/* The number of the old format; 0: it has none. */
unsigned cme_flv_codec_number(enum cme_codec codec);

/* Its frames have a composition time before them. */
bool cme_flv_codec_composed(enum cme_codec codec);

/* It has a configuration record, which its stream begins with. */
bool cme_flv_codec_configured(enum cme_codec codec);

/* No specification has a name for it: between processes of ours alone, for which all that MPEG-TS carries has
 * one. */
bool cme_flv_codec_ours(enum cme_codec codec);

/* What people call it: "HEVC as Enhanced RTMP", "FLV codec id 14". Names those that are not read, too. */
void cme_flv_codec_name(struct cme_flv_id id, char out[CME_FLV_NAME_MAX]);

#endif
