/* SPDX-License-Identifier: MIT */
#include "relay/deadline.h"

#include "relay/sys.h"

void cme_deadline_init(struct cme_deadline *deadline)
{
	atomic_init(&deadline->at_us, INT64_MAX);
	atomic_init(&deadline->cancelled, false);
	atomic_init(&deadline->cancel_us, 0);
}

void cme_deadline_set(struct cme_deadline *deadline, int64_t from_now_us)
{
	atomic_store(&deadline->at_us, cme_now_us() + from_now_us);
}

void cme_deadline_cancel(struct cme_deadline *deadline)
{
	atomic_store(&deadline->cancelled, true);
}

void cme_deadline_cancel_at(struct cme_deadline *deadline, int64_t at_us)
{
	atomic_store(&deadline->cancel_us, at_us);
}

bool cme_deadline_cancelled(struct cme_deadline *deadline)
{
	int64_t cancel_us = atomic_load(&deadline->cancel_us);

	return atomic_load(&deadline->cancelled) || (cancel_us && cme_now_us() >= cancel_us);
}

static int interrupted(void *opaque)
{
	struct cme_deadline *deadline = opaque;

	return cme_deadline_cancelled(deadline) || cme_now_us() >= atomic_load(&deadline->at_us);
}

AVIOInterruptCB cme_deadline_callback(struct cme_deadline *deadline)
{
	return (AVIOInterruptCB){ .callback = interrupted, .opaque = deadline };
}
