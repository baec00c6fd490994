/* SPDX-License-Identifier: MIT
 *
 * Whether an input's thread writes what it brought at once, or leaves it to the publisher's thread, which
 * waits a little: then one write for each destination takes what comes meanwhile, too. Waiting costs a timer
 * and the waking of that thread, and saves a write for each destination where something does come. How often
 * that is, is learned from what came: packets of the edge and of the encoders behind it come in batches that
 * lie further apart than the wait is long, those of others one by one. Pure.
 */
#ifndef CME_RELAY_OUTPUT_RTMP_LINGER_H
#define CME_RELAY_OUTPUT_RTMP_LINGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CME_LINGER_WAKE    6     /* what the waiting costs, in writes: fewer destinations never wait */
#define CME_LINGER_EACH_US 1500  /* how long it is, for each destination, */
#define CME_LINGER_MAX_US  10000 /* and at most */

/* All zero: nothing has come. */
struct cme_linger {
	int64_t last_us; /* when packets came last */
	unsigned met; /* how many of CME_LINGER_ALL batches came within the wait of the one before, lately */
};

#define CME_LINGER_ALL 1024

/* How long packets wait for so many destinations. */
int64_t cme_linger_us(size_t count);

/* Packets came. True: they wait for the next. */
bool cme_linger_pays(struct cme_linger *linger, size_t count, int64_t now_us);

#endif
