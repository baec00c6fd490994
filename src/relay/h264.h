/* SPDX-License-Identifier: MIT
 *
 * The little of H.264 that relaying needs: the size from an SPS (the FLV demuxer gives none), the
 * conversion from start codes (MPEG-TS, HLS) to length prefixes (FLV) with its AVCDecoderConfiguration-
 * Record, and that record's SPS/PPS as units to put in band. ISO/IEC 14496-10 7.3.2.1, annex B;
 * 14496-15 5.3.3.1. Pure; trusts no length it reads.
 */
#ifndef CME_RELAY_H264_H
#define CME_RELAY_H264_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

/* Width and height after cropping, from an SPS unit (header byte first, emulation bytes still in). */
bool cme_h264_sps_size(const uint8_t *sps, size_t len, int *width, int *height);

/* The same from extradata of either form. */
bool cme_h264_extradata_size(const uint8_t *data, size_t len, int *width, int *height);

/* The data are an AVCDecoderConfigurationRecord (and not start codes). */
bool cme_h264_is_avcc(const uint8_t *data, size_t len);

/* Appends the record made of the first SPS and PPS found among start codes. 0, or -1: none found. */
int cme_h264_build_avcc(const uint8_t *data, size_t len, struct cme_buf *out);

/* Appends the units with 4-byte lengths, access unit delimiters and filler left out. 0, or -1: too large. */
int cme_h264_to_lengths(const uint8_t *data, size_t len, struct cme_buf *out);

/* Appends the record's SPS and PPS, each with a length prefix of the record's own size. 0 or -1. */
int cme_h264_parameter_units(const uint8_t *avcc, size_t len, struct cme_buf *out);

#endif
