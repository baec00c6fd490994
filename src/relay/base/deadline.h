/* SPDX-License-Identifier: MIT
 *
 * What makes every libavformat call end: an interrupt callback with a time and a cancel flag.
 * `rw_timeout` is ignored while connecting and avio_open2 on a silent host blocks for ever, but the
 * callback is always honoured (libavformat asks it every 100 ms of waiting). getaddrinfo is the one
 * call it cannot interrupt: owners of a thread join it with a limit of their own (relay.h).
 *
 * It also ends a call during which the process grows past what one call may need: some demuxers
 * keep what they were sent without any bound, and no option sets one. What other threads take meanwhile
 * counts as well, so the bound is far above what a packet or the opening of a source needs.
 *
 * The thread inside libavformat sets the time; any thread may cancel. Cancelling is for good.
 */
#ifndef CME_RELAY_BASE_DEADLINE_H
#define CME_RELAY_BASE_DEADLINE_H

#include <libavformat/avio.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct cme_deadline {
	_Atomic int64_t at_us;     /* monotonic microseconds after which calls end with AVERROR_EXIT */
	_Atomic bool cancelled;    /* the owner wants the thread to end */
	_Atomic int64_t cancel_us; /* 0, or: the monotonic time from which the thread counts as cancelled */

	/* of the thread inside libavformat alone */
	size_t growth_max; /* bytes that the process may grow by within a call; 0: any; set by the owner */
	bool overgrown;    /* and did, in this call */
	bool begun;        /* `base` is of this call */
	size_t base;
	int64_t looked_us;
	const bool *cut; /* true: what is read is over; NULL: nothing says so */
};

void cme_deadline_init(struct cme_deadline *deadline);

/* From now on calls may take this long together. */
void cme_deadline_set(struct cme_deadline *deadline, int64_t from_now_us);

/* Ends the thread's calls now, or once the monotonic clock reaches at_us. */
void cme_deadline_cancel(struct cme_deadline *deadline);
void cme_deadline_cancel_at(struct cme_deadline *deadline, int64_t at_us);

bool cme_deadline_cancelled(struct cme_deadline *deadline);

/* The callback to put into an AVFormatContext or to pass to avio_open2. */
AVIOInterruptCB cme_deadline_callback(struct cme_deadline *deadline);

#endif
