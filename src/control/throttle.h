/* SPDX-License-Identifier: MIT
 *
 * How much each subject of the log (an output, an input, a key of the edge, the program itself) may say: so
 * many lines at once, then one in so many seconds, so that one destination that fails again and again hides
 * no other's lines. Subjects are told apart by a hash: two that share one share their allowance. Pure; the
 * owner locks.
 */
#ifndef CME_CONTROL_THROTTLE_H
#define CME_CONTROL_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#define CME_THROTTLE_BURST      20
#define CME_THROTTLE_PER_SECOND 1
#define CME_THROTTLE_SUBJECTS   1024 /* four times as many as there can be outputs */

struct cme_throttle {
	struct {
		double tokens; /* lines that may go out now, less CME_THROTTLE_BURST: 0 is a full allowance */
		int64_t refill_us; /* when tokens was last topped up */
		unsigned left_out; /* lines lost since the last one that went */
	} subject[CME_THROTTLE_SUBJECTS];
};

/* true: the line may go; *left_out says how many of the subject before it did not. A zeroed struct is ready.
 */
bool cme_throttle_admit(struct cme_throttle *throttle, const char *subject, int64_t now_us,
			unsigned *left_out);

#endif
