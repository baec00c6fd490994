/* SPDX-License-Identifier: MIT
 *
 * What libavformat's MP4 wants to know of VP9 and VP8 before it writes their configuration box; where it is
 * not told, the box is empty and no player opens the file. It is in the VPCodecConfigurationRecord ("VP Codec
 * ISO Media File Format Binding"), which is the stream's extradata here. Pure.
 */
#ifndef CME_PUSH_VP_H
#define CME_PUSH_VP_H

#include <libavcodec/codec_par.h>
#include <stdbool.h>

/* Sets profile, level, pixel format and colours of VP9 or VP8 by its record; leaves other codecs alone.
 * false: the record is none. */
bool cme_vp_describe(AVCodecParameters *par);

#endif
