/* SPDX-License-Identifier: MIT */
#include "relay/control/request.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "control/err_json.h"
#include "relay/control/spec_json.h"

static int parse_set(const json_t *json, struct cme_control_request *request, struct cme_err *err)
{
	return cme_spec_parse(json_object_get(json, "spec"), &request->spec, err);
}

static int parse_switch(const json_t *json, struct cme_control_request *request, struct cme_err *err)
{
	const json_t *to = json_object_get(json, "to");

	request->to = json_is_string(to) ? cme_endpoint(json_string_value(to)) : -1;
	return request->to >= 0 ? 0 : cme_err_set(err, "invalid.request", "to: 'main' or 'backup' expected");
}

static int parse_set_output(const json_t *json, struct cme_control_request *request, struct cme_err *err)
{
	const json_t *output = json_object_get(json, "output");

	if (!output)
		return cme_err_set(err, "invalid.request", "output: missing");
	return cme_output_spec_parse(output, "output", &request->output, err);
}

static int parse_remove_output(const json_t *json, struct cme_control_request *request, struct cme_err *err)
{
	const json_t *id = json_object_get(json, "output_id");

	if (!json_is_string(id))
		return cme_err_set(err, "invalid.request", "output_id: string expected");
	request->output.id = strdup(json_string_value(id));
	return request->output.id ? 0 : cme_err_set(err, "internal", "out of memory");
}

static int parse_set_stop_at(const json_t *json, struct cme_control_request *request, struct cme_err *err)
{
	if (!json_object_get(json, "stop_at"))
		return cme_err_set(err, "invalid.request", "stop_at: missing");
	return cme_stop_at_parse(json, "", &request->spec, err);
}

/* A whole number above 0. */
static int parse_number(const json_t *json, const char *key, int64_t *number, struct cme_err *err)
{
	const json_t *value = json_object_get(json, key);

	*number = json_integer_value(value);
	return *number > 0 ? 0 : cme_err_set(err, "invalid.request", "%s: integer above 0 expected", key);
}

static int parse_release(const json_t *json, struct cme_control_request *request, struct cme_err *err)
{
	return parse_number(json, "epoch", &request->epoch, err);
}

static int parse_stand(const json_t *json, struct cme_control_request *request, struct cme_err *err)
{
	return parse_number(json, "until_ms", &request->until_ms, err);
}

static int parse_lease(const json_t *json, struct cme_control_request *request, struct cme_err *err)
{
	if (parse_release(json, request, err) != 0)
		return -1;
	return parse_stand(json, request, err);
}

static int parse_nothing(const json_t *json, struct cme_control_request *request, struct cme_err *err)
{
	(void)json;
	(void)request;
	(void)err;
	return 0;
}

static const struct {
	const char *name;
	enum cme_op op;
	int (*parse)(const json_t *json, struct cme_control_request *request, struct cme_err *err);
} ops[] = {
	{ "set", CME_OP_SET, parse_set },
	{ "switch", CME_OP_SWITCH, parse_switch },
	{ "set_output", CME_OP_SET_OUTPUT, parse_set_output },
	{ "remove_output", CME_OP_REMOVE_OUTPUT, parse_remove_output },
	{ "set_stop_at", CME_OP_SET_STOP_AT, parse_set_stop_at },
	{ "lease", CME_OP_LEASE, parse_lease },
	{ "release", CME_OP_RELEASE, parse_release },
	{ "stand", CME_OP_STAND, parse_stand },
	{ "stat", CME_OP_STAT, parse_nothing },
	{ "alive", CME_OP_ALIVE, parse_nothing },
	{ "stop", CME_OP_STOP, parse_nothing },
};

static int parse_op(const json_t *json, struct cme_control_request *request, struct cme_err *err)
{
	const json_t *op = json_object_get(json, "op");

	if (!json_is_string(op))
		return cme_err_set(err, "invalid.request", "op: %s", op ? "string expected" : "missing");
	for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
		if (strcmp(ops[i].name, json_string_value(op)) != 0)
			continue;
		request->op = ops[i].op;
		return ops[i].parse(json, request, err);
	}
	return cme_err_set(err, "invalid.op",
			   "op: unknown (one of set, switch, set_output, remove_output, set_stop_at, lease, "
			   "release, stand, stat, stop expected)");
}

int cme_control_request_parse(const char *line, size_t len, struct cme_control_request *request,
			      struct cme_err *err)
{
	json_t *json;
	int rc;

	*request = (struct cme_control_request){ .id = json_null() };
	cme_spec_init(&request->spec);
	json = cme_line_parse(line, len, &request->id, err);
	if (!json)
		return -1;
	rc = parse_op(json, request, err);
	json_decref(json);
	return rc;
}

void cme_control_request_fini(struct cme_control_request *request)
{
	json_decref(request->id);
	cme_spec_fini(&request->spec);
	cme_output_spec_fini(&request->output);
}
