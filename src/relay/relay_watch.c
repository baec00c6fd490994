/* SPDX-License-Identifier: MIT
 *
 * What time brings: stalls, failover and the way back from it, switches that do not come about. All on the
 * main thread with relay->lock held.
 */
#include <stdio.h>

#include "relay/base/sys.h"
#include "relay/failover.h"
#include "relay/relay_state.h"

static void sooner(int64_t *next_us, int64_t at_us)
{
	if (at_us < *next_us)
		*next_us = at_us;
}

static void say_no_keyframe(const struct cme_source *source, const char *name, struct cme_err *err)
{
	int limit_s = (int)(CME_SWITCH_DEADLINE_US / CME_SECOND_US);
	const char *state = cme_source_state_names[source->state];
	bool failed = source->state != CME_SOURCE_LIVE && source->error.code[0];

	if (failed) {
		*err = source->error;
		snprintf(err->code, sizeof err->code, "switch.no_keyframe");
		cme_err_prefix(err, "no keyframe within %d s (the input is %s)", limit_s, state);
	} else {
		cme_err_set(err, "switch.no_keyframe", "no keyframe within %d s (the input is %s)", limit_s,
			    state);
	}
	cme_err_prefix(err, "switch to '%s'", name);
}

/* No keyframe came in time: a GOP longer than the deadline starts from the cache, else it failed. */
static void end_change(struct cme_relay *relay)
{
	const struct cme_source *source = &relay->source[relay->change.to];
	struct cme_err err;

	if (source->state == CME_SOURCE_LIVE && source->gop.count && relay->active != relay->change.to) {
		cme_relay_change_to(relay, relay->change.to, relay->change.reason, true);
		return;
	}
	say_no_keyframe(source, cme_endpoint_names[relay->change.to], &err);
	cme_relay_change_failed(relay, &err);
}

/* When the last packet came that shows it to be alive: of the picture, where one was promised. */
static int64_t alive_us(const struct cme_source *source)
{
	const struct cme_liveness *life = &source->life;

	if (!life->promised[CME_VIDEO])
		return source->last_packet_us;
	if (!life->last_us[CME_VIDEO] &&
	    source->error.code[0]) /* each try to open would be waited for anew */
		return 0;
	return life->last_us[CME_VIDEO] ? life->last_us[CME_VIDEO] : life->due_us[CME_VIDEO];
}

static bool silent(const struct cme_relay *relay, const struct cme_source *source, int64_t now_us)
{
	return cme_failover_stalled(now_us, source->last_packet_us, relay->stall_limit_us);
}

static void picture_lost(struct cme_relay *relay, int i, int64_t now_us)
{
	const struct cme_source *source = &relay->source[i];
	double limit_s = (double)relay->stall_limit_us / 1e6;
	struct cme_err err;

	if (source->promise.unreadable[CME_VIDEO][0])
		cme_err_set(&err, "media.unsupported", CME_PICTURE_UNREADABLE,
			    source->promise.unreadable[CME_VIDEO]);
	else if (!source->started && source->picture_us &&
		 !cme_failover_stalled(now_us, source->picture_us, relay->stall_limit_us))
		cme_err_set(&err, "media.no_keyframe",
			    "pictures without a keyframe for %g s (set the encoder's keyframe interval to 1 "
			    "to 4 s)",
			    limit_s);
	else
		cme_err_set(&err, "media.no_picture", "no picture for %g s", limit_s);
	cme_source_set_state(relay, i, CME_SOURCE_DOWN, &err);
}

/* Without its sound an input is worth less than one that has it: told, and no place to go back to. */
static void check_sound(struct cme_relay *relay, int i, bool lost, int64_t now_us)
{
	struct cme_source *source = &relay->source[i];
	bool mute = lost && source->state == CME_SOURCE_LIVE;
	struct cme_err err;

	if (source->mute == mute)
		return;
	source->mute = mute;
	if (mute && source->promise.unreadable[CME_AUDIO][0])
		cme_err_set(&err, "media.unsupported", "the sound is %s (send AAC)",
			    source->promise.unreadable[CME_AUDIO]);
	else if (mute)
		cme_err_set(&err, "media.no_sound", "no sound for %g s", (double)relay->stall_limit_us / 1e6);
	if (source->state != CME_SOURCE_LIVE)
		return;
	source->live_us = mute ? 0 : now_us;
	cme_source_tell(relay, i, mute ? &err : NULL);
}

/* The source sends something else in place of a stream: the other one, or what cannot be read. */
static bool goes_on_without(const struct cme_relay *relay, const struct cme_source *source, int stream)
{
	return source->promise.unreadable[stream][0] ||
	       cme_liveness_outlived(&source->life, stream, source->last_packet_us, relay->stall_limit_us);
}

/* Packets came since the source was opened. */
static bool is_read(const struct cme_source *source)
{
	return source->state != CME_SOURCE_CONNECTING ||
	       source->last_packet_us >= source->life.due_us[CME_VIDEO];
}

