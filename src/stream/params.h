/* SPDX-License-Identifier: MIT
 *
 * What a decoder has to know of one stream, picture or sound. A value of its owner; never shared.
 */
#ifndef CME_STREAM_PARAMS_H
#define CME_STREAM_PARAMS_H

#include <stddef.h>
#include <stdint.h>

#include "stream/codec.h"

struct cme_params {
	enum cme_codec codec;
	const char *other;  /* name of CME_CODEC_OTHER, which lives as long as the program; else NULL */
	uint8_t *extradata; /* the configuration, as the codec's form here has it (media.h); NULL: none */
	size_t extradata_len;
	int64_t bit_rate;  /* bit/s; 0: not known, as all that follow */
	int width, height; /* of a picture */
	int sample_rate;   /* of sound, in Hz */
	int channels;
	int frame_size; /* samples of a frame of sound; 0: they differ, too */
};

/* NULL: no memory. */
struct cme_params *cme_params_new(enum cme_codec codec);
struct cme_params *cme_params_copy(const struct cme_params *params);

/* Takes what may be NULL, and leaves NULL. */
void cme_params_free(struct cme_params **params);

/* A copy of the bytes becomes the configuration; none at all: there is none then. 0, or -1: no memory, and
 * nothing changed. */
int cme_params_configure(struct cme_params *params, const uint8_t *data, size_t len);

/* What people are told of the codec. */
const char *cme_params_name(const struct cme_params *params);

#endif
