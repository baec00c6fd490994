/* SPDX-License-Identifier: MIT
 *
 * What pictures say of themselves, in their configuration record or in a keyframe: size, and for VP8 and VP9,
 * of which containers have no record, the record that Enhanced RTMP begins them with. H.264 (h264.h), HEVC
 * (hevc.h), AV1 ("AV1 Bitstream & Decoding Process Specification" 5.5), VP9 ("VP9 Bitstream & Decoding
 * Process Specification" 6.2, "VP Codec ISO Media File Format Binding"), VP8 (RFC 6386 9.1). Pure; trusts no
 * length it reads.
 */
#ifndef CME_STREAM_CODEC_PICTURE_H
#define CME_STREAM_CODEC_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "stream/codec.h"

/* From the record of H.264, HEVC and AV1. false: it cannot be read, or the codec's has no size. */
bool cme_picture_read_config(enum cme_codec codec, const uint8_t *config, size_t len, int *width,
			     int *height);

/* From a keyframe of AV1, VP9 and VP8. false: it cannot be read, or the codec's has no size. */
bool cme_picture_read_frame(enum cme_codec codec, const uint8_t *frame, size_t len, int *width, int *height);

/* Appends the VPCodecConfigurationRecord of a keyframe of VP9 or VP8. false: it cannot be made. */
bool cme_picture_put_record(enum cme_codec codec, const uint8_t *frame, size_t len, struct cme_buf *out);

#endif
