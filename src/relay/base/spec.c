/* SPDX-License-Identifier: MIT */
#include "relay/base/spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLATE_AFTER_S  3.0
#define SLATE_PREFIX   "flv:" /* of its URL (source/flv/flv_file.h) */
#define STALL_LIMIT_S  2.0
#define MERGE_WINDOW_S 3.0

const char *const cme_endpoint_names[CME_SOURCES] = { "main", "backup", "slate" };

int cme_endpoint(const char *name)
{
	for (int i = 0; i < CME_INPUTS; i++)
		if (strcmp(name, cme_endpoint_names[i]) == 0)
			return i;
	return -1;
}

void cme_spec_init(struct cme_spec *spec)
{
	*spec = (struct cme_spec){ .failover = true,
				   .stall_limit_s = STALL_LIMIT_S,
				   .slate_after_s = SLATE_AFTER_S,
				   .merge_window_s = MERGE_WINDOW_S };
}

void cme_output_spec_fini(struct cme_output_spec *out)
{
	free(out->id);
	free(out->name);
	free(out->url);
	cme_record_free(out->record);
	*out = (struct cme_output_spec){ 0 };
}

void cme_input_spec_fini(struct cme_input_spec *input)
{
	for (size_t i = 0; i < input->count; i++)
		free(input->urls[i]);
	free(input->urls);
	*input = (struct cme_input_spec){ 0 };
}

int cme_input_spec_add(struct cme_input_spec *input, const char *url)
{
	char *copy, **urls;

	if (input->count >= CME_SPEC_URLS_MAX || !(copy = strdup(url)))
		return -1;
	urls = realloc(input->urls, (input->count + 1) * sizeof *urls);
	if (!urls) {
		free(copy);
		return -1;
	}
	input->urls = urls;
	input->urls[input->count++] = copy;
	return 0;
}

int cme_input_spec_copy(struct cme_input_spec *to, const struct cme_input_spec *from)
{
	*to = (struct cme_input_spec){
		.list = from->list, .public = from->public, .loop = from->loop, .silence = from->silence
	};
	memcpy(to->has_track, from->has_track, sizeof to->has_track);
	memcpy(to->track, from->track, sizeof to->track);
	for (size_t i = 0; i < from->count; i++) {
		if (cme_input_spec_add(to, from->urls[i]) == 0)
			continue;
		cme_input_spec_fini(to);
		return -1;
	}
	return 0;
}

int cme_spec_set_slate(struct cme_spec *spec, const char *path)
{
	size_t size = strlen(SLATE_PREFIX) + strlen(path) + 1;
	char *url = malloc(size);
	int rc = -1;

	cme_input_spec_fini(&spec->input[CME_SLATE]);
	if (url) {
		snprintf(url, size, "%s%s", SLATE_PREFIX, path);
		rc = cme_input_spec_add(&spec->input[CME_SLATE], url);
	}
	free(url);
	spec->input[CME_SLATE].list = rc == 0;
	spec->input[CME_SLATE].loop = -1;
	return rc;
}

void cme_spec_fini(struct cme_spec *spec)
{
	free(spec->project);
	for (int i = 0; i < CME_SOURCES; i++)
		cme_input_spec_fini(&spec->input[i]);
	for (size_t i = 0; i < spec->outputs_count; i++)
		cme_output_spec_fini(&spec->outputs[i]);
	free(spec->outputs);
	cme_spec_init(spec);
}

const struct cme_output_spec *cme_spec_find_output(const struct cme_spec *spec, const char *id)
{
	for (size_t i = 0; i < spec->outputs_count; i++)
		if (strcmp(spec->outputs[i].id, id) == 0)
			return &spec->outputs[i];
	return NULL;
}

static int copy_output(struct cme_output_spec *to, const struct cme_output_spec *from)
{
	*to = (struct cme_output_spec){ .id = strdup(from->id),
					.name = strdup(from->name),
					.url = strdup(from->url),
					.codecs = from->codecs,
					.no_uplink = from->no_uplink,
					.record = cme_record_copy(from->record) };
	if (to->id && to->name && to->url && !to->record == !from->record)
		return 0;
	cme_output_spec_fini(to);
	return -1;
}

