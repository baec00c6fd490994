/* SPDX-License-Identifier: MIT
 *
 * Where main and backup become one programme (merge/merge.h): what they bring goes into the merge, and what
 * comes out of it goes the way of every packet. While both are joined a switch is a name and no more: no cut
 * of the timeline, no keyframe waited for. Everything here runs with relay->lock held.
 */
#include <stdlib.h>
#include <string.h>

#include "relay/base/sys.h"
#include "relay/merge/merge.h"
#include "relay/merge/print.h"
#include "relay/relay_state.h"

struct cme_relay_merge {
	struct cme_merge merge;
	struct cme_relay *relay;
	int64_t now_us;
	int64_t held_since_us; /* since when packets wait; 0: none does */
	bool parted;           /* that was noticed */
	enum cme_merged told;  /* the state of the last event */
};

static const enum cme_merged states[CME_MERGE_STATES] = {
	[CME_MERGE_ALONE] = CME_MERGED_ALONE,     [CME_MERGE_ALIGNING] = CME_MERGED_ALIGNING,
	[CME_MERGE_REPEATS] = CME_MERGED_REPEATS, [CME_MERGE_FAR] = CME_MERGED_FAR,
	[CME_MERGE_ALIGNED] = CME_MERGED_ALIGNED, [CME_MERGE_DIFFERENT] = CME_MERGED_DIFFERENT,
};

/* ---- the merge's side */

/* The programme's next packet. What waited counts from now: it is no backlog of the outputs. */
static void on_send(void *ctx, const struct cme_merge_packet *out)
{
	struct cme_relay_merge *merging = ctx;
	struct cme_packet *packet = out->packet;
	struct cme_timeline_in in = cme_packet_time(packet);

	if (merging->relay->slate.on) { /* it waited for too long */
		cme_packet_unref(packet);
		return;
	}
	in.dts = out->dts;
	in.pts = out->pts;
	in.due = out->due;
	in.arrival = out->arrival;
	cme_relay_deliver(merging->relay, packet, &in, out->waited ? merging->now_us : packet->arrival_us);
	cme_packet_unref(packet);
}

static void on_drop(void *ctx, void *packet)
{
	(void)ctx;
	cme_packet_unref(packet);
}

static void start(struct cme_relay *relay, int64_t window_us)
{
	struct cme_relay_merge *merging = calloc(1, sizeof *merging);
	struct cme_merge_sink sink = { merging, on_send, on_drop };

	if (!merging)
		return;
	merging->relay = relay;
	if (cme_merge_init(&merging->merge, &sink, window_us) != 0) {
		cme_merge_fini(&merging->merge);
		free(merging);
		return;
	}
	relay->merging = merging;
}

/* The times of the input on the air are its own again. */
static void stop(struct cme_relay *relay)
{
	struct cme_merge *merge = &relay->merging->merge;

	for (int i = 0; i < CME_MERGE_PATHS; i++)
		cme_merge_close(merge, i, INT64_MAX);
	if (relay->active < CME_MERGE_PATHS && merge->path[relay->active].offset) {
		relay->need_start = true;
		cme_timeline_cut(&relay->timeline);
	}
	cme_relay_merge_free(relay);
}

void cme_relay_merge_reset(struct cme_relay *relay)
{
	for (int i = 0; relay->merging && i < CME_MERGE_PATHS; i++)
		cme_merge_close(&relay->merging->merge, i, INT64_MAX);
}

void cme_relay_merge_free(struct cme_relay *relay)
{
	struct cme_relay_merge *merging = relay->merging;

	relay->merging = NULL;
	atomic_store(&relay->prints, false);
	if (merging)
		cme_merge_fini(&merging->merge);
	free(merging);
}

void cme_relay_merge_set(struct cme_relay *relay, bool on, int64_t window_us)
{
	if (relay->merging && (!on || relay->merging->merge.window_us != window_us))
		stop(relay);
	if (on && !relay->merging)
		start(relay, window_us);
	atomic_store(&relay->prints, relay->merging != NULL);
}

uint64_t cme_relay_merge_print(struct cme_relay *relay, const struct cme_packet *packet)
{
	if (!atomic_load(&relay->prints))
		return 0;
	return cme_print(packet->media->par[packet->stream], packet->data, packet->size);
}

/* ---- what is told */

static void say_why_not(const struct cme_merge *merge, enum cme_merged state, struct cme_err *err)
{
	double window_s = (double)merge->window_us / 1e6;

	*err = (struct cme_err){ 0 };
	switch (state) {
	case CME_MERGED_DIFFERENT:
		cme_err_set(err, "merge.different",
			    "main and backup do not carry the same packets (feed both from one encoder, "
			    "without transcoding)");
		break;
	case CME_MERGED_FAR:
		cme_err_set(err, "merge.far",
			    "the same packets come %.1f s apart by main and backup, more than merge_window "
			    "(%g s)",
			    (double)llabs(cme_merge_distance_us(merge)) / 1e6, window_s);
		break;
	case CME_MERGED_REPEATS:
		cme_err_set(err, "merge.repeats",
			    "picture and sound repeat, so nothing tells which packets are the same (this "
			    "ends when either moves)");
		break;
	default:
		break;
	}
}

