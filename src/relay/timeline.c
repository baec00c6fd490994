/* SPDX-License-Identifier: MIT */
#include "relay/timeline.h"

#define STEP_US         1000     /* RTMP counts milliseconds: less would not be a step there */
#define MAX_INTERVAL_US 100000   /* longer ones are gaps, not frame intervals */
#define SETTLE_US       10000000 /* how long the first segment tells where the clock is */
#define NEAREST         4        /* two frames at a switch are at least this part of an interval apart */
#define SQUEEZE_US      100000   /* what a segment that begins late makes good by standing closer together */
#define STEER_US        3000000  /* further from the clock a segment is left as it is */
#define BACK_US         500000   /* stepping back this far is a jump, less is jitter */
#define AHEAD_US        3000000  /* so is running ahead of the arrivals by this */

static int64_t max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void cme_timeline_init(struct cme_timeline *timeline)
{
	*timeline = (struct cme_timeline){ .cut = true };
	for (int i = 0; i < CME_STREAMS; i++) {
		timeline->stream[i].last_out = INT64_MIN;
		timeline->stream[i].base = INT64_MAX;
		timeline->stream[i].interval = STEP_US;
	}
}

void cme_timeline_cut(struct cme_timeline *timeline)
{
	timeline->cut = true;
}

/* The output DTS at which a segment starting with this packet begins. */
static int64_t anchor(const struct cme_timeline *timeline, const struct cme_timeline_in *in)
{
	int64_t last = timeline->stream[in->stream].last_out;
	int64_t interval = timeline->stream[in->stream].interval;
	int64_t due, nearest;

	if (!timeline->started)
		return 0;
	if (last == INT64_MIN)
		return timeline->last_out + max64(STEP_US, in->arrival - timeline->last_arrival);
	due = in->due - timeline->stream[in->stream].base;
	nearest = last + max64(STEP_US, interval / NEAREST);
	return nearest - due > SQUEEZE_US ? nearest : due;
}

/* The packet that was least delayed tells best what lies between clock and timeline. */
static void settle(struct cme_timeline *timeline, const struct cme_timeline_in *in, int64_t dts)
{
	int64_t *base = &timeline->stream[in->stream].base;

	if (!timeline->started)
		timeline->settled = in->arrival + SETTLE_US;
	if (*base == INT64_MAX || (in->arrival < timeline->settled && in->due - dts < *base))
		*base = in->due - dts;
}

static void start_segment(struct cme_timeline *timeline, const struct cme_timeline_in *in)
{
	timeline->offset = anchor(timeline, in) - in->dts;
	timeline->cut = false;
	timeline->settled = timeline->started ? 0 : timeline->settled;
	for (int i = 0; i < CME_STREAMS; i++) {
		timeline->stream[i].in_segment = false;
		timeline->stream[i].offset = timeline->offset;
	}
}

static int64_t within(int64_t value, int64_t limit)
{
	return value > limit ? limit : max64(value, -limit);
}

/* Moves the segment towards the clock, as the picture shows it, or the sound where there is none. */
static void steer(struct cme_timeline *timeline, const struct cme_timeline_in *in)
{
	int64_t elapsed = in->arrival - timeline->stream[in->stream].arrival;
	int64_t base = timeline->stream[in->stream].base;
	int64_t behind, step;

	if (!timeline->stream[in->stream].in_segment || base == INT64_MAX || elapsed <= 0 ||
	    (in->stream == CME_AUDIO && timeline->stream[CME_VIDEO].in_segment) ||
	    timeline->stream[in->stream].offset != timeline->offset)
		return;
	behind = in->due - base - in->dts - timeline->offset;
	if (behind != within(behind, STEER_US))
		return;
	step = within(behind, within(elapsed, MAX_INTERVAL_US) / CME_TIMELINE_SLEW);
	for (int i = 0; i < CME_STREAMS; i++)
		timeline->stream[i].offset += step;
	timeline->offset += step;
}

bool cme_timeline_jumps(int64_t moved_us, int64_t elapsed_us)
{
	return moved_us < -BACK_US || moved_us > elapsed_us + AHEAD_US;
}

static bool jumped(const struct cme_timeline *timeline, const struct cme_timeline_in *in)
{
	int64_t moved = in->dts - timeline->stream[in->stream].last_in;
	int64_t elapsed = in->arrival - timeline->stream[in->stream].arrival;

	return timeline->stream[in->stream].in_segment && cme_timeline_jumps(moved, elapsed);
}

/* Follows the other stream's jump if that lands near the present, else makes an offset of its own. */
static void follow_jump(struct cme_timeline *timeline, const struct cme_timeline_in *in)
{
	int64_t *offset = &timeline->stream[in->stream].offset;
	int64_t ahead = in->dts + timeline->offset - timeline->last_out;

	if (*offset == timeline->offset || ahead < -AHEAD_US || ahead > AHEAD_US)
		timeline->offset = anchor(timeline, in) - in->dts;
	*offset = timeline->offset;
}

static void remember(struct cme_timeline *timeline, const struct cme_timeline_in *in, int64_t dts)
{
	int64_t last = timeline->stream[in->stream].last_out;

	settle(timeline, in, dts);
	if (last != INT64_MIN && dts - last > NEAREST * STEP_US && dts - last <= MAX_INTERVAL_US)
		timeline->stream[in->stream].interval = dts - last;
	timeline->stream[in->stream].last_out = dts;
	if (!timeline->started || dts >= timeline->last_out) {
		timeline->last_out = dts;
		timeline->last_arrival = max64(timeline->last_arrival, in->arrival);
	}
	timeline->started = true;
}

bool cme_timeline_map(struct cme_timeline *timeline, const struct cme_timeline_in *in,
		      struct cme_timeline_out *out)
{
	int64_t last = timeline->stream[in->stream].last_out;
	int64_t step = STEP_US;

	if (timeline->cut)
		step = max64(STEP_US, timeline->stream[in->stream].interval / NEAREST);
	if (timeline->cut)
		start_segment(timeline, in);
	else if (jumped(timeline, in))
		follow_jump(timeline, in);
	else
		steer(timeline, in);
	timeline->stream[in->stream].in_segment = true;
	timeline->stream[in->stream].last_in = in->dts;
	timeline->stream[in->stream].arrival = in->arrival;
	out->dts = in->dts + timeline->stream[in->stream].offset;
	out->pts = in->pts + timeline->stream[in->stream].offset;
	if (out->dts < 0)
		return false;
	if (last != INT64_MIN && out->dts < last + step) {
		if (in->stream == CME_AUDIO)
			return false; /* a sound frame less is not heard; a picture less breaks the GOP */
		out->dts = last + step;
	}
	out->pts = max64(out->pts, out->dts);
	remember(timeline, in, out->dts);
	return true;
}
