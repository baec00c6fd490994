/* SPDX-License-Identifier: MIT */
#include "stream/cadence.h"

#define WINDOW_US 2000000

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

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The least lag of the last two to four seconds; what was before a silence says nothing of what comes after.
 */
static void watch_lag(struct cme_cadence *cadence, const struct cme_timeline_in *in, bool jump)
{
	int64_t lag = in->arrival - in->dts;
	bool anew = jump || !cadence->stream[in->stream].seen ||
		    in->arrival - cadence->stream[in->stream].arrival >= WINDOW_US;

	if (anew)
		cadence->stream[in->stream].lag_before = cadence->stream[in->stream].lag = lag;
	if (anew || in->arrival - cadence->stream[in->stream].window >= WINDOW_US) {
		cadence->stream[in->stream].lag_before = cadence->stream[in->stream].lag;
		cadence->stream[in->stream].lag = lag;
		cadence->stream[in->stream].window = in->arrival;
	}
	cadence->stream[in->stream].lag = min64(cadence->stream[in->stream].lag, lag);
}

int64_t cme_cadence_due(const struct cme_cadence *cadence, const struct cme_timeline_in *in)
{
	return in->dts + min64(cadence->stream[in->stream].lag, cadence->stream[in->stream].lag_before);
}

void cme_cadence_add(struct cme_cadence *cadence, const struct cme_timeline_in *in, bool keyframe)
{
	bool jump = jumped(cadence, in);

	if (jump) {
		cadence->jumps++;
		cadence->in_gop = false;
	}
	watch_lag(cadence, in, jump);
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
