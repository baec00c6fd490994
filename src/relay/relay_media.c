/* SPDX-License-Identifier: MIT
 *
 * Where packets go. Everything here runs with relay->lock held: on an input's thread when a packet
 * comes, on the main thread for a failover.
 */
#include "relay/relay_state.h"

#include <string.h>

#include "relay/base/sys.h"

void cme_source_announce(struct cme_relay *relay, int i, const struct cme_err *err)
{
	struct cme_event event = { .kind = CME_EVENT_INPUT,
				   .input = { .endpoint = i, .state = relay->source[i].state } };

	if (err)
		event.err = *err;
	cme_events_push(relay->events, &event);
}

/* It could be on the air. */
static bool on_call(enum cme_source_state state)
{
	return state == CME_SOURCE_LIVE || state == CME_SOURCE_READY;
}

void cme_source_set_state(struct cme_relay *relay, int i, enum cme_source_state state,
			  const struct cme_err *err)
{
	struct cme_source *source = &relay->source[i];

	if (err) {
		source->error = *err;
		source->error_at = cme_wall_now();
	}
	if (source->state == state)
		return;
	if (!on_call(state))
		source->live_us = 0;
	else if (!source->live_us)
		source->live_us = cme_now_us();
	source->state = state;
	source->since = cme_wall_now();
	cme_source_announce(relay, i, err);
}

void cme_source_tell(struct cme_relay *relay, int i, const struct cme_err *err)
{
	if (err)
		cme_source_set_state(relay, i, relay->source[i].state, err);
	cme_source_announce(relay, i, err);
}

void cme_relay_gate(struct cme_relay *relay)
{
	for (int i = 0; i < CME_SOURCES; i++) {
		struct cme_source *source = &relay->source[i];
		bool play = relay->active == i || cme_relay_on_air(relay) == i ||
			    (relay->change.pending && relay->change.to == i);

		if (!source->input || !source->list || source->playing == play)
			continue;
		source->playing = play;
		if (play) {
			cme_cadence_restart(&source->cadence);
			cme_liveness_open(&source->life, cme_now_us());
		}
		cme_input_play(source->input, play);
		if (play || (source->state != CME_SOURCE_LIVE && source->state != CME_SOURCE_STALLED))
			continue;
		cme_gop_clear(&source->gop);
		cme_source_set_state(relay, i, CME_SOURCE_READY, NULL);
	}
}

static void set_result(struct cme_relay *relay, struct cme_switch_result result)
{
	relay->change.pending = false;
	relay->change.has_result[result.to] = true;
	relay->change.result[result.to] = result;
	cme_relay_gate(relay);
}

/* Between what went out last and now. */
static int64_t gap_ms_of(const struct cme_relay *relay, int64_t now_us)
{
	return relay->last_delivered_us ? (now_us - relay->last_delivered_us) / CME_MS_US : 0;
}

static void announce_switch(struct cme_relay *relay, int64_t now_us)
{
	int64_t gap_ms = gap_ms_of(relay, now_us);

	relay->announce.pending = false;
	cme_events_push(relay->events, &(struct cme_event){ .kind = CME_EVENT_SWITCHED,
							    .switched = { .from = relay->announce.from,
									  .to = relay->active,
									  .reason = relay->announce.reason,
									  .gap_ms = gap_ms } });
	if (relay->change.pending && relay->change.to == relay->active)
		set_result(relay, (struct cme_switch_result){ .to = relay->active, .gap_ms = gap_ms });
}

struct cme_timeline_in cme_packet_time(const struct cme_packet *packet)
{
	int64_t length_us = packet->media->frame_us;

	return (struct cme_timeline_in){ .stream = packet->stream,
					 .dts = packet->dts_us,
					 .pts = packet->pts_us,
					 .arrival = packet->arrival_us,
					 .due = packet->due_us,
					 .duration = length_us };
}

/* What the programme is like, of which a slate is no part. */
static void measure(struct cme_relay *relay, const struct cme_packet *packet)
{
	if (!relay->slate.on && cme_programme_add(&relay->programme, packet))
		cme_events_push(relay->events, &(struct cme_event){ .kind = CME_EVENT_PROGRAMME,
								    .programme = relay->programme.facts });
}

