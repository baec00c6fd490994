/* SPDX-License-Identifier: MIT
 *
 * libavcodec: packets of one stream become pictures of the small size, or sound. One thread each. A decoder
 * that fails on a packet goes on with the next; what comes of foreign bytes is bounded by the process.
 */
#ifndef CME_LOOK_EYE_DECODE_H
#define CME_LOOK_EYE_DECODE_H

#include <libavcodec/codec_par.h>
#include <libavcodec/packet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "look/eye/picture.h"

struct cme_decoder {
	struct AVCodecContext *codec;
	struct AVFrame *frame;
	struct AVPacket *packet;
	struct SwsContext *scaler;
	int64_t pts_us; /* of the last frame that had one */
	float *samples; /* interleaved */
	size_t samples_max;
};

struct cme_sound {
	const float *samples; /* the decoder's, until its next call */
	size_t frames;
	unsigned channels, rate;
};

void cme_decoder_init(struct cme_decoder *decoder);
void cme_decoder_fini(struct cme_decoder *decoder);

/* Sets it up for a stream, instead of what it was set up for. false: nothing here decodes that. */
bool cme_decoder_open(struct cme_decoder *decoder, const AVCodecParameters *par);

/* Gives it a packet; NULL: none follows for now, all pictures come out. */
void cme_decoder_put(struct cme_decoder *decoder, const AVPacket *packet);

/* Forgets what it was given: the next packet is a keyframe. */
void cme_decoder_flush(struct cme_decoder *decoder);

/* The next frame, to be measured by one of the calls below; false: none. One without a time has that of the
 * frame before. */
bool cme_decoder_next(struct cme_decoder *decoder, int64_t *pts_us);
bool cme_decoder_picture(struct cme_decoder *decoder, struct cme_small *small);
bool cme_decoder_sound(struct cme_decoder *decoder, struct cme_sound *sound);

/* Moves the frame, after it was measured, into another, in place of what that has. */
void cme_decoder_keep(struct cme_decoder *decoder, struct AVFrame *kept);

/* Pictures a second that the stream's configuration says; 0: it says none. */
double cme_decoder_declared_rate(const struct cme_decoder *decoder);

#endif
