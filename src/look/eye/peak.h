/* SPDX-License-Identifier: MIT
 *
 * The highest true peak of a sound (ITU-R BS.1770, oversampled by libswresample, which takes a third of what
 * libebur128 does). Only those stretches are oversampled whose samples come near the highest peak so far:
 * between its samples, sound rises by less than REACH. No I/O.
 */
#ifndef CME_LOOK_EYE_PEAK_H
#define CME_LOOK_EYE_PEAK_H

#include <stdbool.h>
#include <stddef.h>

enum { CME_PEAK_CHANNELS = 8, CME_PEAK_WARM = 48 };

struct SwrContext;

struct cme_peak {
	struct SwrContext *over; /* NULL: none yet */
	float *oversampled;      /* what comes out of it; room for a stretch */
	unsigned channels;
	float tail[CME_PEAK_WARM * CME_PEAK_CHANNELS]; /* the last frames of the stretch before */
	bool near;                                     /* the stretch before came near the highest peak */
	bool examined;                                 /* it was oversampled, so the filter goes on from it */
	double highest;                                /* 1: full scale */
	size_t frames;                                 /* that were oversampled, of all */
};

/* false: no memory. channels is at most CME_PEAK_CHANNELS. */
bool cme_peak_init(struct cme_peak *peak, unsigned channels, unsigned rate);
void cme_peak_fini(struct cme_peak *peak);

/* Takes sound, channels interleaved. */
void cme_peak_hear(struct cme_peak *peak, const float *samples, size_t frames);

#endif
