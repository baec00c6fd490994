/* SPDX-License-Identifier: MIT
 *
 * Whether a thread is stuck. The asker asks, wakes the thread, and asks again later: a thread that has
 * given no sign of life since the first question is stuck. Threads give signs at each turn of their loop, and
 * after each wait.
 *
 * The one call that may take any time, and that nothing can wake, is getaddrinfo. Ours (life.c) stands before
 * the C library's, so that a thread inside it is known to be there.
 */
#ifndef CME_RELAY_BASE_LIFE_H
#define CME_RELAY_BASE_LIFE_H

#include <netdb.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct cme_life {
	_Atomic int64_t sign_us; /* monotonic, of the last sign; INT64_MAX: no thread is to give any */
	_Atomic bool resolving;  /* the thread is in getaddrinfo */
	int64_t asked_us; /* of the oldest question without a sign since; 0: none yet; of who asks alone */
};

/* No thread gives signs yet. */
void cme_life_init(struct cme_life *life);

/* The calling thread's, until its end. */
void cme_life_begin(struct cme_life *life);
void cme_life_end(void);

/* The calling thread moves; of one that has begun none it means nothing. */
void cme_life_sign(void);

/* For how long a question has been without a sign, in microseconds; 0: it was given one, there was no
 * question, or the thread is in name resolution. Asks anew. One thread alone asks, and wakes the other then.
 */
int64_t cme_life_ask(struct cme_life *life, int64_t now_us);

bool cme_life_resolving(const struct cme_life *life);

typedef int cme_resolve(const char *host, const char *service, const struct addrinfo *hints,
			struct addrinfo **list);

/* What getaddrinfo is in this program; `real` is the C library's. */
int cme_life_resolve(cme_resolve *real, const char *host, const char *service, const struct addrinfo *hints,
		     struct addrinfo **list);

#endif