static void tell(struct cme_relay *relay, int64_t now_us)
{
	struct cme_relay_merge *merging = relay->merging;
	enum cme_merged state = states[cme_merge_state(&merging->merge, now_us)];
	struct cme_event event = { .kind = CME_EVENT_MERGE };

	if (state == merging->told)
		return;
	merging->told = state;
	event.merge.state = state;
	event.merge.distance_us = cme_merge_distance_us(&merging->merge);
	say_why_not(&merging->merge, state, &event.err);
	cme_events_push(relay->events, &event);
}

void cme_relay_merge_stat(const struct cme_relay *relay, int64_t now_us, struct cme_merge_stat *stat)
{
	const struct cme_relay_merge *merging = relay->merging;

	*stat = (struct cme_merge_stat){ .state = CME_MERGED_OFF };
	if (!merging)
		return;
	stat->state = states[cme_merge_state(&merging->merge, now_us)];
	stat->distance_us = cme_merge_distance_us(&merging->merge);
	stat->held_us = merging->held_since_us ? now_us - merging->held_since_us : 0;
	say_why_not(&merging->merge, stat->state, &stat->err);
	for (int i = 0; i < CME_MERGE_PATHS; i++) {
		const struct cme_merge_count *count = &merging->merge.path[i].count;

		stat->input[i].taken = count->taken;
		stat->input[i].doubled = count->doubled;
		stat->input[i].late = count->late;
	}
}

/* ---- the relay's side */

static int other_of(int i)
{
	return i == CME_MAIN ? CME_BACKUP : CME_MAIN;
}

static bool joined(const struct cme_relay *relay, int i)
{
	return i < CME_MERGE_PATHS && cme_merge_joined(&relay->merging->merge, i);
}

/* What follows from what the merge did: another input feeds the programme, or it began anew. */
static void follow(struct cme_relay *relay)
{
	struct cme_relay_merge *merging = relay->merging;
	bool parted = merging->merge.parted, waits = merging->merge.waits_until != INT64_MAX;

	if (parted && !merging->parted) {
		relay->need_start = true;
		cme_timeline_cut(&relay->timeline);
	}
	merging->parted = parted;
	if (!joined(relay, relay->active) && joined(relay, other_of(relay->active)))
		cme_relay_change_to(relay, other_of(relay->active), "merge", false);
	if (waits && !merging->held_since_us)
		cme_events_wake(relay->events); /* the main thread has to see to its end */
	if (!waits || !merging->held_since_us)
		merging->held_since_us = waits ? merging->now_us : 0;
	if ((merging->told == CME_MERGED_ALIGNED) != (joined(relay, CME_MAIN) && joined(relay, CME_BACKUP)))
		tell(relay, merging->now_us);
}

bool cme_relay_merge_lead(struct cme_relay *relay, int to)
{
	return !relay->merging || to >= CME_MERGE_PATHS || cme_merge_lead(&relay->merging->merge, to);
}

/* The input on the air begins, or begins anew, and the other has nothing to put in its place. */
static void begin(struct cme_relay *relay, int i, bool fresh)
{
	if (relay->active != i || joined(relay, i) || joined(relay, other_of(i)))
		return;
	cme_merge_lead(&relay->merging->merge, i);
	if (!fresh)
		return;
	relay->need_start = true;
	cme_timeline_cut(&relay->timeline);
}

void cme_relay_merge_take(struct cme_relay *relay, int i, struct cme_packet *packet, uint64_t print)
{
	struct cme_relay_merge *merging = relay->merging;
	struct cme_timeline_in in = cme_packet_time(packet);
	bool fresh = relay->source[i].fresh;

	merging->now_us = packet->arrival_us;
	relay->source[i].fresh = false;
	if (fresh)
		cme_merge_close(&merging->merge, i, merging->now_us);
	begin(relay, i, fresh);
	cme_merge_put(&merging->merge, &(struct cme_merge_packet){ .path = i,
								   .stream = in.stream,
								   .dts = in.dts,
								   .pts = in.pts,
								   .due = in.due,
								   .arrival = in.arrival,
								   .hash = print,
								   .key = packet->start,
								   .damaged = packet->damaged,
								   .bytes = packet->size,
								   .packet = cme_packet_ref(packet) });
	follow(relay);
}

void cme_relay_merge_end(struct cme_relay *relay, int i)
{
	if (!relay->merging || i >= CME_MERGE_PATHS)
		return;
	relay->merging->now_us = cme_now_us();
	cme_merge_close(&relay->merging->merge, i, relay->merging->now_us);
	follow(relay);
}

int64_t cme_relay_merge_watch(struct cme_relay *relay, int64_t now_us)
{
	int64_t next_us;

	if (!relay->merging)
		return INT64_MAX;
	relay->merging->now_us = now_us;
	next_us = cme_merge_tick(&relay->merging->merge, now_us);
	follow(relay);
	if (joined(relay, relay->settled) && joined(relay, relay->active) &&
	    relay->active != relay->settled && !relay->change.pending)
		cme_relay_change_to(relay, relay->settled, "merge", false);
	tell(relay, now_us);
	return next_us;
}
