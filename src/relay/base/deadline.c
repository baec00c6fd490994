/* SPDX-License-Identifier: MIT */
#include "relay/base/deadline.h"

#include "relay/base/life.h"
#include "relay/base/sys.h"

#define LOOK_US (10 * CME_MS_US) /* how often the process's size is looked at */

void cme_deadline_init(struct cme_deadline *deadline)
{
	atomic_init(&deadline->at_us, INT64_MAX);
	atomic_init(&deadline->cancelled, false);
	atomic_init(&deadline->cancel_us, 0);
	deadline->growth_max = 0;
	deadline->overgrown = deadline->begun = false;
	deadline->base = 0;
	deadline->cut = NULL;
	deadline->looked_us = 0;
}

void cme_deadline_set(struct cme_deadline *deadline, int64_t from_now_us)
{
	atomic_store(&deadline->at_us, cme_now_us() + from_now_us);
	deadline->overgrown = deadline->begun = false;
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

static bool overgrown(struct cme_deadline *deadline)
{
	int64_t now_us = cme_now_us();
	size_t size;

	if (!deadline->growth_max || now_us - deadline->looked_us < LOOK_US)
		return deadline->overgrown;
	deadline->looked_us = now_us;
	size = cme_resident();
	if (!size) /* it could not be read: no measure, and none to compare with */
		return deadline->overgrown;
	if (!deadline->begun)
		deadline->base = size;
	deadline->begun = true;
	deadline->overgrown = size > deadline->base + deadline->growth_max;
	return deadline->overgrown;
}

static int interrupted(void *opaque)
{
	struct cme_deadline *deadline = opaque;

	cme_life_sign();
	return overgrown(deadline) || (deadline->cut && *deadline->cut) || cme_deadline_cancelled(deadline) ||
	       cme_now_us() >= atomic_load(&deadline->at_us);
}

AVIOInterruptCB cme_deadline_callback(struct cme_deadline *deadline)
{
	return (AVIOInterruptCB){ .callback = interrupted, .opaque = deadline };
}
