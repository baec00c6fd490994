/* SPDX-License-Identifier: MIT
 *
 * Whether a peer still reads what it is sent, judged by looking at the connection now and then.
 *
 * That its kernel acknowledges is not enough: it does so until its receive buffer is full, which can hide
 * a program that reads no more for many seconds. What its window shows is: a kernel offers room up to a
 * point in the stream, and that point moves on only when somebody reads.
 *
 *     written          |---------------------------------->|
 *     delivered        |------------------------->|            moves on into the buffer all the same
 *     reach            |------------------------------------------->|   stands still: nobody reads
 *
 * Windows are rounded (RFC 7323, 2.3), so reach creeps by a part of a unit with each acknowledgement. Where
 * that is too much to tell (little traffic, a large unit) delivery counts alone. Pure; one thread.
 */
#ifndef CME_RTMP_PROGRESS_H
#define CME_RTMP_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Looks come every half second: this is passed at the eighth after the last progress, 4 s. */
#define CME_PROGRESS_LIMIT_US 3750000

/* One look; all counts since the connect. */
struct cme_progress_look {
	uint64_t written;   /* bytes the kernel took */
	uint64_t delivered; /* of them acknowledged by the peer's kernel */
	uint64_t reach;     /* delivered and the room it offers beyond; 0: not known */
	uint64_t creep;     /* by which rounding may have moved reach */
	uint32_t answered;  /* the peer's last RTMP acknowledgement */
	bool waiting;       /* there is more to write than the kernel takes */
};

struct cme_progress {
	int64_t at_us;                 /* when there was some last */
	struct cme_progress_look mark; /* the look that showed it */
	uint64_t written;              /* at the last look */
};

/* The connection is up. */
void cme_progress_start(struct cme_progress *progress, int64_t now_us);

/* True: nothing was taken for CME_PROGRESS_LIMIT_US, and there was something to take. */
bool cme_progress_stalled(struct cme_progress *progress, const struct cme_progress_look *look,
			  int64_t now_us);

#endif
