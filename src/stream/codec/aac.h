/* SPDX-License-Identifier: MIT
 *
 * The little of AAC that relaying needs: what an AudioSpecificConfig says of the sound (ISO/IEC 14496-3
 * 1.6.2.1), and whether two ADTS headers (ISO/IEC 13818-7 6.2.1) stand for the same one. Pure; trusts no
 * length it reads.
 */
#ifndef CME_STREAM_CODEC_AAC_H
#define CME_STREAM_CODEC_AAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cme_aac {
	int sample_rate; /* of the core coder, in Hz: it sets the length of a frame */
	int output_rate; /* what comes out: twice that with SBR */
	int channels;    /* 0: said elsewhere in the config */
	int samples;     /* of one frame, at sample_rate */
};

/* false: it cannot be read. */
bool cme_aac_read_config(const uint8_t *config, size_t len, struct cme_aac *out);

/* The bits of an ADTS header that say how all frames are coded; 0: no such header. Two frames with different
 * bits need different configs. */
uint32_t cme_aac_adts_coding(const uint8_t *frame, size_t len);

#define CME_AAC_ADTS 7

/* Writes the ADTS header of a raw frame of `payload` bytes. false: ADTS has no form for this config. */
bool cme_aac_put_adts(uint8_t out[CME_AAC_ADTS], const uint8_t *config, size_t len, size_t payload);

#endif
