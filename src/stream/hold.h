/* SPDX-License-Identifier: MIT
 *
 * Whether what came from an encoder waits for what comes next, so that one write and one wake-up bring both
 * to whoever gets it: a sound for the picture that follows it, a picture for the sound.
 *
 *   time   ---- A -------- P ---- A ----------------------- P ---
 *   sent               A and P    A: the next is too far off
 *
 * A message waits only where the timestamps say that another is due within CME_HOLD_MAX_US of the oldest that
 * waits: then it is mostly the next message that ends the waiting, which wakes the reader anyway, and no
 * timer. Pure; microseconds of the caller's clock.
 */
#ifndef CME_STREAM_HOLD_H
#define CME_STREAM_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#define CME_HOLD_MAX_US 14000 /* the longest that anything waits */

enum cme_hold_kind { CME_HOLD_SOUND, CME_HOLD_PICTURE, CME_HOLD_KINDS };

/* All zero: nothing has come. */
struct cme_hold {
	struct {
		uint32_t timestamp; /* of the last message, milliseconds */
		int64_t came_us;    /* when it came; 0: none has */
		int64_t gap_us;     /* from one to the next, by their timestamps; 0: not known */
	} kind[CME_HOLD_KINDS];
	int64_t last_us;  /* when the last one came */
	int64_t since_us; /* when the oldest came that is not sent; 0: all are */
};

/* A message came. */
void cme_hold_add(struct cme_hold *hold, enum cme_hold_kind kind, uint32_t timestamp_ms, int64_t now_us);

/* All that came is added. Until when it waits; 0: it is to be sent now. Only asks. */
int64_t cme_hold_until(const struct cme_hold *hold);

/* All that came was sent. */
void cme_hold_release(struct cme_hold *hold);

#endif
