/* SPDX-License-Identifier: MIT
 *
 * The child's side: its bounds, and the line that says what it has to do (spawn.h says what it is given).
 * One thread, before any other.
 */
#ifndef CME_CHILD_ENTER_H
#define CME_CHILD_ENTER_H

#include <jansson.h>
#include <stddef.h>

#include "common/err.h"

/* Two codec configurations of 64 KB each in hexadecimal, which is what an output takes (stream/gather.c), and
 * the rest. Who tells that much has a socket that holds it (cme_child_start). */
#define CME_CHILD_LINE_MAX (320 * 1024)

struct cme_child_limits {
	size_t data_bytes; /* of memory that it may allocate (RLIMIT_DATA); 0: any. Never in sanitizer builds.
			    */
	unsigned files;    /* descriptors */
	int death_signal;  /* sent to it when the thread that started it ends */
};

/* Sets the bounds. No core dumps, since there are stream keys in its memory. */
void cme_child_enter(const struct cme_child_limits *limits);

/* Ends the process by SIGALRM unless it is called again within so many seconds: whatever it hangs in. 0: from
 * now on it may take any time. */
void cme_child_watchdog(unsigned seconds);

/* How numbers come (cme_child_tell_number): queued signals, which are blocked from the start. */
#define CME_CHILD_NUMBER SIGRTMIN

/* Waits for the next number that the engine tells. For a thread of its own. */
int64_t cme_child_next_number(void);

/* Reads the line from fd 0, and nothing behind it. Waits for it until the socket ends. NULL with err. */
json_t *cme_child_told(struct cme_err *err);

#endif
