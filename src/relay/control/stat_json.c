/* SPDX-License-Identifier: MIT */
#include "relay/control/stat_json.h"

#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"
#include "control/err_json.h"

static json_t *integer_if(bool known, int64_t value)
{
	return known ? json_integer(value) : json_null();
}

static json_t *error_json(const struct cme_error_stat *error)
{
	if (!error->err.code[0])
		return json_null();
	return json_pack("{s:s,s:s,s:f,s:o*}", "code", error->err.code, "message", error->err.message, "at",
			 error->at, "parts", cme_err_parts_json(&error->err));
}

static json_t *play_json(const struct cme_play_stat *play)
{
	if (!play->list)
		return json_null();
	return json_pack("{s:I,s:s,s:f,s:I,s:f}", "index", (json_int_t)play->index, "url", play->url,
			 "offset_s", (double)play->offset_us / 1e6, "round", (json_int_t)play->round,
			 "played_s", (double)play->played_us / 1e6);
}

static json_t *codecs_json(const struct cme_media_facts *codecs)
{
	json_t *json;

	if (!codecs->video && !codecs->audio)
		return json_null();
	json = json_object();
	if (codecs->video) {
		json_object_set_new(json, "video", json_string(codecs->video));
		json_object_set_new(json, "width", json_integer(codecs->width));
		json_object_set_new(json, "height", json_integer(codecs->height));
	}
	if (codecs->audio) {
		json_object_set_new(json, "audio", json_string(codecs->audio));
		json_object_set_new(json, "sample_rate", json_integer(codecs->sample_rate));
		json_object_set_new(json, "channels", json_integer(codecs->channels));
	}
	return json;
}

json_t *cme_programme_json(const struct cme_programme_facts *facts)
{
	json_t *json = codecs_json(&facts->codecs);

	if (facts->codecs.video) {
		json_object_set_new(json, "profile", json_integer(facts->codecs.profile));
		json_object_set_new(json, "fps", json_real(facts->fps));
	}
	return json;
}

static json_t *input_json(const struct cme_input_stat *input)
{
	if (!input->present)
		return json_null();
	return json_pack("{s:s,s:f,s:I,s:o,s:f,s:f,s:I,s:I,s:o,s:I,s:o,s:I,s:I,s:o,s:o}", "state",
			 cme_source_state_names[input->state], "since", input->since, "opens",
			 (json_int_t)input->opens, "error", error_json(&input->error), "fps", input->fps,
			 "kbps", input->kbps, "packets", (json_int_t)input->packets, "dropped",
			 (json_int_t)input->dropped, "age_ms",
			 integer_if(input->age_us >= 0, input->age_us / CME_MS_US), "gop_packets",
			 (json_int_t)input->gop_packets, "gop_ms",
			 integer_if(input->gop_us != 0, input->gop_us / CME_MS_US), "gop_frames",
			 (json_int_t)input->gop_frames, "dts_jumps", (json_int_t)input->dts_jumps, "play",
			 play_json(&input->play), "codecs", codecs_json(&input->codecs));
}

static json_t *delay_json(int64_t delay_us)
{
	return delay_us < 0 ? json_null() : json_real((double)delay_us / (double)CME_MS_US);
}

static json_t *sent_json(const struct cme_output_stat *output)
{
	return json_pack("{s:I,s:I,s:f,s:f,s:o,s:o,s:o,s:o,s:o}", "bytes", (json_int_t)output->bytes,
			 "packets", (json_int_t)output->packets, "kbps", output->kbps, "fps", output->fps,
			 "unsent_bytes", integer_if(output->unsent_bytes >= 0, output->unsent_bytes),
			 "write_age_ms", integer_if(output->wrote, output->write_age_us / CME_MS_US),
			 "last_dts_ms", integer_if(output->wrote, output->last_dts_us / CME_MS_US),
			 "delay_p50_ms", delay_json(output->delay_p50_us), "delay_p99_ms",
			 delay_json(output->delay_p99_us));
}

static json_t *queue_json(const struct cme_output_stat *output)
{
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "dropped", (json_int_t)output->queue.dropped,
			 "overflows", (json_int_t)output->queue.overflows, "queue_packets",
			 (json_int_t)output->queue.packets, "queue_bytes", (json_int_t)output->queue.bytes,
			 "queue_ms", (json_int_t)(output->queue.span_us / CME_MS_US), "queue_high_bytes",
			 (json_int_t)output->queue.high_bytes, "queue_high_ms",
			 (json_int_t)(output->queue.high_us / CME_MS_US));
}

