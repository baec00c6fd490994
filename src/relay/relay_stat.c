/* SPDX-License-Identifier: MIT */
#include "relay/relay_state.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/redact.h"
#include "relay/base/sys.h"
#include "relay/control/request.h"

#define STUCK_US CME_SECOND_US /* for a thread that was woken: long, for any machine's load */

static json_t *play_json(const struct cme_input *input)
{
	struct cme_position position;
	char url[256];

	if (!cme_input_position(input, &position))
		return json_null();
	return json_pack("{s:I,s:s,s:f,s:I,s:f}", "index", (json_int_t)position.index, "url",
			 cme_redact_url(position.url, url, sizeof url), "offset_s",
			 (double)position.offset_us / 1e6, "round", (json_int_t)position.round, "played_s",
			 (double)position.played_us / 1e6);
}

static json_t *source_json(struct cme_source *source, int64_t now_us)
{
	json_t *json, *codecs;

	if (!source->input)
		return json_null();
	cme_rate_settle(&source->rate, now_us);
	json = json_pack("{s:s,s:f,s:I,s:o,s:f,s:f,s:I}", "state", cme_source_state_names[source->state],
			 "since", source->since, "opens", (json_int_t)source->opens, "error",
			 cme_error_json(&source->error, source->error_at), "fps", source->rate.fps, "kbps",
			 source->rate.kbps, "packets", (json_int_t)source->packets);
	if (!json)
		return NULL;
	json_object_set_new(json, "dropped", json_integer((json_int_t)source->dropped));
	json_object_set_new(json, "age_ms",
			    source->last_packet_us
				    ? json_integer((now_us - source->last_packet_us) / CME_MS_US)
				    : json_null());
	json_object_set_new(json, "gop_packets", json_integer((json_int_t)source->gop.count));
	json_object_set_new(json, "gop_ms",
			    source->cadence.gop_us ? json_integer(source->cadence.gop_us / CME_MS_US)
						   : json_null());
	json_object_set_new(json, "gop_frames", json_integer(source->cadence.gop_frames));
	json_object_set_new(json, "dts_jumps", json_integer((json_int_t)source->cadence.jumps));
	json_object_set_new(json, "play", play_json(source->input));
	codecs = source->media ? cme_media_json(source->media) : NULL;
	json_object_set_new(json, "codecs", codecs ? codecs : json_null());
	return json;
}

/* What an output without media waits for. */
static json_t *awaited(const struct cme_relay *relay)
{
	const struct cme_source *source = &relay->source[relay->active];
	const char *name = cme_endpoint_names[relay->active];

	switch (source->input ? source->state : CME_SOURCE_DOWN) {
	case CME_SOURCE_LIVE:
		return json_sprintf("the next keyframe of the %s input", name);
	case CME_SOURCE_CONNECTING:
		return json_sprintf("the %s input, which is being opened", name);
	case CME_SOURCE_DOWN:
	case CME_SOURCE_STALLED:
		if (source->error.message[0])
			return json_sprintf("the %s input: %s", name, source->error.message);
		/* fall through */
	default:
		return json_sprintf("the %s input, which is %s", name, cme_source_state_names[source->state]);
	}
}

static json_t *output_json(const struct cme_relay *relay, struct cme_output *out)
{
	json_t *json = cme_output_stat(out);
	const char *state = json_string_value(json_object_get(json, "state"));

	if (state)
		json_object_set_new(json, "waits_for",
				    strcmp(state, "waiting") == 0 ? awaited(relay) : json_null());
	return json;
}

json_t *cme_relay_stat(struct cme_relay *relay)
{
	const struct cme_spec *spec = &relay->spec;
	json_t *inputs = json_object(), *outputs = json_array();
	json_t *stat = json_pack("{s:i,s:s,s:I,s:s,s:f}", "pid", (int)getpid(), "project",
				 spec->project ? spec->project : "", "revision", spec->revision, "version",
				 CME_VERSION, "started_at", relay->started_at);

	json_object_set_new(stat, "stop_at", spec->has_stop_at ? json_real(spec->stop_at) : json_null());
	pthread_mutex_lock(&relay->lock);
	json_object_set_new(stat, "active", json_string(cme_endpoint_names[relay->active]));
	for (int i = 0; i < CME_INPUTS; i++)
		json_object_set_new(inputs, cme_endpoint_names[i],
				    source_json(&relay->source[i], cme_now_us()));
	for (size_t i = 0; i < relay->outputs.count; i++)
		json_array_append_new(outputs, output_json(relay, relay->outputs.items[i]));
	pthread_mutex_unlock(&relay->lock);
	json_object_set_new(stat, "inputs", inputs);
	json_object_set_new(stat, "outputs", outputs);
	return stat;
}

static void add_stuck(json_t *list, const char *kind, const char *name, bool on_air)
{
	char part[128];

	snprintf(part, sizeof part, "%s '%s'", kind, name);
	json_array_append_new(list, json_pack("{s:s,s:b}", "part", part, "on_air", on_air));
}

json_t *cme_relay_alive(struct cme_relay *relay)
{
	json_t *stuck = json_array();
	int64_t now_us = cme_now_us();
	int active;

	pthread_mutex_lock(&relay->lock);
	active = relay->active;
	pthread_mutex_unlock(&relay->lock);
	for (int i = 0; i < CME_INPUTS; i++)
		if (relay->source[i].input && cme_input_ask(relay->source[i].input, now_us) >= STUCK_US)
			add_stuck(stuck, "input", cme_endpoint_names[i], i == active);
	for (size_t i = 0; i < relay->outputs.count; i++) {
		struct cme_output *out = relay->outputs.items[i];

		if (cme_output_ask(out, now_us) >= STUCK_US)
			add_stuck(stuck, "output", out->id, true);
	}
	return json_pack("{s:o}", "stuck", stuck);
}