int cme_spec_set_output(struct cme_spec *spec, const struct cme_output_spec *out)
{
	struct cme_output_spec *old = (struct cme_output_spec *)cme_spec_find_output(spec, out->id);
	struct cme_output_spec copy, *outputs;

	if (!old && spec->outputs_count >= CME_SPEC_OUTPUTS_MAX)
		return -1;
	if (copy_output(&copy, out) != 0)
		return -1;
	if (old) {
		cme_output_spec_fini(old);
		*old = copy;
		return 0;
	}
	outputs = realloc(spec->outputs, (spec->outputs_count + 1) * sizeof *outputs);
	if (!outputs) {
		cme_output_spec_fini(&copy);
		return -1;
	}
	spec->outputs = outputs;
	spec->outputs[spec->outputs_count++] = copy;
	return 0;
}

bool cme_spec_remove_output(struct cme_spec *spec, const char *id)
{
	struct cme_output_spec *out = (struct cme_output_spec *)cme_spec_find_output(spec, id);
	struct cme_output_spec *end = spec->outputs + spec->outputs_count;

	if (!out)
		return false;
	cme_output_spec_fini(out);
	memmove(out, out + 1, (size_t)(end - out - 1) * sizeof *out);
	spec->outputs_count--;
	return true;
}

int cme_spec_copy(struct cme_spec *to, const struct cme_spec *from)
{
	bool failed = false;

	*to = *from;
	to->outputs = NULL;
	to->outputs_count = 0;
	to->project = from->project ? strdup(from->project) : NULL;
	failed |= from->project && !to->project;
	for (int i = 0; i < CME_SOURCES; i++)
		failed |= cme_input_spec_copy(&to->input[i], &from->input[i]) != 0;
	for (size_t i = 0; i < from->outputs_count && !failed; i++)
		failed |= cme_spec_set_output(to, &from->outputs[i]) != 0;
	if (failed)
		cme_spec_fini(to);
	return failed ? -1 : 0;
}

/* It is another destination, or the same one to be written to in another way. */
static bool moved(const struct cme_output_spec *old, const struct cme_output_spec *now)
{
	return strcmp(old->url, now->url) != 0 || old->codecs != now->codecs ||
	       old->no_uplink != now->no_uplink || !cme_record_same(old->record, now->record);
}

/* The changes of one kind to the outputs of `to`. */
static void diff_outputs(const struct cme_spec *from, const struct cme_spec *to, enum cme_change_kind kind,
			 void (*each)(void *ctx, const struct cme_change *change), void *ctx)
{
	for (size_t i = 0; i < to->outputs_count; i++) {
		const struct cme_output_spec *now = &to->outputs[i];
		const struct cme_output_spec *old = cme_spec_find_output(from, now->id);
		struct cme_change change = { .kind = kind, .output = now };
		enum cme_change_kind is = !old              ? CME_OUTPUT_ADDED
					  : moved(old, now) ? CME_OUTPUT_MOVED
							    : CME_OUTPUT_RENAMED;

		if (is == kind && (is != CME_OUTPUT_RENAMED || strcmp(old->name, now->name) != 0))
			each(ctx, &change);
	}
}

static bool same_input(const struct cme_input_spec *a, const struct cme_input_spec *b)
{
	if (a->count != b->count || a->list != b->list || a->public != b->public || a->loop != b->loop ||
	    a->silence != b->silence || memcmp(a->has_track, b->has_track, sizeof a->has_track) != 0 ||
	    memcmp(a->track, b->track, sizeof a->track) != 0)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->urls[i], b->urls[i]) != 0)
			return false;
	return true;
}

void cme_spec_diff(const struct cme_spec *from, const struct cme_spec *to,
		   void (*each)(void *ctx, const struct cme_change *change), void *ctx)
{
	for (size_t i = 0; i < from->outputs_count; i++) {
		struct cme_change change = { .kind = CME_OUTPUT_REMOVED, .output = &from->outputs[i] };

		if (!cme_spec_find_output(to, from->outputs[i].id))
			each(ctx, &change);
	}
	diff_outputs(from, to, CME_OUTPUT_MOVED, each, ctx);
	diff_outputs(from, to, CME_OUTPUT_RENAMED, each, ctx);
	for (int i = 0; i < CME_SOURCES; i++) {
		struct cme_change change = { .kind = CME_INPUT_CHANGED, .input = i };

		if (!same_input(&from->input[i], &to->input[i]))
			each(ctx, &change);
	}
	diff_outputs(from, to, CME_OUTPUT_ADDED, each, ctx);
	if (from->active != to->active) {
		struct cme_change change = { .kind = CME_ACTIVE_CHANGED, .input = to->active };

		each(ctx, &change);
	}
}
