/* SPDX-License-Identifier: MIT
 *
 * What the process may not ask the kernel for once it listens: a stranger who got the better of it finds no
 * program to start, no file to write, no connection to make from here. A list of what is denied, not of what
 * is allowed: that one would follow every library's every version. What is denied fails with EPERM.
 */
#ifndef CME_EDGE_JAIL_H
#define CME_EDGE_JAIL_H

#include <stdbool.h>

#include "common/err.h"

/* Sanitizers, and what counts coverage, need what is denied: their builds have no filter. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(CME_NO_JAIL)
#define CME_JAIL 0
#else
#define CME_JAIL 1
#endif

/* For the process's life, for all of its threads and for what it starts. programs: it may start some (the
 * readers of SRT). 0, or -1 with err (internal): the kernel has no such filters, and nothing has changed.
 * Does nothing where CME_JAIL is 0. */
int cme_jail_enter(bool programs, struct cme_err *err);

#endif
