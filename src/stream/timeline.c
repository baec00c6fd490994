/* SPDX-License-Identifier: MIT */
#include "stream/timeline.h"

#define STEP_US         1000     /* RTMP counts milliseconds: less would not be a step there */
#define MAX_INTERVAL_US 100000   /* longer ones are gaps, not frame intervals */
#define SETTLE_US       10000000 /* how long the first segment tells where the clock is */
#define NEAREST         4        /* two frames at a switch are at least this part of an interval apart */
#define SQUEEZE_US      100000   /* what a segment that begins late makes good by standing closer together */
#define STEER_US        3000000  /* further from the clock a segment is left as it is */
#define BACK_US         500000   /* stepping back this far is a jump, less is jitter */
#define AHEAD_US        3000000  /* so is running ahead of the arrivals by this */
#define LEAD_US         250000   /* sound this far ahead of its own timestamps follows twice as fast */
#define LEAD_MAX_US     1000000  /* and this far ahead not at all */

static int64_t max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
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
		timeline->stream[i].in_segment = timeline->stream[i].placed = false;
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

/* Follows the other stream's jump if that lands near where this one was, or where the output is if nothing of
 * this one was put out yet; else makes an offset of its own. */
static void follow_jump(struct cme_timeline *timeline, const struct cme_timeline_in *in)
{
	int64_t *offset = &timeline->stream[in->stream].offset;
	int64_t last = timeline->stream[in->stream].last_out;
	int64_t ahead = in->dts + timeline->offset - (last == INT64_MIN ? timeline->last_out : last);

	timeline->stream[in->stream].placed = false;
	if (*offset == timeline->offset || ahead < -AHEAD_US || ahead > AHEAD_US)
		timeline->offset = anchor(timeline, in) - in->dts;
	*offset = timeline->offset;
}

/* own: where its own timestamp puts it. */
static void remember(struct cme_timeline *timeline, const struct cme_timeline_in *in, int64_t own,
		     int64_t dts)
{
	int64_t last = timeline->stream[in->stream].last_out;

	settle(timeline, in, dts);
	if (last != INT64_MIN && dts == own && dts - last > NEAREST * STEP_US &&
	    dts - last <= MAX_INTERVAL_US)
		timeline->stream[in->stream].interval = dts - last;
	timeline->stream[in->stream].last_out = dts;
	timeline->stream[in->stream].placed = true;
	if (!timeline->started || dts >= timeline->last_out) {
		timeline->last_out = dts;
		timeline->last_arrival = max64(timeline->last_arrival, in->arrival);
	}
	timeline->started = true;
}

/* How far two packets of a stream are apart at least. */
static int64_t least_step(const struct cme_timeline *timeline, int stream)
{
	return timeline->cut ? max64(STEP_US, timeline->stream[stream].interval / NEAREST) : STEP_US;
}

/* When sound whose own time, `dts`, lies before the end of the frame before comes next; INT64_MIN: never. */
static int64_t follow_sound(const struct cme_timeline *timeline, const struct cme_timeline_in *in,
			    int64_t dts)
{
	int64_t last = timeline->stream[CME_AUDIO].last_out;
	int64_t length = in->duration > 0 ? in->duration : timeline->stream[CME_AUDIO].interval;
	int64_t lead = last + length - dts;

	if (!timeline->stream[CME_AUDIO].placed || lead > LEAD_MAX_US)
		return INT64_MIN;
	return last + (lead > LEAD_US ? max64(STEP_US, length / 2) : length);
}

/* The DTS of a packet whose own would be `dts`; INT64_MIN: left out. */
static int64_t place(const struct cme_timeline *timeline, const struct cme_timeline_in *in, int64_t dts,
		     int64_t step)
{
	int64_t last = timeline->stream[in->stream].last_out;

	if (dts < 0)
		return INT64_MIN;
	if (last == INT64_MIN || dts >= last + step)
		return dts;
	return in->stream == CME_AUDIO ? follow_sound(timeline, in, dts) : last + step;
}

bool cme_timeline_map(struct cme_timeline *timeline, const struct cme_timeline_in *in,
		      struct cme_timeline_out *out)
{
	int64_t step = least_step(timeline, in->stream), offset;

	if (timeline->cut)
		start_segment(timeline, in);
	else if (jumped(timeline, in))
		follow_jump(timeline, in);
	else
		steer(timeline, in);
	offset = timeline->stream[in->stream].offset;
	timeline->stream[in->stream].in_segment = true;
	timeline->stream[in->stream].last_in = in->dts;
	timeline->stream[in->stream].arrival = in->arrival;
	out->dts = place(timeline, in, in->dts + offset, step);
	if (out->dts == INT64_MIN)
		return false;
	out->pts = max64(in->pts + offset, out->dts + min64(in->pts - in->dts, 0));
	remember(timeline, in, in->dts + offset, out->dts);
	return true;
}
