/* SPDX-License-Identifier: MIT */
#include "relay/base/spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "relay/base/scheme.h"

#define URL_MAX_BYTES  4096
#define TEXT_MAX_BYTES 256
#define STALL_LIMIT_S  2.0

struct range {
	double min, max;
};

static const struct range stall_limit_s = { 0.2, 60 };
static const struct range failback_after_s = { 0, 86400 };
static const struct range stop_at_s = { 0, 1e11 }; /* microseconds of it fit in 64 bits */

const char *const cme_endpoint_names[CME_INPUTS] = { "main", "backup" };

int cme_endpoint(const char *name)
{
	for (int i = 0; i < CME_INPUTS; i++)
		if (strcmp(name, cme_endpoint_names[i]) == 0)
			return i;
	return -1;
}

void cme_spec_init(struct cme_spec *spec)
{
	*spec = (struct cme_spec){ .failover = true, .stall_limit_s = STALL_LIMIT_S };
}

void cme_output_spec_fini(struct cme_output_spec *out)
{
	free(out->id);
	free(out->name);
	free(out->url);
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
	*to = (struct cme_input_spec){ .list = from->list, .loop = from->loop };
	for (size_t i = 0; i < from->count; i++) {
		if (cme_input_spec_add(to, from->urls[i]) == 0)
			continue;
		cme_input_spec_fini(to);
		return -1;
	}
	return 0;
}

void cme_spec_fini(struct cme_spec *spec)
{
	free(spec->project);
	for (int i = 0; i < CME_INPUTS; i++)
		cme_input_spec_fini(&spec->input[i]);
	for (size_t i = 0; i < spec->outputs_count; i++)
		cme_output_spec_fini(&spec->outputs[i]);
	free(spec->outputs);
	cme_spec_init(spec);
}

static int wrong(struct cme_err *err, const char *where, const char *field, const char *fact)
{
	cme_err_set(err, "invalid.spec", "%s%s%s: %s", where, *where && *field ? "." : "", field, fact);
	return -1;
}

/* A copy of the string member; of `def` where it is absent or null, if that is not NULL. NULL with err. */
static char *get_text(const json_t *json, const char *where, const char *field, const char *def,
		      struct cme_err *err)
{
	const json_t *value = json_object_get(json, field);
	size_t max = strcmp(field, "url") == 0 ? URL_MAX_BYTES : TEXT_MAX_BYTES;
	const char *text = json_is_string(value) ? json_string_value(value) : def;
	char *copy = NULL;

	if (!text && (!value || json_is_null(value)))
		wrong(err, where, field, "missing");
	else if (value && !json_is_null(value) && !json_is_string(value))
		wrong(err, where, field, "string expected");
	else if (json_string_length(value) > max)
		wrong(err, where, field, "too long");
	else if (!(copy = strdup(text)))
		cme_err_set(err, "internal", "out of memory");
	return copy;
}

static int get_number(const json_t *json, const char *where, const char *field, const struct range *range,
		      double *out, struct cme_err *err)
{
	const json_t *value = json_object_get(json, field);
	char fact[64];

	if (!value || json_is_null(value))
		return 0;
	if (!json_is_number(value))
		return wrong(err, where, field, "number expected");
	if (json_number_value(value) < range->min || json_number_value(value) > range->max) {
		snprintf(fact, sizeof fact, "must be from %g to %g", range->min, range->max);
		return wrong(err, where, field, fact);
	}
	*out = json_number_value(value);
	return 0;
}

int cme_output_spec_parse(const json_t *json, const char *where, struct cme_output_spec *out,
			  struct cme_err *err)
{
	const char *fault;

	*out = (struct cme_output_spec){ 0 };
	if (!json_is_object(json))
		return wrong(err, where, "", "object expected");
	if (!(out->id = get_text(json, where, "id", NULL, err)) ||
	    !(out->name = get_text(json, where, "name", "", err)) ||
	    !(out->url = get_text(json, where, "url", NULL, err)))
		goto fail;
	fault = cme_scheme_fault(out->url, false);
	if (fault) {
		wrong(err, where, "url", fault);
		goto fail;
	}
	if (!out->id[0]) {
		wrong(err, where, "id", "must not be empty");
		goto fail;
	}
	return 0;
fail:
	cme_output_spec_fini(out);
	return -1;
}

