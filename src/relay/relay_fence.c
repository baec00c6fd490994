/* SPDX-License-Identifier: MIT */
#include "common/clock.h"
#include "relay/relay.h"
#include "relay/relay_state.h"

void cme_relay_await_lease(struct cme_relay *relay)
{
	cme_fence_init(&relay->fence, true);
}

/* The list of outputs is changed by the main thread, which this is. */
static void tell_outputs(struct cme_relay *relay)
{
	for (size_t i = 0; i < relay->outputs.count; i++)
		cme_output_wake(relay->outputs.items[i]);
}

int cme_relay_lease(struct cme_relay *relay, int64_t epoch, int64_t until_ms, struct cme_err *err)
{
	if (cme_fence_lease(&relay->fence, epoch, until_ms, cme_boot_ms(), err) != 0)
		return cme_err_prefix(err, "lease");
	tell_outputs(relay);
	return 0;
}

int cme_relay_release(struct cme_relay *relay, int64_t epoch, struct cme_err *err)
{
	if (cme_fence_release(&relay->fence, epoch, err) != 0)
		return cme_err_prefix(err, "release");
	tell_outputs(relay);
	return 0;
}