/* It went out. */
static void note_delivered(struct cme_relay *relay, const struct cme_packet *packet, struct cme_media *media)
{
	int64_t now_us = cme_now_us();

	if (packet->start && media != relay->delivered) {
		cme_media_unref(relay->delivered);
		relay->delivered = cme_media_ref(media);
	}
	if (relay->announce.pending)
		announce_switch(relay, now_us);
	if (relay->slate.announce)
		cme_relay_announce_slate(relay, gap_ms_of(relay, now_us));
	if (packet->stream == CME_VIDEO || !packet->media->par[CME_VIDEO])
		relay->slate.picture_us = now_us;
	relay->last_delivered_us = now_us;
	measure(relay, packet);
}

/* A recording of an input is no part of the programme. */
static void push_programme(struct cme_relay *relay, struct cme_output *out, struct cme_packet *packet)
{
	if (out->record && out->record->of != CME_RECORD_PROGRAMME)
		return;
	if (relay->carrying && out->ops->carry) {
		cme_output_put(out, packet);
		relay->carry = out->ops->carry;
	} else {
		cme_output_push(out, packet);
	}
}

/* The media that the destinations have, where the packet's own says the same: two inputs that carry the same
 * packets each describe them by themselves. */
static struct cme_media *media_for(const struct cme_relay *relay, struct cme_packet *packet)
{
	return relay->merging && relay->delivered && cme_media_alike(relay->delivered, packet->media)
		       ? relay->delivered
		       : packet->media;
}

static struct cme_packet *map(struct cme_relay *relay, struct cme_packet *packet,
			      const struct cme_timeline_in *in, struct cme_media *media)
{
	struct cme_rebase to = { .media = media,
				 .headers_in_band = packet->start && media != relay->delivered };
	struct cme_timeline_out out;

	if (relay->need_start || !cme_timeline_map(&relay->timeline, in, &out))
		return NULL; /* before the first keyframe, or not for the timeline */
	to.dts_us = out.dts;
	to.pts_us = out.pts;
	return cme_packet_rebase(packet, &to);
}

void cme_relay_deliver(struct cme_relay *relay, struct cme_packet *packet, const struct cme_timeline_in *in,
		       int64_t came_us)
{
	struct cme_media *media = media_for(relay, packet);
	struct cme_packet *mapped;

	relay->need_start = relay->need_start && !packet->start;
	mapped = map(relay, packet, in, media);
	if (!mapped) {
		relay->source[cme_relay_on_air(relay)].dropped++;
		return;
	}
	mapped->arrival_us = came_us;
	for (size_t i = 0; i < relay->outputs.count; i++)
		push_programme(relay, relay->outputs.items[i], mapped);
	cme_packet_unref(mapped);
	note_delivered(relay, packet, media);
}

static void deliver(struct cme_relay *relay, struct cme_packet *packet, int64_t came_us)
{
	struct cme_timeline_in in = cme_packet_time(packet);

	cme_relay_deliver(relay, packet, &in, came_us);
}

void cme_relay_change_failed(struct cme_relay *relay, const struct cme_err *err)
{
	if (!relay->change.pending)
		return;
	set_result(relay, (struct cme_switch_result){ .to = relay->change.to, .err = *err });
	cme_events_wake(relay->events);
}

void cme_relay_await_change(struct cme_relay *relay, int to, const char *reason)
{
	relay->change.pending = true;
	relay->change.to = to;
	relay->change.reason = reason;
	relay->change.deadline_us = cme_now_us() + CME_SWITCH_DEADLINE_US;
	cme_relay_gate(relay);
}

int cme_relay_check_change(const struct cme_relay *relay, int to, struct cme_err *err)
{
	const struct cme_media *next = relay->source[to].media;
	char old_text[64], new_text[64];

	if (!next || !relay->delivered || relay->source[relay->active].state != CME_SOURCE_LIVE ||
	    cme_media_fits(relay->delivered, next))
		return 0;
	cme_media_text(relay->delivered, old_text, sizeof old_text);
	cme_media_text(next, new_text, sizeof new_text);
	return cme_err_set(err, "switch.incompatible",
			   "switch to '%s': it carries %s, the destinations were opened with %s "
			   "(one publish cannot change its codecs)",
			   cme_endpoint_names[to], new_text, old_text);
}

