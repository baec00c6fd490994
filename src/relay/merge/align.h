/* SPDX-License-Identifier: MIT
 *
 * Whether two connections carry the same encoder's packets, and how far their times lie apart. Each server
 * on the way may have given the stream a time of its own, so what the two have in common is the order of
 * payloads, and a distance in time that stays the same:
 *
 *     member   K1 p p p K2 p p p K3 p p p K4 p p
 *     path                    K3 p p p K4 p         offset = K3.dts of member - K3.dts of path
 *
 * Keyframes whose payloads are equal say which offsets there could be (of a stream without picture, sound
 * does). One is taken if the packets around it bear it out: in each stream, nearly all that lie within both
 * have a partner at that time with the same payload. That is not enough, for a still slide with digital
 * silence repeats byte for byte, keyframes too, and is borne out at several offsets. So an offset also has
 * to be
 *   - the one that the path had before, or none (servers that keep the encoder's time), or
 *   - told by payloads that came once, while every packet which could have been their partner has come: those
 *     that lie within `window_us` of them, before and after.
 * Pure. Microseconds.
 */
#ifndef CME_RELAY_MERGE_ALIGN_H
#define CME_RELAY_MERGE_ALIGN_H

#include "relay/merge/prints.h"
#include "stream/timeline.h" /* CME_VIDEO, CME_AUDIO */

#define CME_ALIGN_JITTER_US 3000 /* RTMP counts in milliseconds: times of one packet differ by one or two */

struct cme_align_question {
	const struct cme_prints *member; /* of each stream; arrays of CME_STREAMS */
	const struct cme_prints *path;
	int64_t now_us;
	int64_t window_us; /* how much later than the other one may be */
	bool has_before;
	int64_t before_us; /* the offset that the path had on its last connection */
};

enum cme_align_found {
	CME_ALIGN_NONE,    /* no offset is borne out (yet) */
	CME_ALIGN_FAR,     /* one is, but the paths are further apart than the window */
	CME_ALIGN_REPEATS, /* several may be: nothing tells which */
	CME_ALIGN_SAME,
};

struct cme_alignment {
	enum cme_align_found found;
	int64_t offset_us;   /* dts of member - dts of path; of SAME */
	int64_t distance_us; /* how much later the path's packets come; of SAME and FAR */
};

struct cme_alignment cme_align(const struct cme_align_question *question);

/* Times that differ only by what containers wrap at: 32 bits of milliseconds (RTMP; FFmpeg writes 31), 33
 * bits of 90 kHz (TS). */
bool cme_align_same_time(int64_t a_us, int64_t b_us);

#endif
