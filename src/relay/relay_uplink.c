/* SPDX-License-Identifier: MIT
 *
 * Outputs that fall behind, each by itself or all with the uplink. On the main thread with relay->lock held.
 */
#include "relay/output/uplink.h"

#include <stdio.h>

#include "relay/base/sys.h"
#include "relay/relay_state.h"

static void tell_uplink(struct cme_relay *relay, size_t outputs)
{
	struct cme_event event = { .kind = CME_EVENT_UPLINK,
				   .uplink = { .full = relay->uplink.full, .kbps = relay->uplink.kbps } };

	if (relay->uplink.full)
		cme_err_set(&event.err, "uplink.full",
			    "the uplink is full: %zu outputs fall behind together, and %.0f kbit/s go out "
			    "(send less, "
			    "or to fewer)",
			    outputs, relay->uplink.kbps);
	cme_events_push(relay->events, &event);
}

/* It goes on, and loses packets once its queue is full. */
static void tell_output(struct cme_relay *relay, const struct cme_output *out,
			const struct cme_uplink_output *seen)
{
	struct cme_event event = { .kind = CME_EVENT_OUTPUT, .output.state = CME_OUTPUT_LIVE };

	snprintf(event.output.id, sizeof event.output.id, "%s", out->id);
	if (seen->word == CME_UPLINK_SLOW)
		cme_err_set(&event.err, "output.slow",
			    "the destination takes less than it is sent (%.1f s are waiting)",
			    (double)seen->held_us / 1e6);
	cme_events_push(relay->events, &event);
}

void cme_relay_check_uplink(struct cme_relay *relay, int64_t now_us)
{
	struct cme_uplink_output seen[CME_SPEC_OUTPUTS_MAX];
	size_t count =
		relay->outputs.count < CME_SPEC_OUTPUTS_MAX ? relay->outputs.count : CME_SPEC_OUTPUTS_MAX;
	size_t behind = 0;

	for (size_t i = 0; i < count; i++) {
		cme_output_look(relay->outputs.items[i], &seen[i], now_us);
		behind += seen[i].live && seen[i].held_us >= CME_UPLINK_BEHIND_US;
	}
	if (cme_uplink_look(&relay->uplink, seen, count, now_us))
		tell_uplink(relay, behind);
	for (size_t i = 0; i < count; i++)
		if (seen[i].word != CME_UPLINK_NOTHING)
			tell_output(relay, relay->outputs.items[i], &seen[i]);
}