/* Adds the members of another object, which is given up. */
static void add_members(json_t *json, json_t *more)
{
	json_object_update(json, more);
	json_decref(more);
}

static json_t *output_json(const struct cme_output_stat *output)
{
	json_t *json = json_pack("{s:s,s:s,s:s,s:f,s:I,s:o}", "id", output->id, "name", output->name, "state",
				 cme_output_state_names[output->state], "since", output->since, "connects",
				 (json_int_t)output->connects, "error", error_json(&output->error));

	add_members(json, sent_json(output));
	add_members(json, queue_json(output));
	if (output->records)
		add_members(json, json_pack("{s:s,s:s?}", "records", output->records, "file",
					    output->file[0] ? output->file : NULL));
	json_object_set_new(json, "waits_for",
			    output->waits_for.code[0] ? json_string(output->waits_for.message) : json_null());
	if (output->waits_for.code[0])
		json_object_set_new(json, "waits_for_parts", cme_err_parts_json(&output->waits_for));
	return json;
}

static json_t *merged_input_json(const struct cme_merge_stat *merge, int i)
{
	return json_pack("{s:I,s:I,s:I}", "taken", (json_int_t)merge->input[i].taken, "doubled",
			 (json_int_t)merge->input[i].doubled, "late", (json_int_t)merge->input[i].late);
}

static json_t *merge_json(const struct cme_merge_stat *merge)
{
	bool near = merge->state == CME_MERGED_ALIGNED || merge->state == CME_MERGED_FAR;
	json_t *json;

	if (merge->state == CME_MERGED_OFF)
		return json_null();
	json = json_pack("{s:s,s:o,s:I}", "state", cme_merged_names[merge->state], "distance_ms",
			 integer_if(near, merge->distance_us / CME_MS_US), "held_ms",
			 (json_int_t)(merge->held_us / CME_MS_US));
	for (int i = 0; i < CME_INPUTS; i++)
		json_object_set_new(json, cme_endpoint_names[i], merged_input_json(merge, i));
	if (merge->err.code[0])
		json_object_set_new(json, "error",
				    json_pack("{s:s,s:s,s:o*}", "code", merge->err.code, "message",
					      merge->err.message, "parts", cme_err_parts_json(&merge->err)));
	return json;
}

static json_t *lease_json(const struct cme_relay_stat *stat)
{
	if (!stat->lease.wanted)
		return json_null();
	return json_pack("{s:I,s:I}", "epoch", (json_int_t)stat->lease.epoch, "left_ms",
			 (json_int_t)(stat->lease.left_us / CME_MS_US));
}

json_t *cme_stat_json(const struct cme_relay_stat *stat)
{
	const struct cme_spec *spec = stat->spec;
	json_t *inputs = json_object(), *outputs = json_array();

	for (int i = 0; i < CME_SOURCES; i++)
		json_object_set_new(inputs, cme_endpoint_names[i], input_json(&stat->input[i]));
	for (size_t i = 0; i < stat->outputs; i++)
		json_array_append_new(outputs, output_json(&stat->output[i]));
	return json_pack(
		"{s:i,s:s,s:I,s:s,s:b,s:f,s:o,s:s,s:b,s:o,s:o,s:o,s:b,s:o,s:o}", "pid", (int)getpid(),
		"project", spec->project ? spec->project : "", "revision", (json_int_t)spec->revision,
		"version", CME_VERSION, "hls", true, "started_at", stat->started_at, "stop_at",
		spec->has_stop_at ? json_real(spec->stop_at) : json_null(), "active",
		cme_endpoint_names[stat->active], "on_slate", stat->on_slate, "programme",
		cme_programme_json(&stat->programme), "inputs", inputs, "merge", merge_json(&stat->merge),
		"uplink_full", stat->uplink_full, "lease", lease_json(stat), "outputs", outputs);
}

static json_t *stuck_json(const struct cme_stuck *stuck)
{
	char part[CME_SPEC_TEXT_MAX + 16];

	snprintf(part, sizeof part, "%s '%s'", stuck->kind, stuck->name);
	return json_pack("{s:s,s:b}", "part", part, "on_air", stuck->on_air);
}

json_t *cme_alive_json(const struct cme_alive *alive)
{
	json_t *list = json_array();

	for (size_t i = 0; i < alive->count; i++)
		json_array_append_new(list, stuck_json(&alive->stuck[i]));
	return json_pack("{s:o}", "stuck", list);
}
