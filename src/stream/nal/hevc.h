/* SPDX-License-Identifier: MIT
 *
 * The little of HEVC that relaying needs: types of units, the ids of parameter sets and of those a slice
 * uses (sets.h keeps them), the size and the form of its pictures, and the sets of an
 * HEVCDecoderConfigurationRecord as units. ITU-T H.265 7.3; ISO/IEC 14496-15 8.3.3.1. Pure; trusts no length
 * it reads.
 */
#ifndef CME_STREAM_NAL_HEVC_H
#define CME_STREAM_NAL_HEVC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

enum { CME_HEVC_VPS = 32, CME_HEVC_SPS = 33, CME_HEVC_PPS = 34, CME_HEVC_AUD = 35, CME_HEVC_FILLER = 38 };

#define CME_HEVC_PROFILE 12 /* bytes of the general part of profile_tier_level */

struct cme_hevc_sps {
	uint32_t id;
	uint32_t vps_id;
	uint8_t profile[CME_HEVC_PROFILE]; /* general profile, tier, compatibility, constraints and level */
	uint8_t layers;                    /* temporal ones */
	bool nested;
	uint8_t chroma;                   /* chroma_format_idc */
	uint8_t luma_depth, chroma_depth; /* bits less 8 */
	int width, height;                /* after cropping */
};

/* -1: too short for a unit. */
int cme_hevc_unit_type(const uint8_t *unit, size_t len);
bool cme_hevc_is_slice(const uint8_t *unit, size_t len);

/* From units of these types; false: cut off, or nonsense. */
bool cme_hevc_vps_id(const uint8_t *vps, size_t len, uint32_t *id);
bool cme_hevc_read_sps(const uint8_t *unit, size_t len, struct cme_hevc_sps *sps);
bool cme_hevc_pps_ids(const uint8_t *pps, size_t len, uint32_t *id, uint32_t *sps_id);
bool cme_hevc_slice_pps(const uint8_t *slice, size_t len, uint32_t *id);

/* The data are an HEVCDecoderConfigurationRecord (and not start codes). */
bool cme_hevc_is_hvcc(const uint8_t *data, size_t len);

/* Width and height by the record's first SPS. */
bool cme_hevc_record_size(const uint8_t *hvcc, size_t len, int *width, int *height);

/* Appends the record's VPS, SPS and PPS, each with a length prefix of the record's own size. 0 or -1. */
int cme_hevc_parameter_units(const uint8_t *hvcc, size_t len, struct cme_buf *out);

#endif
