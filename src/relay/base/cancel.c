/* SPDX-License-Identifier: MIT */
#include "relay/base/cancel.h"

void cme_cancel_init(struct cme_cancel *cancel)
{
	atomic_init(&cancel->wanted, false);
}

void cme_cancel(struct cme_cancel *cancel)
{
	atomic_store(&cancel->wanted, true);
}

bool cme_cancelled(const struct cme_cancel *cancel)
{
	return atomic_load(&cancel->wanted);
}
