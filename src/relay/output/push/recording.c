/* SPDX-License-Identifier: MIT */
#include "relay/output/push/recording.h"

#include <stdio.h>
#include <string.h>

static void show(struct cme_output *out, const char *file)
{
	pthread_mutex_lock(&out->lock);
	snprintf(out->file, sizeof out->file, "%s", file);
	pthread_mutex_unlock(&out->lock);
}

static void publish(struct cme_output *out, enum cme_event_kind kind, const char *name,
		    const struct cme_event *told)
{
	struct cme_event event = *told;

	event.kind = kind;
	snprintf(event.recorded.id, sizeof event.recorded.id, "%s", out->id);
	snprintf(event.recorded.file, sizeof event.recorded.file, "%s", name);
	cme_events_push(out->events, &event);
}

static void on_file(struct cme_recording *recording, struct cme_output *out, const char *name)
{
	size_t i = recording->open[0][0] ? 1 : 0;

	snprintf(recording->open[i], CME_STAT_FILE_MAX, "%s", name);
	show(out, name);
	publish(out, CME_EVENT_RECORDING, name, &(struct cme_event){ .time = 0 });
}

static void forget(struct cme_recording *recording, struct cme_output *out, const char *name)
{
	for (size_t i = 0; i < CME_RECORDING_OPEN_MAX; i++)
		if (strcmp(recording->open[i], name) == 0)
			recording->open[i][0] = '\0';
	if (!recording->open[0][0] && recording->open[1][0]) {
		memcpy(recording->open[0], recording->open[1], CME_STAT_FILE_MAX);
		recording->open[1][0] = '\0';
	}
	show(out, recording->open[0]);
}

static void on_recorded(struct cme_recording *recording, struct cme_output *out, const json_t *told)
{
	const char *name = json_string_value(json_object_get(told, "name"));
	struct cme_event event = {
		.recorded = { .bytes = json_integer_value(json_object_get(told, "bytes")),
			      .seconds = json_number_value(json_object_get(told, "seconds")),
			      .started_at = json_number_value(json_object_get(told, "started_at")) }
	};

	if (!name)
		return;
	publish(out, CME_EVENT_RECORDED, name, &event);
	forget(recording, out, name);
}

void cme_recording_hear(struct cme_recording *recording, struct cme_output *out, const json_t *line)
{
	const char *file = json_string_value(json_object_get(line, "file"));
	const json_t *recorded = json_object_get(line, "recorded");

	if (file && strlen(file) < CME_STAT_FILE_MAX)
		on_file(recording, out, file);
	if (recorded)
		on_recorded(recording, out, recorded);
}

void cme_recording_end(struct cme_recording *recording, struct cme_output *out)
{
	struct cme_event event = { .recorded = { .interrupted = true } };
	char name[CME_STAT_FILE_MAX];

	while (recording->open[0][0]) {
		memcpy(name, recording->open[0], sizeof name);
		publish(out, CME_EVENT_RECORDED, name, &event);
		forget(recording, out, name);
	}
}
