/* SPDX-License-Identifier: MIT
 *
 * The wish that a thread ends: set once, by any thread, and for good. Whoever waits for something looks at it
 * ten times a second.
 */
#ifndef CME_RELAY_BASE_CANCEL_H
#define CME_RELAY_BASE_CANCEL_H

#include <stdatomic.h>
#include <stdbool.h>

struct cme_cancel {
	_Atomic bool wanted;
};

void cme_cancel_init(struct cme_cancel *cancel);
void cme_cancel(struct cme_cancel *cancel);
bool cme_cancelled(const struct cme_cancel *cancel);

#endif