/* where: "spec.inputs.main.urls[0]" or, for a single one, "spec.inputs.main.url". */
static int add_url(struct cme_input_spec *input, const json_t *value, const char *where, struct cme_err *err)
{
	const char *fault;

	if (!json_is_string(value))
		return wrong(err, where, "", value && !json_is_null(value) ? "string expected" : "missing");
	if (json_string_length(value) > URL_MAX_BYTES)
		return wrong(err, where, "", "too long");
	fault = input->list ? cme_scheme_file_fault(json_string_value(value))
			    : cme_scheme_fault(json_string_value(value), true);
	if (fault)
		return wrong(err, where, "", fault);
	if (cme_input_spec_add(input, json_string_value(value)) != 0)
		return cme_err_set(err, "internal", "out of memory");
	return 0;
}

static int parse_list(const json_t *json, const char *where, struct cme_input_spec *input,
		      struct cme_err *err)
{
	const json_t *urls = json_object_get(json, "urls"), *loop = json_object_get(json, "loop");
	char entry[64];

	if (!json_is_array(urls))
		return wrong(err, where, "urls", "array expected");
	if (json_array_size(urls) == 0)
		return wrong(err, where, "urls", "must not be empty");
	if (json_array_size(urls) > CME_SPEC_URLS_MAX)
		return wrong(err, where, "urls", "more than 256");
	if (loop && !json_is_null(loop) && !json_is_integer(loop))
		return wrong(err, where, "loop", "integer expected");
	input->loop = json_integer_value(loop);
	if (input->loop < -1 || input->loop > CME_SPEC_LOOP_MAX)
		return wrong(err, where, "loop", "must be from -1 to 1000000");
	for (size_t i = 0; i < json_array_size(urls); i++) {
		snprintf(entry, sizeof entry, "%s.urls[%zu]", where, i);
		if (add_url(input, json_array_get(urls, i), entry, err) != 0)
			return -1;
	}
	return 0;
}

static bool given(const json_t *json, const char *field)
{
	const json_t *value = json_object_get(json, field);

	return value && !json_is_null(value);
}

static int parse_input(const json_t *inputs, int i, struct cme_spec *spec, struct cme_err *err)
{
	const json_t *json = json_object_get(inputs, cme_endpoint_names[i]);
	struct cme_input_spec *input = &spec->input[i];
	char where[32], url[40];

	if (!json || json_is_null(json))
		return 0;
	snprintf(where, sizeof where, "spec.inputs.%s", cme_endpoint_names[i]);
	if (!json_is_object(json))
		return wrong(err, where, "", "object expected");
	input->list = given(json, "urls");
	if (input->list && given(json, "url"))
		return wrong(err, where, "", "url or urls expected, not both");
	if (input->list)
		return parse_list(json, where, input, err);
	if (given(json, "loop"))
		return wrong(err, where, "loop", "goes with urls only");
	snprintf(url, sizeof url, "%s.url", where);
	return add_url(input, json_object_get(json, "url"), url, err);
}

static int parse_inputs(const json_t *json, struct cme_spec *spec, struct cme_err *err)
{
	const json_t *inputs = json_object_get(json, "inputs");
	const json_t *active = json_object_get(json, "active");

	if (!json_is_object(inputs))
		return wrong(err, "spec", "inputs", inputs ? "object expected" : "missing");
	for (int i = 0; i < CME_INPUTS; i++)
		if (parse_input(inputs, i, spec, err) != 0)
			return -1;
	if (active && !json_is_null(active)) {
		spec->active = json_is_string(active) ? cme_endpoint(json_string_value(active)) : -1;
		if (spec->active < 0)
			return wrong(err, "spec", "active", "'main' or 'backup' expected");
	}
	if (!spec->input[spec->active].count)
		return wrong(err, "spec.inputs", cme_endpoint_names[spec->active],
			     "missing, and it is the active one");
	return 0;
}

