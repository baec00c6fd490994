/* SPDX-License-Identifier: MIT */
#include "relay/control/spec_json.h"

#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "relay/base/scheme.h"

struct range {
	double min, max;
};

static const struct range stall_limit_s = { 0.2, 60 };
static const struct range failback_after_s = { 0, 86400 };
static const struct range slate_after_s = { 0.5, 60 };
static const struct range merge_window_s = { 0.1, 10 };
static const struct range stop_at_s = { 0, 1e11 }; /* microseconds of it fit in 64 bits */

#define RECORD_SECONDS_MAX ((int64_t)30 * 86400) /* as the service has it (server/recordings.lua) */

static int wrong(struct cme_err *err, const char *where, const char *field, const char *fact)
{
	cme_err_set(err, "invalid.spec", "%s%s%s: %s", where, *where && *field ? "." : "", field, fact);
	return -1;
}

static bool given(const json_t *json, const char *field)
{
	const json_t *value = json_object_get(json, field);

	return value && !json_is_null(value);
}

/* A copy of the string member; of `def` where it is absent or null, if that is not NULL. NULL with err. */
static char *get_text(const json_t *json, const char *where, const char *field, const char *def,
		      struct cme_err *err)
{
	const json_t *value = json_object_get(json, field);
	size_t max = strcmp(field, "url") == 0 || strcmp(field, "file") == 0 || strcmp(field, "folder") == 0
			     ? CME_SPEC_URL_MAX
			     : CME_SPEC_TEXT_MAX;
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

static int get_bool(const json_t *json, const char *where, const char *field, bool *out, struct cme_err *err)
{
	const json_t *value = json_object_get(json, field);

	if (given(json, field) && !json_is_boolean(value))
		return wrong(err, where, field, "boolean expected");
	if (json_is_boolean(value))
		*out = json_is_true(value);
	return 0;
}

/* Which codecs the destination takes. */
static int parse_codecs(const json_t *json, const char *where, struct cme_output_spec *out,
			struct cme_err *err)
{
	const json_t *value = json_object_get(json, "codecs");
	int codecs;

	if (!value || json_is_null(value))
		return 0;
	codecs = json_is_string(value) ? cme_codecs_find(json_string_value(value)) : -1;
	if (codecs < 0)
		return wrong(err, where, "codecs", "'enhanced', 'id12' or 'h264' expected");
	out->codecs = (enum cme_codecs)codecs;
	return 0;
}

/* A whole number from 0 to max, INT64_MAX being none; 0 where it is not given. */
static int get_count(const json_t *json, const char *where, const char *field, int64_t max, int64_t *out,
		     struct cme_err *err)
{
	const json_t *value = json_object_get(json, field);
	char fact[64];

	if (value && !json_is_null(value) && (!json_is_integer(value) || json_integer_value(value) < 0))
		return wrong(err, where, field, "a whole number from 0 on expected");
	if (json_integer_value(value) > max) {
		snprintf(fact, sizeof fact, "must be from 0 to %lld", (long long)max);
		return wrong(err, where, field, fact);
	}
	*out = json_integer_value(value);
	return 0;
}

static int parse_record_of(const json_t *json, const char *where, struct cme_record_spec *record,
			   struct cme_err *err)
{
	const json_t *of = json_object_get(json, "of");
	const char *text = json_string_value(of);

	record->of = CME_RECORD_PROGRAMME;
	if (!of || json_is_null(of) || (text && strcmp(text, "programme") == 0))
		return 0;
	record->of = text ? cme_endpoint(text) : -1;
	return record->of >= 0 ? 0 : wrong(err, where, "of", "'programme', 'main' or 'backup' expected");
}

static int fill_record(const json_t *json, const char *where, struct cme_record_spec *record,
		       struct cme_err *err)
{
	if (!json_is_object(json))
		return wrong(err, where, "", "object expected");
	if (!(record->folder = get_text(json, where, "folder", NULL, err)) ||
	    !(record->name = get_text(json, where, "name", NULL, err)))
		return -1;
	if (record->folder[0] != '/')
		return wrong(err, where, "folder", "a path from the root expected");
	if (!cme_file_name_fits(record->name))
		return wrong(err, where, "name",
			     "1 to 80 bytes expected, without '/' and not beginning with '.'");
	return parse_record_of(json, where, record, err) ||
			       get_count(json, where, "max_seconds", RECORD_SECONDS_MAX, &record->max_seconds,
					 err) ||
			       get_count(json, where, "max_bytes", INT64_MAX, &record->max_bytes, err) ||
			       get_count(json, where, "total_bytes", INT64_MAX, &record->total_bytes, err)
		       ? -1
		       : 0;
}

/* What people are shown in the place of a URL. */
static char *place_of(const struct cme_record_spec *record)
{
	size_t size = strlen(record->folder) + strlen(record->name) + 2;
	char *place = malloc(size);

	if (place)
		snprintf(place, size, "%s/%s", record->folder, record->name);
	return place;
}

static int parse_record(const json_t *json, const char *where, struct cme_output_spec *out,
			struct cme_err *err)
{
	char inner[64];

	snprintf(inner, sizeof inner, "%s.record", where);
	out->record = calloc(1, sizeof *out->record);
	if (!out->record)
		return cme_err_set(err, "internal", "out of memory");
	if (fill_record(json_object_get(json, "record"), inner, out->record, err) != 0 ||
	    !out->record->folder || !out->record->name)
		return -1;
	if (given(json, "url"))
		return wrong(err, where, "", "url or record expected, not both");
	out->url = place_of(out->record);
	return out->url ? 0 : cme_err_set(err, "internal", "out of memory");
}

static int parse_destination(const json_t *json, const char *where, struct cme_output_spec *out,
			     struct cme_err *err)
{
	const char *fault;

