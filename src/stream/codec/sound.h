/* SPDX-License-Identifier: MIT
 *
 * What sound that is not AAC says of itself, in its configuration or in the header of each frame: Opus (RFC
 * 7845 5.1, RFC 6716 3.1), FLAC (RFC 9639 8.2), MP3 and MP2 (ISO/IEC 11172-3 2.4.1.3), AC-3 and E-AC-3 (ETSI
 * TS 102 366 4.3, E.1.3). Pure; trusts no length it reads.
 */
#ifndef CME_STREAM_CODEC_SOUND_H
#define CME_STREAM_CODEC_SOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream/codec.h"

struct cme_sound {
	int sample_rate; /* Hz */
	int channels;
	int samples; /* of one frame; 0: they differ */
};

/* From the configuration record of Opus and FLAC. false: it cannot be read, or the codec has none. */
bool cme_sound_read_config(enum cme_codec codec, const uint8_t *config, size_t len, struct cme_sound *out);

/* From a frame of MP3, MP2, AC-3 or E-AC-3. false: it cannot be read, or the codec has no such header. */
bool cme_sound_read_frame(enum cme_codec codec, const uint8_t *frame, size_t len, struct cme_sound *out);

/* Which layer of MPEG audio a frame is of, where its container tells them not apart: CME_CODEC_MP3,
 * CME_CODEC_MP2, or CME_CODEC_NONE for anything else. */
enum cme_codec cme_sound_mpeg_codec(const uint8_t *frame, size_t len);

#endif
