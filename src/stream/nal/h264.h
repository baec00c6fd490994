/* SPDX-License-Identifier: MIT
 *
 * The little of H.264 that relaying needs: the size from an SPS (the FLV demuxer gives none), the ids of
 * parameter sets and of those a slice uses (sets.h keeps them), and
 * the SPS/PPS of an AVCDecoderConfigurationRecord as units to
 * put in band. ISO/IEC 14496-10 7.3, annex B; 14496-15 5.3.3.1. Pure; trusts no length it reads.
 */
#ifndef CME_STREAM_NAL_H264_H
#define CME_STREAM_NAL_H264_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

enum { CME_H264_SPS = 7, CME_H264_PPS = 8, CME_H264_AUD = 9, CME_H264_FILLER = 12 }; /* types of units */

/* 0 for an empty unit. */
int cme_h264_unit_type(const uint8_t *unit, size_t len);
bool cme_h264_is_slice(const uint8_t *unit, size_t len);

/* Of high profiles: chroma_format_idc, bit_depth_luma_minus8 and bit_depth_chroma_minus8. false: others. */
bool cme_h264_sps_depth(const uint8_t *sps, size_t len, uint8_t depth[3]);

/* The ids in units of these types; false: cut off, or no id. */
bool cme_h264_sps_id(const uint8_t *sps, size_t len, uint32_t *id);
bool cme_h264_pps_ids(const uint8_t *pps, size_t len, uint32_t *id, uint32_t *sps_id);
bool cme_h264_slice_pps(const uint8_t *slice, size_t len, uint32_t *id);

/* Width and height after cropping, from an SPS unit (header byte first, emulation bytes still in). */
bool cme_h264_sps_size(const uint8_t *sps, size_t len, int *width, int *height);

/* The same from the first SPS of an AVCDecoderConfigurationRecord. */
bool cme_h264_record_size(const uint8_t *data, size_t len, int *width, int *height);

/* The data are an AVCDecoderConfigurationRecord (and not start codes). */
bool cme_h264_is_avcc(const uint8_t *data, size_t len);

/* Appends the record's SPS and PPS, each with a length prefix of the record's own size. 0 or -1. */
int cme_h264_parameter_units(const uint8_t *avcc, size_t len, struct cme_buf *out);

#endif
