/* SPDX-License-Identifier: MIT */
#include "relay/cadence.h"

void cme_cadence_restart(struct cme_cadence *cadence)
{
	*cadence = (struct cme_cadence){ .jumps = cadence->jumps };
}

static bool jumped(const struct cme_cadence *cadence, const struct cme_timeline_in *in)
{
	return cadence->stream[in->stream].seen &&
	       cme_timeline_jumps(in->dts - cadence->stream[in->stream].dts,
				  in->arrival - cadence->stream[in->stream].arrival);
}

void cme_cadence_add(struct cme_cadence *cadence, const struct cme_timeline_in *in, bool keyframe)
{
	if (jumped(cadence, in)) {
		cadence->jumps++;
		cadence->in_gop = false;
	}
	cadence->stream[in->stream].seen = true;
	cadence->stream[in->stream].dts = in->dts;
	cadence->stream[in->stream].arrival = in->arrival;
	if (in->stream != CME_VIDEO)
		return;
	if (keyframe && cadence->in_gop) {
		cadence->gop_us = in->dts - cadence->gop_dts;
		cadence->gop_frames = cadence->frames;
	}
	if (keyframe) {
		cadence->in_gop = true;
		cadence->gop_dts = in->dts;
		cadence->frames = 0;
	}
	cadence->frames++;
}
