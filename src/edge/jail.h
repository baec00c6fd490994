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

/* For the process's life, for all of its threads and for what it starts. programs: it may start some (the
 * readers of SRT). 0, or -1 with err (internal): the kernel has no such filters, and nothing has changed.
 * Does nothing in a build with sanitizers, which need what is denied. */
int cme_jail_enter(bool programs, struct cme_err *err);

#endif
