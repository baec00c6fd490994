/* SPDX-License-Identifier: MIT
 *
 * Recordings of one input: packets before any switch, each recording on a timeline of its own, so that an
 * input that comes back or jumps goes on in the same file.
 */
#include "relay/relay_state.h"

/* NULL: from before the first keyframe, not for the timeline, or no memory. */
static struct cme_packet *map(struct cme_output_tap *tap, const struct cme_timeline_in *in,
			      struct cme_packet *packet)
{
	struct cme_timeline_out out;

	tap->started = tap->started || packet->start;
	if (!tap->started || !cme_timeline_map(&tap->timeline, in, &out))
		return NULL;
	return cme_packet_rebase(
		packet, &(struct cme_rebase){ .dts_us = out.dts, .pts_us = out.pts, .media = packet->media });
}

void cme_relay_tap(struct cme_relay *relay, int i, struct cme_packet *packet,
		   const struct cme_timeline_in *in)
{
	for (size_t n = 0; n < relay->outputs.count; n++) {
		struct cme_output *out = relay->outputs.items[n];
		struct cme_packet *mapped;

		if (!out->record || out->record->of != i)
			continue;
		if (relay->source[i].fresh) {
			cme_timeline_cut(&out->tap.timeline);
			out->tap.started = false;
		}
		mapped = map(&out->tap, in, packet);
		if (mapped)
			cme_output_push(out, mapped);
		cme_packet_unref(mapped);
	}
}
