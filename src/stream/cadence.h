/* SPDX-License-Identifier: MIT
 *
 * What the timestamps of one input say about its source: how long its GOPs are, how often its time
 * jumped (an encoder that restarted, a file that looped) while the connection stood, and when a packet was
 * due, as the least delayed ones of the last seconds show it. Only looks: the timeline is what makes good a
 * jump, by the same rule (timeline.h). Pure; the owner locks. Microseconds.
 */
#ifndef CME_STREAM_CADENCE_H
#define CME_STREAM_CADENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "stream/timeline.h"

struct cme_cadence {
	struct {
		bool seen; /* has had a packet since the last restart */
		int64_t dts;
		int64_t arrival;
		int64_t lag;        /* least arrival - DTS since window began */
		int64_t lag_before; /* and in the window before */
		int64_t window;     /* arrival that began it */
	} stream[CME_STREAMS];
	bool in_gop;         /* a keyframe came, and no jump since */
	int64_t gop_dts;     /* its DTS */
	unsigned frames;     /* pictures since then, with it */
	int64_t gop_us;      /* of the last whole GOP; 0: none yet */
	unsigned gop_frames; /* and its pictures */
	uint64_t jumps;
};

/* keyframe: of a picture. */
void cme_cadence_add(struct cme_cadence *cadence, const struct cme_timeline_in *in, bool keyframe);

/* When the packet that was added last was due: never after it came. */
int64_t cme_cadence_due(const struct cme_cadence *cadence, const struct cme_timeline_in *in);

/* The source was opened again: its time may begin anywhere. The count of jumps stays. */
void cme_cadence_restart(struct cme_cadence *cadence);

#endif