static void check_life(struct cme_relay *relay, int i, int64_t now_us, int64_t *next_us)
{
	const struct cme_source *source = &relay->source[i];
	struct cme_liveness_verdict verdict =
		cme_liveness_judge(&source->life, now_us, relay->stall_limit_us);
	struct cme_err err;

	if (source->state == CME_SOURCE_LIVE && silent(relay, source, now_us)) {
		cme_err_set(&err, "source.stalled", "no packets for %g s",
			    (double)relay->stall_limit_us / 1e6);
		cme_source_set_state(relay, i, CME_SOURCE_STALLED, &err);
	} else if (verdict.lost[CME_VIDEO] && is_read(source) && !silent(relay, source, now_us) &&
		   goes_on_without(relay, source, CME_VIDEO)) {
		picture_lost(relay, i, now_us);
	}
	check_sound(relay, i, verdict.lost[CME_AUDIO] && goes_on_without(relay, source, CME_AUDIO), now_us);
	if (!silent(relay, source, now_us))
		sooner(next_us, source->last_packet_us + relay->stall_limit_us);
	sooner(next_us, verdict.check_at_us);
}

static void check_lives(struct cme_relay *relay, int64_t now_us, int64_t *next_us)
{
	for (int i = 0; i < CME_INPUTS; i++) {
		const struct cme_source *source = &relay->source[i];

		if (source->input &&
		    (source->state == CME_SOURCE_LIVE || source->state == CME_SOURCE_STALLED ||
		     source->state == CME_SOURCE_CONNECTING))
			check_life(relay, i, now_us, next_us);
	}
}

bool cme_relay_is_played_out(const struct cme_relay *relay)
{
	const struct cme_source *source = &relay->source[relay->active];

	return source->input && source->state == CME_SOURCE_ENDED && relay->active == relay->settled;
}

static bool ready(const struct cme_relay *relay, int i)
{
	return relay->source[i].state == CME_SOURCE_READY;
}

static void look_at_streams(const struct cme_relay *relay, int i, struct cme_failover_view *view,
			    int64_t now_us)
{
	const struct cme_liveness *life = &relay->source[i].life;
	struct cme_liveness_verdict verdict = cme_liveness_judge(life, now_us, relay->stall_limit_us);

	const struct cme_media *media = ready(relay, i) ? relay->source[i].media : NULL;

	view->input[i].picture =
		media ? media->par[CME_VIDEO] != NULL : life->last_us[CME_VIDEO] && !verdict.lost[CME_VIDEO];
	view->input[i].sound =
		media ? media->par[CME_AUDIO] != NULL : life->last_us[CME_AUDIO] && !verdict.lost[CME_AUDIO];
	view->input[i].sound_lost = relay->source[i].mute;
}

/* Time between its pictures; 0: not known. */
static int64_t pace_us(struct cme_source *source, int64_t now_us)
{
	cme_rate_settle(&source->rate, now_us);
	return source->rate.fps > 0 ? (int64_t)(1e6 / source->rate.fps) : 0;
}

static void check_failover(struct cme_relay *relay, int64_t now_us, int64_t *next_us)
{
	struct cme_failover_view view = { .enabled = relay->failover && !cme_relay_is_played_out(relay),
					  .active = relay->active,
					  .now_us = now_us,
					  .limit_us = relay->stall_limit_us,
					  .active_since_us = relay->active_since_us };
	struct cme_failover_verdict verdict;

	for (int i = 0; i < CME_INPUTS; i++) {
		view.input[i].present = relay->source[i].input != NULL;
		view.input[i].first_try = relay->source[i].opens == 0 && !relay->source[i].error.code[0];
		view.input[i].live = relay->source[i].state == CME_SOURCE_LIVE || ready(relay, i);
		view.input[i].over = relay->source[i].state == CME_SOURCE_ENDED;
		view.input[i].last_packet_us = ready(relay, i) ? now_us : alive_us(&relay->source[i]);
		view.input[i].pace_us = pace_us(&relay->source[i], now_us);
		look_at_streams(relay, i, &view, now_us);
	}
	verdict = cme_failover_decide(&view);
	if (verdict.to >= 0)
		cme_relay_change_to(relay, verdict.to, "failover", true);
	sooner(next_us, verdict.check_at_us);
}

/* Goes back as a switch does, at a keyframe. */
static void check_failback(struct cme_relay *relay, int64_t now_us, int64_t *next_us)
{
	const struct cme_source *asked = &relay->source[relay->settled];
	struct cme_failback_view view = { .hold_us = relay->failback_us,
					  .away = relay->active != relay->settled && asked->input,
					  .busy = relay->change.pending,
					  .live_since_us = asked->live_us,
					  .tried_us = relay->failback_tried_us };
	int64_t at_us = cme_failback_at_us(&view);
	struct cme_err err;

	if (at_us > now_us) {
		sooner(next_us, at_us);
		return;
	}
	relay->failback_tried_us = now_us;
	cme_relay_await_change(relay, relay->settled, "failback");
	if (cme_relay_check_change(relay, relay->settled, &err) != 0)
		cme_relay_change_failed(relay, &err);
}

static void check_change(struct cme_relay *relay, int64_t now_us, int64_t *next_us)
{
	if (!relay->change.pending)
		return;
	if (now_us >= relay->change.deadline_us)
		end_change(relay);
	else
		sooner(next_us, relay->change.deadline_us);
}

int64_t cme_relay_watch(struct cme_relay *relay, int64_t now_us, int64_t next_us)
{
	check_lives(relay, now_us, &next_us);
	check_failover(relay, now_us, &next_us);
	check_failback(relay, now_us, &next_us);
	check_change(relay, now_us, &next_us);
	sooner(&next_us, cme_relay_check_slate(relay, now_us));
	sooner(&next_us, cme_relay_merge_watch(relay, now_us));
	cme_relay_check_uplink(relay, now_us);
	return next_us;
}