void cme_relay_begin_segment(struct cme_relay *relay, int i)
{
	relay->need_start = true;
	relay->source[i].fresh = false;
	cme_timeline_cut(&relay->timeline);
	cme_relay_gate(relay);
}

void cme_relay_change_to(struct cme_relay *relay, int to, const char *reason, bool replay)
{
	struct cme_gop *gop = &relay->source[to].gop;
	bool anew = cme_relay_merge_lead(relay, to);

	relay->announce.pending = true;
	relay->announce.from = relay->active;
	relay->announce.reason = reason;
	relay->active = to;
	relay->active_since_us = cme_now_us();
	if (!anew)
		return;
	cme_relay_leave_slate(relay);
	cme_relay_begin_segment(relay, to);
	for (size_t i = 0; replay && i < gop->count; i++) /* all of it comes to the outputs now */
		deliver(relay, gop->packets[i], relay->active_since_us);
}

/* A keyframe of the input that a switch waits for: make before break ends here. */
static void change_at_keyframe(struct cme_relay *relay, int i)
{
	struct cme_err err;

	if (cme_relay_check_change(relay, i, &err) != 0)
		cme_relay_change_failed(relay, &err);
	else
		cme_relay_change_to(relay, i, relay->change.reason, false);
}

/* Pictures before the first keyframe cannot be decoded: they are a promise and no more. */
static void note_life(struct cme_source *source, const struct cme_packet *packet)
{
	int stream = packet->stream;

	source->started = source->started || packet->start;
	if (stream == CME_VIDEO)
		source->picture_us = packet->arrival_us;
	if (source->started || stream == CME_AUDIO)
		cme_liveness_packet(&source->life, stream, packet->arrival_us);
	else
		cme_liveness_promise(&source->life, stream, packet->arrival_us);
}

static void remember(struct cme_source *source, struct cme_packet *packet)
{
	struct cme_timeline_in in = cme_packet_time(packet);

	if (source->media != packet->media) {
		cme_media_unref(source->media);
		source->media = cme_media_ref(packet->media);
	}
	if (source->fresh)
		cme_cadence_restart(&source->cadence);
	cme_cadence_add(&source->cadence, &in, in.stream == CME_VIDEO && packet->start);
	packet->due_us = cme_cadence_due(&source->cadence, &in);
	source->last_packet_us = packet->arrival_us;
	note_life(source, packet);
	source->packets++;
	cme_rate_add(&source->rate, packet->arrival_us, packet->size, packet->stream == CME_VIDEO);
	cme_gop_push(&source->gop, cme_packet_ref(packet), packet->size, packet->start);
}

/* Sound alone of what promised a picture is no sign of life. */
static bool lives(const struct cme_relay *relay, const struct cme_source *source, int64_t now_us)
{
	return cme_liveness_kept(&source->life, CME_VIDEO) &&
	       !cme_liveness_judge(&source->life, now_us, relay->stall_limit_us).lost[CME_VIDEO];
}

void cme_relay_take(struct cme_relay *relay, int i, struct cme_packet *packet, uint64_t print)
{
	struct cme_source *source = &relay->source[i];
	struct cme_timeline_in in;

	if (source->fresh && source->state != CME_SOURCE_LIVE)
		source->opens++;
	remember(source, packet);
	in = cme_packet_time(packet);
	cme_relay_tap(relay, i, packet, &in);
	if (lives(relay, source, packet->arrival_us))
		cme_source_set_state(relay, i, CME_SOURCE_LIVE, NULL);
	if (relay->change.pending && relay->change.to == i && relay->active != i && packet->start)
		change_at_keyframe(relay, i);
	if (cme_relay_slate_yields(relay, i, packet))
		cme_relay_end_slate(relay, i);
	if (relay->merging && i < CME_INPUTS && !relay->slate.on) {
		cme_relay_merge_take(relay, i, packet, print);
		return;
	}
	if (cme_relay_on_air(relay) != i) {
		source->fresh = false;
		return;
	}
	if (source->fresh) {
		source->fresh = false;
		relay->need_start = true;
		cme_timeline_cut(&relay->timeline);
	}
	deliver(relay, packet, packet->arrival_us);
}