static int parse_outputs(const json_t *json, struct cme_spec *spec, struct cme_err *err)
{
	const json_t *outputs = json_object_get(json, "outputs");
	char where[40];

	if (!json_is_array(outputs))
		return wrong(err, "spec", "outputs", outputs ? "array expected" : "missing");
	if (json_array_size(outputs) > CME_SPEC_OUTPUTS_MAX)
		return wrong(err, "spec", "outputs", "more than 256");
	for (size_t i = 0; i < json_array_size(outputs); i++) {
		struct cme_output_spec out;
		int rc;

		snprintf(where, sizeof where, "spec.outputs[%zu]", i);
		if (cme_output_spec_parse(json_array_get(outputs, i), where, &out, err) != 0)
			return -1;
		if (cme_spec_find_output(spec, out.id)) {
			cme_output_spec_fini(&out);
			return wrong(err, where, "id", "another output has it");
		}
		rc = cme_spec_set_output(spec, &out);
		cme_output_spec_fini(&out);
		if (rc != 0)
			return cme_err_set(err, "internal", "out of memory");
	}
	return 0;
}

int cme_stop_at_parse(const json_t *json, const char *where, struct cme_spec *spec, struct cme_err *err)
{
	spec->has_stop_at = json_is_number(json_object_get(json, "stop_at"));
	return get_number(json, where, "stop_at", &stop_at_s, &spec->stop_at, err);
}

static int parse_rest(const json_t *json, struct cme_spec *spec, struct cme_err *err)
{
	const json_t *revision = json_object_get(json, "revision");
	const json_t *failover = json_object_get(json, "failover");

	if (revision && !json_is_null(revision) && !json_is_integer(revision))
		return wrong(err, "spec", "revision", "integer expected");
	spec->revision = json_integer_value(revision);
	if (failover && !json_is_null(failover) && !json_is_boolean(failover))
		return wrong(err, "spec", "failover", "boolean expected");
	if (json_is_boolean(failover))
		spec->failover = json_is_true(failover);
	spec->has_failback = given(json, "failback_after");
	if (cme_stop_at_parse(json, "spec", spec, err) != 0 ||
	    get_number(json, "spec", "failback_after", &failback_after_s, &spec->failback_after_s, err) != 0)
		return -1;
	return get_number(json, "spec", "stall_limit", &stall_limit_s, &spec->stall_limit_s, err);
}

int cme_spec_parse(const json_t *json, struct cme_spec *spec, struct cme_err *err)
{
	cme_spec_init(spec);
	if (!json_is_object(json))
		return wrong(err, "spec", "", json ? "object expected" : "missing");
	if (!(spec->project = get_text(json, "spec", "project", "", err)) ||
	    parse_inputs(json, spec, err) != 0 || parse_outputs(json, spec, err) != 0 ||
	    parse_rest(json, spec, err) != 0) {
		cme_spec_fini(spec);
		return -1;
	}
	return 0;
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
	*to = (struct cme_output_spec){ strdup(from->id), strdup(from->name), strdup(from->url) };
	if (to->id && to->name && to->url)
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
	for (int i = 0; i < CME_INPUTS; i++)
		failed |= cme_input_spec_copy(&to->input[i], &from->input[i]) != 0;
	for (size_t i = 0; i < from->outputs_count && !failed; i++)
		failed |= cme_spec_set_output(to, &from->outputs[i]) != 0;
	if (failed)
		cme_spec_fini(to);
	return failed ? -1 : 0;
}

/* The changes of one kind to the outputs of `to`. */
static void diff_outputs(const struct cme_spec *from, const struct cme_spec *to, enum cme_change_kind kind,
			 void (*each)(void *ctx, const struct cme_change *change), void *ctx)
{
	for (size_t i = 0; i < to->outputs_count; i++) {
		const struct cme_output_spec *now = &to->outputs[i];
		const struct cme_output_spec *old = cme_spec_find_output(from, now->id);
		struct cme_change change = { .kind = kind, .output = now };
		enum cme_change_kind is = !old                         ? CME_OUTPUT_ADDED
					  : strcmp(old->url, now->url) ? CME_OUTPUT_MOVED
								       : CME_OUTPUT_RENAMED;

		if (is == kind && (is != CME_OUTPUT_RENAMED || strcmp(old->name, now->name) != 0))
			each(ctx, &change);
	}
}

static bool same_input(const struct cme_input_spec *a, const struct cme_input_spec *b)
{
	if (a->count != b->count || a->list != b->list || a->loop != b->loop)
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
	for (int i = 0; i < CME_INPUTS; i++) {
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
