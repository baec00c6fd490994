/* SPDX-License-Identifier: MIT
 *
 * The end of the engine's lease (relay/base/fence.h), by which this process is dead: a timer of the kernel's
 * kills it, also while it is stopped or waits for a peer. Nothing of what it holds goes out afterwards: SRT
 * keeps what is not acknowledged in the process, and UDP keeps nothing.
 */
#ifndef CME_PUSH_FENCE_H
#define CME_PUSH_FENCE_H

#include <stdint.h>

#include "common/err.h"

/* From now on the process ends at that time, milliseconds of CLOCK_BOOTTIME, or at a later one that the
 * engine tells (enter.h, numbers). 0, or -1 with err (internal). */
int cme_push_fence(int64_t until_ms, struct cme_err *err);

#endif
