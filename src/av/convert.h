/* SPDX-License-Identifier: MIT
 *
 * The one border between the media path's own packets and parameters (stream/packet.h, params.h) and
 * libavcodec's. The programs on libavformat cross it; the engine and the edge know nothing of libavcodec.
 * Payloads and configurations are copied: libavcodec wants bytes to read over behind its own.
 */
#ifndef CME_AV_CONVERT_H
#define CME_AV_CONVERT_H

#include <libavcodec/codec_par.h>
#include <libavcodec/packet.h>

#include "stream/packet.h"
#include "stream/params.h"

/* AV_CODEC_ID_NONE for what has no name here. */
enum AVCodecID cme_av_codec_id(enum cme_codec codec);

/* CME_CODEC_OTHER for what is not relayed. */
enum cme_codec cme_av_codec(enum AVCodecID id);

/* NULL: no memory. */
struct cme_params *cme_av_to_params(const AVCodecParameters *par);

/* Fills parameters that were just allocated. 0 or AVERROR(ENOMEM). */
int cme_av_from_params(AVCodecParameters *par, const struct cme_params *params);

/* The payload and the times as they are; stream_index is CME_VIDEO or CME_AUDIO. NULL: no memory. */
struct cme_packet *cme_av_to_packet(const AVPacket *av);

/* Fills a blank packet; stream_index is CME_VIDEO or CME_AUDIO. 0 or AVERROR(ENOMEM). */
int cme_av_from_packet(AVPacket *av, const struct cme_packet *packet);

#endif
