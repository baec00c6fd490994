/* SPDX-License-Identifier: MIT
 *
 * The bodies of RTMP's audio and video messages and of FLV's tags taken apart; write.h writes them. The old
 * format ("Video File Format Specification 10.1", annex E.4) and Enhanced RTMP v1 and v2 ("Enhanced Audio",
 * "Enhanced Video"): ModEx, multitrack, sequence start and end, metadata, multichannel configuration.
 *
 * A body has one unit, or with multitrack one for each track. Nothing is copied: units point into the body.
 * No length that was read is trusted. Pure; any thread.
 */
#ifndef CME_STREAM_FLV_BODY_H
#define CME_STREAM_FLV_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream/flv/codec.h"

enum cme_flv_part {
	CME_FLV_NOTHING,  /* nothing to relay: a command frame, silence, a packet type that is not known */
	CME_FLV_CONFIG,   /* the codec's configuration record */
	CME_FLV_FRAMES,   /* a coded picture, or frames of sound */
	CME_FLV_END,      /* the sequence is over */
	CME_FLV_METADATA, /* AMF0: a name and a value, "colorInfo" alone so far */
	CME_FLV_CHANNELS, /* which speaker is for which channel */
};

struct cme_flv_unit {
	struct cme_flv_id id;
	enum cme_codec codec; /* CME_CODEC_NONE: not read here; its name is cme_flv_codec_name(id) */
	enum cme_flv_part part;
	uint8_t track; /* 0 without multitrack, too */
	bool keyframe;
	int32_t composition_ms; /* PTS - DTS of a picture */
	uint32_t
		nanoseconds; /* that the message's time is later than its milliseconds say; below a million */
	uint32_t composition_nanoseconds; /* of PTS - DTS, beside its milliseconds; below a million */
	bool damaged;                     /* part of it may be missing, as our own process says */
	uint8_t sound;       /* of sound in the old format: its first byte, with rate and channels; else 0 */
	const uint8_t *data; /* in the body */
	size_t len;
};

struct cme_flv_body {
	bool video;
	const uint8_t *data; /* what is left */
	size_t len;
	enum {
		CME_FLV_OPENING,
		CME_FLV_OLD,    /* the old format */
		CME_FLV_SINGLE, /* enhanced, without tracks */
		CME_FLV_ONE,    /* one track, without a size */
		CME_FLV_MANY,   /* tracks of one codec */
		CME_FLV_MIXED,  /* tracks that each name their codec */
		CME_FLV_DONE
	} form;
	uint8_t first;   /* byte of the body */
	uint8_t packet;  /* enhanced: type of the packet */
	uint32_t fourcc; /* enhanced: of all tracks, but with CME_FLV_MIXED */
	uint32_t nanoseconds, composition_nanoseconds;
	bool damaged;
};

void cme_flv_body_init(struct cme_flv_body *body, bool video, const uint8_t *data, size_t len);

/* 1: *unit is the next; 0: that was all; -1: the body is malformed, nothing more comes of it. */
int cme_flv_body_next(struct cme_flv_body *body, struct cme_flv_unit *unit);

#endif
