/* SPDX-License-Identifier: MIT */
#include "edge/edge_json.h"

#include <unistd.h>

#include "control/err_json.h"

static const char *const state_names[] = {
	[CME_INGEST_ADMITTED] = "admitted",
	[CME_INGEST_ENDED] = "ended",
	[CME_INGEST_REFUSED] = "refused",
};

json_t *cme_ingest_event_json(const struct cme_ingest_event *event)
{
	const struct cme_err *err = event->err;
	json_t *json = json_pack("{s:s,s:s,s:s?,s:s,s:s,s:s?,s:s?,s:f}", "event",
				 event->viewer ? "viewer" : "publisher", "state", state_names[event->state],
				 "key_id", event->id, "protocol", event->protocol, "address", event->address,
				 "code", err ? err->code : NULL, "reason", err ? err->message : NULL, "time",
				 cme_wall_now());
	json_t *parts = err ? cme_err_parts_json(err) : NULL;

	if (event->state == CME_INGEST_ENDED)
		json_object_set_new(json, "bytes", json_integer((json_int_t)event->bytes));
	if (parts)
		json_object_set_new(json, "parts", parts);
	return json;
}

/* Engines of this machine; or all others, by RTMP. */
static json_t *readers_json(const struct cme_channel *channel, bool engines)
{
	json_t *list = json_array();

	for (const struct cme_reader *reader = channel->readers; reader; reader = reader->next)
		if ((reader->ops->kind == CME_READER_ENGINE) == engines)
			json_array_append_new(list,
					      json_pack("{s:I,s:I}", "queued", (json_int_t)reader->bytes,
							"dropped", (json_int_t)reader->dropped));
	return list;
}

static json_t *channel_json(const struct cme_channel *channel)
{
	const struct cme_publisher *publisher = channel->publisher;

	return json_pack(
		"{s:s,s:b,s:b,s:s?,s:s?,s:o,s:I,s:I,s:s,s:o,s:o}", "id", channel->key.id, "own",
		channel->key.own, "live", channel->live, "protocol",
		publisher ? publisher->ops->protocol : NULL, "address", publisher ? publisher->address : NULL,
		"since", channel->live ? json_real(channel->since) : json_null(), "tags",
		(json_int_t)channel->frames, "bytes", (json_int_t)channel->bytes, "socket", channel->path,
		"readers", readers_json(channel, true), "viewers", readers_json(channel, false));
}

json_t *cme_ingest_stat_json(const struct cme_ingest *ingest, bool live_only)
{
	const struct cme_gate *gate = &ingest->gate;
	json_t *list = json_array();

	for (size_t i = 0; i < ingest->keys.count; i++) {
		const struct cme_channel *channel = cme_channel_of(ingest->keys.list[i]);

		if (channel->live || channel->readers || !live_only)
			json_array_append_new(list, channel_json(channel));
	}
	return json_pack("{s:i,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:o}", "pid", (int)getpid(), "version",
			 CME_VERSION, "revision", (json_int_t)ingest->revision, "connections",
			 (json_int_t)gate->all, "strangers", (json_int_t)gate->strangers, "viewers",
			 (json_int_t)gate->viewers, "turned_away", (json_int_t)ingest->turned_away, "refused",
			 (json_int_t)ingest->refused, "keys", list);
}
