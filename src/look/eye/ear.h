/* SPDX-License-Identifier: MIT
 *
 * What is measured of the sound: the level of each channel, how much of it is at full scale, and the loudness
 * of EBU R128 (by libebur128). Knows no codec; does no I/O.
 */
#ifndef CME_LOOK_EYE_EAR_H
#define CME_LOOK_EYE_EAR_H

#include <ebur128.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "look/eye/peak.h"

enum { CME_EAR_CHANNELS = CME_PEAK_CHANNELS };

struct cme_ear_facts {
	unsigned channels;                 /* 0: nothing was heard yet */
	double level_db[CME_EAR_CHANNELS]; /* dBFS, of the last block; -120: nothing */
	double clipped;                    /* share of the samples at full scale, of the last second */
	double momentary;                  /* LUFS; NAN: not known */
	double integrated;                 /* since the beginning */
	double true_peak_db;               /* dBTP, the highest so far */
};

struct cme_ear {
	ebur128_state *meter; /* of loudness; NULL: none yet */
	struct cme_peak peak;
	unsigned channels;
	unsigned rate;
	double squares[CME_EAR_CHANNELS]; /* of the block at hand */
	size_t block;                     /* frames in it */
	size_t clipped;                   /* samples at full scale, of the second at hand */
	size_t second;                    /* frames in it */
	struct cme_ear_facts facts;
};

void cme_ear_init(struct cme_ear *ear);
void cme_ear_fini(struct cme_ear *ear);

/* Takes sound, channels interleaved. Another rate or number of channels begins anew. false: no memory, or
 * nothing measures that rate. */
bool cme_ear_hear(struct cme_ear *ear, const float *samples, size_t frames, unsigned channels, unsigned rate);

/* The louder channel, in dBFS; NAN: nothing was heard. */
double cme_ear_loudest(const struct cme_ear_facts *facts);

/* How far apart two channels are, in dB; NAN: there are no two, or neither is heard. */
double cme_ear_apart(const struct cme_ear_facts *facts);

#endif
