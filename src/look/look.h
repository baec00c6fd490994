/* SPDX-License-Identifier: MIT
 *
 * Looks at all addresses of an order until its time is over, or until the process is asked to end.
 */
#ifndef CME_LOOK_LOOK_H
#define CME_LOOK_LOOK_H

#include "look/order.h"

/* Once, before any thread: SIGTERM and SIGINT ask to end from here on. */
void cme_look_install(void);

/* 0, or -1 with err. */
int cme_look_run(const struct cme_look_order *order, struct cme_err *err);

#endif
