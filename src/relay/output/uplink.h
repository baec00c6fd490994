/* SPDX-License-Identifier: MIT
 *
 * Whether outputs that fall behind do so because of their destinations or because the uplink is full. A
 * destination that is slow is slow alone; an uplink that is full is full for all, at the same time. So
 * several that fell behind together are one fact, and the rate that still goes out is what the uplink
 * carries.
 *
 *     held      ______/~~~~~~~~~~~~~~~~\____     an output is behind from BEHIND until CAUGHT_UP
 *     behind          |----------------|
 *
 * Pure: the clock is an argument. Microseconds.
 */
#ifndef CME_RELAY_OUTPUT_UPLINK_H
#define CME_RELAY_OUTPUT_UPLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CME_UPLINK_BEHIND_US    1000000 /* what an output holds when it is behind */
#define CME_UPLINK_CAUGHT_UP_US 250000
#define CME_UPLINK_TOGETHER_US  5000000 /* those that fall behind within this do so together */
#define CME_UPLINK_ALONE_US     5000000 /* one that is behind for so long is so by itself */

/* What is remembered of an output; zero at first. */
struct cme_uplink_mark {
	int64_t behind_us; /* since when; 0: it is not */
	bool told;         /* that it is behind alone */
};

enum cme_uplink_word { CME_UPLINK_NOTHING, CME_UPLINK_SLOW, CME_UPLINK_CAUGHT_UP };

struct cme_uplink_output {
	bool live;
	int64_t held_us; /* between the arrivals of the first and the last packet that it holds */
	double kbps;     /* that it sends */
	struct cme_uplink_mark *mark;
	enum cme_uplink_word word; /* out: what is to be told of it */
};

struct cme_uplink {
	bool full;
	double kbps; /* that went out when it was found full */
};

/* Looks at all outputs of a programme. Returns whether `full` changed. */
bool cme_uplink_look(struct cme_uplink *uplink, struct cme_uplink_output *outputs, size_t count,
		     int64_t now_us);

#endif
