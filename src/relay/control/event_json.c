/* SPDX-License-Identifier: MIT */
#include "relay/control/event_json.h"

#include <stdbool.h>

#include "common/clock.h"
#include "control/err_json.h"
#include "relay/control/stat_json.h"

/* NULL for json_pack, which makes null of it. */
static const char *known(const char *text)
{
	return text[0] ? text : NULL;
}

static json_t *input_json(const struct cme_event *event)
{
	return json_pack("{s:s,s:s,s:s,s:s?,s:s?}", "event", "input", "endpoint",
			 cme_endpoint_names[event->input.endpoint], "state",
			 cme_source_state_names[event->input.state], "code", known(event->err.code), "reason",
			 known(event->err.message));
}

static json_t *output_json(const struct cme_event *event)
{
	return json_pack("{s:s,s:s,s:s,s:s?,s:s?}", "event", "output", "output_id", event->output.id, "state",
			 cme_output_state_names[event->output.state], "code", known(event->err.code),
			 "reason", known(event->err.message));
}

static json_t *switched_json(const struct cme_event *event)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:I}", "event", "switched", "from",
			 cme_endpoint_names[event->switched.from], "to",
			 cme_endpoint_names[event->switched.to], "reason", event->switched.reason, "gap_ms",
			 (json_int_t)event->switched.gap_ms);
}

static json_t *merge_json(const struct cme_event *event)
{
	bool aligned = event->merge.state == CME_MERGED_ALIGNED;

	return json_pack("{s:s,s:s,s:o,s:s?,s:s?}", "event", "merge", "state",
			 cme_merged_names[event->merge.state], "distance_ms",
			 aligned ? json_integer(event->merge.distance_us / CME_MS_US) : json_null(), "code",
			 known(event->err.code), "reason", known(event->err.message));
}

static json_t *uplink_json(const struct cme_event *event)
{
	return json_pack("{s:s,s:b,s:f,s:s?,s:s?}", "event", "uplink", "full", event->uplink.full, "kbps",
			 event->uplink.kbps, "code", known(event->err.code), "reason",
			 known(event->err.message));
}

static json_t *switch_failed_json(const struct cme_event *event)
{
	return json_pack("{s:s,s:s,s:s,s:s}", "event", "switch_failed", "to",
			 cme_endpoint_names[event->failed_to], "code", event->err.code, "reason",
			 event->err.message);
}

static json_t *slate_json(const struct cme_event *event)
{
	return json_pack("{s:s,s:b,s:I}", "event", "slate", "on", event->slate.on, "gap_ms",
			 (json_int_t)event->slate.gap_ms);
}

static json_t *programme_json(const struct cme_event *event)
{
	json_t *json = cme_programme_json(&event->programme);

	json_object_set_new(json, "event", json_string("programme"));
	return json;
}

static json_t *recording_json(const struct cme_event *event)
{
	return json_pack("{s:s,s:s,s:s}", "event", "recording", "output_id", event->recorded.id, "file",
			 event->recorded.file);
}

static json_t *recorded_json(const struct cme_event *event)
{
	bool known_all = !event->recorded.interrupted;

	return json_pack("{s:s,s:s,s:s,s:b,s:o,s:o,s:o}", "event", "recorded", "output_id",
			 event->recorded.id, "file", event->recorded.file, "interrupted",
			 event->recorded.interrupted, "bytes",
			 known_all ? json_integer(event->recorded.bytes) : json_null(), "seconds",
			 known_all ? json_real(event->recorded.seconds) : json_null(), "started_at",
			 known_all ? json_real(event->recorded.started_at) : json_null());
}

static json_t *stopped_json(const struct cme_event *event)
{
	return json_pack("{s:s,s:s}", "event", "stopped", "reason", event->stop_reason);
}

static json_t *lost_json(const struct cme_event *event)
{
	return json_pack("{s:s,s:i}", "event", "lost", "count", (int)event->lost);
}

static json_t *(*const forms[])(const struct cme_event *event) = {
	[CME_EVENT_INPUT] = input_json,       [CME_EVENT_OUTPUT] = output_json,
	[CME_EVENT_SWITCHED] = switched_json, [CME_EVENT_SWITCH_FAILED] = switch_failed_json,
	[CME_EVENT_SLATE] = slate_json,       [CME_EVENT_PROGRAMME] = programme_json,
	[CME_EVENT_RECORDED] = recorded_json, [CME_EVENT_STOPPED] = stopped_json,
	[CME_EVENT_LOST] = lost_json,         [CME_EVENT_MERGE] = merge_json,
	[CME_EVENT_UPLINK] = uplink_json,     [CME_EVENT_RECORDING] = recording_json,
};

static bool tells_of_an_error(const struct cme_event *event)
{
	return event->kind == CME_EVENT_INPUT || event->kind == CME_EVENT_OUTPUT ||
	       event->kind == CME_EVENT_MERGE || event->kind == CME_EVENT_UPLINK ||
	       event->kind == CME_EVENT_SWITCH_FAILED;
}

json_t *cme_event_json(const struct cme_event *event)
{
	json_t *json = forms[event->kind](event), *parts = NULL;

	if (tells_of_an_error(event))
		parts = cme_err_parts_json(&event->err);
	if (parts)
		json_object_set_new(json, "parts", parts);
	json_object_set_new(json, "time", json_real(event->time));
	return json;
}
