/* SPDX-License-Identifier: MIT
 *
 * Snapshots of what runs, on the main thread, which alone changes the list of outputs: its length stays the
 * same when the lock is not held.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/redact.h"
#include "relay/base/sys.h"
#include "relay/relay_state.h"

#define STUCK_US CME_SECOND_US /* for a thread that was woken: long, for any machine's load */

static void look_at_play(const struct cme_input *input, struct cme_play_stat *play)
{
	struct cme_position position;

	play->list = cme_input_position(input, &position);
	if (!play->list)
		return;
	play->index = position.index;
	play->round = position.round;
	play->offset_us = position.offset_us;
	play->played_us = position.played_us;
	cme_redact_url(position.url, play->url, sizeof play->url);
}

static void look_at_source(struct cme_source *source, int64_t now_us, struct cme_input_stat *stat)
{
	*stat = (struct cme_input_stat){ .present = source->input != NULL };
	if (!stat->present)
		return;
	cme_rate_settle(&source->rate, now_us);
	stat->state = source->state;
	stat->since = source->since;
	stat->opens = source->opens;
	stat->error = (struct cme_error_stat){ source->error, source->error_at };
	stat->fps = source->rate.fps;
	stat->kbps = source->rate.kbps;
	stat->packets = source->packets;
	stat->dropped = source->dropped;
	stat->age_us = source->last_packet_us ? now_us - source->last_packet_us : -1;
	stat->gop_packets = source->gop.count;
	stat->gop_us = source->cadence.gop_us;
	stat->gop_frames = source->cadence.gop_frames;
	stat->dts_jumps = source->cadence.jumps;
	look_at_play(source->input, &stat->play);
	if (source->media)
		cme_media_describe(source->media, &stat->codecs);
}

/* What an output without media waits for. */
static void say_awaited(const struct cme_relay *relay, struct cme_err *out)
{
	const struct cme_source *source = &relay->source[relay->active];
	const char *name = cme_endpoint_names[relay->active];

	switch (source->input ? source->state : CME_SOURCE_DOWN) {
	case CME_SOURCE_LIVE:
		cme_err_set(out, "state.waiting", "the next keyframe of the %s input", name);
		return;
	case CME_SOURCE_CONNECTING:
		cme_err_set(out, "state.waiting", "the %s input, which is being opened", name);
		return;
	case CME_SOURCE_DOWN:
	case CME_SOURCE_STALLED:
		if (source->error.code[0]) {
			*out = source->error;
			cme_err_prefix(out, "the %s input", name);
			return;
		}
		/* fall through */
	default:
		cme_err_set(out, "state.waiting", "the %s input, which is %s", name,
			    cme_source_state_names[source->state]);
	}
}

static void look_at_output(const struct cme_relay *relay, struct cme_output *out,
			   struct cme_output_stat *stat)
{
	cme_output_stat(out, stat);
	if (stat->state == CME_OUTPUT_WAITING)
		say_awaited(relay, &stat->waits_for);
}

static void look_at_fence(const struct cme_fence *fence, struct cme_relay_stat *stat)
{
	int64_t left_us = cme_fence_left_us(fence, cme_boot_ms());

	stat->lease.wanted = left_us != INT64_MAX;
	stat->lease.epoch = fence->epoch;
	stat->lease.left_us = left_us;
}

int cme_relay_stat(struct cme_relay *relay, struct cme_relay_stat *stat, struct cme_err *err)
{
	*stat = (struct cme_relay_stat){ .spec = &relay->spec,
					 .started_at = relay->started_at,
					 .outputs = relay->outputs.count };
	stat->output = calloc(stat->outputs + 1, sizeof *stat->output); /* of none, not NULL either */
	if (!stat->output)
		return cme_err_set(err, "internal", "out of memory");
	look_at_fence(&relay->fence, stat);
	pthread_mutex_lock(&relay->lock);
	stat->active = relay->active;
	stat->on_slate = relay->slate.on;
	stat->programme = relay->programme.facts;
	for (int i = 0; i < CME_SOURCES; i++)
		look_at_source(&relay->source[i], cme_now_us(), &stat->input[i]);
	stat->uplink_full = relay->uplink.full;
	cme_relay_merge_stat(relay, cme_now_us(), &stat->merge);
	for (size_t i = 0; i < stat->outputs; i++)
		look_at_output(relay, relay->outputs.items[i], &stat->output[i]);
	pthread_mutex_unlock(&relay->lock);
	return 0;
}

static void add_stuck(struct cme_alive *alive, const char *kind, const char *name, bool on_air)
{
	alive->stuck[alive->count++] = (struct cme_stuck){ kind, name, on_air };
}

void cme_relay_alive(struct cme_relay *relay, struct cme_alive *alive)
{
	int64_t now_us = cme_now_us();
	int on_air;

	alive->count = 0;
	pthread_mutex_lock(&relay->lock);
	on_air = cme_relay_on_air(relay);
	pthread_mutex_unlock(&relay->lock);
	for (int i = 0; i < CME_SOURCES; i++)
		if (relay->source[i].input && cme_input_ask(relay->source[i].input, now_us) >= STUCK_US)
			add_stuck(alive, "input", cme_endpoint_names[i], i == on_air);
	for (size_t i = 0; i < relay->outputs.count; i++) {
		struct cme_output *out = relay->outputs.items[i];

		if (cme_output_ask(out, now_us) >= STUCK_US)
			add_stuck(alive, "output", out->id, true);
	}
}
