/* SPDX-License-Identifier: MIT
 *
 * Reads one source to its end: media as FLV to fd 0, the rest to fd 1 (tell.h).
 */
#ifndef CME_PULL_PULL_H
#define CME_PULL_PULL_H

#include "pull/order.h"

/* Opens, reads and tells how it ended. */
void cme_pull_run(const struct cme_order *order);

#endif
