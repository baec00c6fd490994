/* SPDX-License-Identifier: MIT
 *
 * What makes every wait of this program end: a time, and the request to end (SIGTERM). libavformat asks the
 * callback every 100 ms of waiting; `rw_timeout` is ignored while connecting, and avio_open2 on a silent host
 * blocks for ever, but the callback is always honoured. What asks nobody (getaddrinfo, a demuxer that goes
 * round in circles) is ended by the watchdog (child/enter.h).
 *
 * One thread.
 */
#ifndef CME_PULL_LIMIT_H
#define CME_PULL_LIMIT_H

#include <libavformat/avio.h>
#include <stdbool.h>
#include <stdint.h>

struct cme_limit {
	int64_t at_us;   /* monotonic microseconds after which waits end */
	const bool *cut; /* true: what is read is over; NULL: nothing says so */
};

/* Once: SIGTERM and SIGINT ask to end from here on. */
void cme_limit_install(void);

/* The process was asked to end. */
bool cme_limit_asked(void);

/* From now on waits may take this long together. */
void cme_limit_set(struct cme_limit *limit, int64_t from_now_us);

bool cme_limit_over(const struct cme_limit *limit);

/* The callback to put into an AVFormatContext or to pass to avio_open2. */
AVIOInterruptCB cme_limit_callback(struct cme_limit *limit);

#endif