	if (!(out->url = get_text(json, where, "url", NULL, err)))
		return -1;
	fault = cme_scheme_fault(out->url, false);
	return fault ? wrong(err, where, "url", fault) : 0;
}

int cme_output_spec_parse(const json_t *json, const char *where, struct cme_output_spec *out,
			  struct cme_err *err)
{
	bool uplink = true;

	*out = (struct cme_output_spec){ 0 };
	if (!json_is_object(json))
		return wrong(err, where, "", "object expected");
	if (!(out->id = get_text(json, where, "id", NULL, err)) ||
	    !(out->name = get_text(json, where, "name", "", err)) ||
	    (given(json, "record") ? parse_record : parse_destination)(json, where, out, err) != 0)
		goto fail;
	if (!out->id[0]) {
		wrong(err, where, "id", "must not be empty");
		goto fail;
	}
	if (parse_codecs(json, where, out, err) != 0 || get_bool(json, where, "uplink", &uplink, err) != 0)
		goto fail;
	out->no_uplink = !uplink;
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
	if (json_string_length(value) > CME_SPEC_URL_MAX)
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

/* Of several tracks in one stream, which RTMP alone has. */
static int parse_tracks(const json_t *json, const char *where, struct cme_input_spec *input,
			struct cme_err *err)
{
	static const char *const names[CME_STREAMS] = { [CME_VIDEO] = "track", [CME_AUDIO] = "audio_track" };

	for (int i = 0; i < CME_STREAMS; i++) {
		const json_t *value = json_object_get(json, names[i]);

		if (!given(json, names[i]))
			continue;
		if (!json_is_integer(value) || json_integer_value(value) < 0 ||
		    json_integer_value(value) > CME_SPEC_TRACK_MAX)
			return wrong(err, where, names[i], "must be from 0 to 255");
		if (input->list || !(cme_scheme_find(input->urls[0])->traits & CME_SCHEME_TRACKS))
			return wrong(err, where, names[i], "goes with rtmp:// and rtmps:// only");
		input->has_track[i] = true;
		input->track[i] = (int)json_integer_value(value);
	}
	return 0;
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
	if (get_bool(json, where, "public", &input->public, err) != 0)
		return -1;
	input->list = given(json, "urls");
	if (input->list && given(json, "url"))
		return wrong(err, where, "", "url or urls expected, not both");
	if (!input->list && given(json, "loop"))
		return wrong(err, where, "loop", "goes with urls only");
	snprintf(url, sizeof url, "%s.url", where);
	if ((input->list ? parse_list(json, where, input, err)
			 : add_url(input, json_object_get(json, "url"), url, err)) != 0)
		return -1;
	return parse_tracks(json, where, input, err);
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

/* The file may be missing: it is made while the broadcast runs. */
static int parse_slate(const json_t *json, struct cme_spec *spec, struct cme_err *err)
{
	const json_t *slate = json_object_get(json, "slate");
	char *file;
	int rc;

	if (!slate || json_is_null(slate))
		return 0;
	if (!json_is_object(slate))
		return wrong(err, "spec", "slate", "object expected");
	if (get_number(slate, "spec.slate", "after", &slate_after_s, &spec->slate_after_s, err) != 0)
		return -1;
	if (!given(slate, "file"))
		return 0;
	if (!(file = get_text(slate, "spec.slate", "file", NULL, err)))
		return -1;
	rc = file[0] == '/' ? cme_spec_set_slate(spec, file)
			    : wrong(err, "spec.slate", "file", "a path from the root expected");
	if (rc != 0 && file[0] == '/')
		cme_err_set(err, "internal", "out of memory");
	free(file);
	return rc;
}

int cme_stop_at_parse(const json_t *json, const char *where, struct cme_spec *spec, struct cme_err *err)
{
	spec->has_stop_at = json_is_number(json_object_get(json, "stop_at"));
	return get_number(json, where, "stop_at", &stop_at_s, &spec->stop_at, err);
}

static int parse_silence(const json_t *json, struct cme_spec *spec, struct cme_err *err)
{
	bool silence = false;

	if (get_bool(json, "spec", "silence", &silence, err) != 0)
		return -1;
	for (int i = 0; i < CME_INPUTS; i++)
		spec->input[i].silence = silence && spec->input[i].count > 0;
	return 0;
}

static int parse_rest(const json_t *json, struct cme_spec *spec, struct cme_err *err)
{
	const json_t *revision = json_object_get(json, "revision");

	if (revision && !json_is_null(revision) && !json_is_integer(revision))
		return wrong(err, "spec", "revision", "integer expected");
	spec->revision = json_integer_value(revision);
	if (get_bool(json, "spec", "failover", &spec->failover, err) != 0 ||
	    parse_silence(json, spec, err) != 0 || get_bool(json, "spec", "merge", &spec->merge, err) != 0 ||
	    get_number(json, "spec", "merge_window", &merge_window_s, &spec->merge_window_s, err) != 0)
		return -1;
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
	    parse_inputs(json, spec, err) != 0 || parse_slate(json, spec, err) != 0 ||
	    parse_outputs(json, spec, err) != 0 || parse_rest(json, spec, err) != 0) {
		cme_spec_fini(spec);
		return -1;
	}
	return 0;
}
