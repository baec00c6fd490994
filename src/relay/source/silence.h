/* SPDX-License-Identifier: MIT
 *
 * A silent track for a source without sound: platforms refuse streams that have none. Frames of AAC (LC, 48
 * kHz, stereo) come before each picture up to its time, and the source's media gets that sound. A source that
 * has sound is left alone. Belongs to one input thread; no clock, no I/O.
 */
#ifndef CME_RELAY_SOURCE_SILENCE_H
#define CME_RELAY_SOURCE_SILENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "stream/packet.h"

struct cme_silence {
	struct cme_media *without; /* a reference: the source's, without sound; NULL: none yet */
	struct cme_media *with;    /* a reference: the same with sound */
	bool begun;
	int64_t base_us; /* DTS of the first frame, on the source's time */
	int64_t frames;  /* since then */
};

void cme_silence_fini(struct cme_silence *silence);

/* The next silent frame before a packet of the source, the caller's reference. NULL: no more, no memory, or
 * the source needs none. */
struct cme_packet *cme_silence_next(struct cme_silence *silence, const struct cme_packet *packet);

/* Gives a packet that nobody shares yet the media with sound, if it is one of a source that needs it. */
void cme_silence_mark(struct cme_silence *silence, struct cme_packet *packet);

#endif
