/* SPDX-License-Identifier: MIT
 *
 * Releases packets of a source that comes faster than real time (HLS segments, files) by their DTS
 * against the clock. A source that falls behind is not slowed and may catch up; past `PACER_SLACK_US`
 * behind, or at a jump of the DTS, the pacer sets its anchor anew. Pure: the clock is an argument.
 */
#ifndef CME_RELAY_SOURCE_PACER_H
#define CME_RELAY_SOURCE_PACER_H

#include <stdbool.h>
#include <stdint.h>

struct cme_pacer {
	bool anchored;
	int64_t anchor_dts_us;   /* this DTS ... */
	int64_t anchor_clock_us; /* ... is due at this time */
};

/* How long to wait before the packet may go on: 0 or more microseconds. */
int64_t cme_pacer_delay_us(struct cme_pacer *pacer, int64_t dts_us, int64_t now_us);

/* By how much the clock is past the time the packet is due; 0 or less: not at all, or there is no anchor. */
int64_t cme_pacer_behind_us(const struct cme_pacer *pacer, int64_t dts_us, int64_t now_us);

#endif
