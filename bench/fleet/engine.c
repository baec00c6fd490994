/* SPDX-License-Identifier: MIT
 *
 * In place of cme-relay where a bench needs more engines than a machine carries: it speaks the control
 * protocol (docs/control-protocol.md) as far as a service asks, and reads and writes no media. Every input
 * and output is live at once.
 *
 *   engine [--leased] --control PATH
 */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "control/control.h"

struct engine {
	struct cme_control *control;
	json_t *spec;  /* what it was told last; null before */
	json_t *lease; /* the last `lease` request; null before */
	bool ended;
};

/* The members of `inputs`, or the entries of `outputs`, each live. */
static json_t *live_inputs(json_t *inputs)
{
	json_t *all = json_object();
	const char *name;
	json_t *input;

	json_object_foreach(inputs, name, input)
		json_object_set_new(all, name, json_pack("{s:s}", "state", "live"));
	return all;
}

static json_t *live_outputs(json_t *outputs)
{
	json_t *all = json_array(), *output;
	size_t i;

	json_array_foreach(outputs, i, output) json_array_append_new(
		all,
		json_pack("{s:O?, s:O?, s:s, s:i, s:i}", "id", json_object_get(output, "id"), "name",
			  json_object_get(output, "name"), "state", "live", "connects", 1, "dropped", 0));
	return all;
}

static json_t *stat_of(const struct engine *engine)
{
	json_t *stat = json_pack("{s:i, s:O}", "pid", (int)getpid(), "lease", engine->lease);
	static const char *const SAME[] = { "project", "revision", "active", "stop_at" };

	for (size_t i = 0; i < sizeof SAME / sizeof *SAME; i++) {
		json_t *value = json_object_get(engine->spec, SAME[i]);

		json_object_set(stat, SAME[i], value ? value : json_null());
	}
	json_object_set_new(stat, "inputs", live_inputs(json_object_get(engine->spec, "inputs")));
	json_object_set_new(stat, "outputs", live_outputs(json_object_get(engine->spec, "outputs")));
	return stat;
}

static void tell(struct engine *engine, json_t *event)
{
	cme_control_broadcast(engine->control, event);
	json_decref(event);
}

static void tell_live(struct engine *engine)
{
	const char *name;
	json_t *part;
	size_t i;

	json_object_foreach(json_object_get(engine->spec, "inputs"), name, part) tell(
		engine, json_pack("{s:s, s:s, s:s}", "event", "input", "endpoint", name, "state", "live"));
	json_array_foreach(json_object_get(engine->spec, "outputs"), i, part)
		tell(engine, json_pack("{s:s, s:O, s:s}", "event", "output", "output_id",
				       json_object_get(part, "id"), "state", "live"));
}

static void replace(json_t **what, json_t *with)
{
	json_decref(*what);
	*what = json_incref(with);
}

static json_t *perform(struct engine *engine, const char *op, json_t *request)
{
	if (strcmp(op, "stat") == 0)
		return stat_of(engine);
	if (strcmp(op, "alive") == 0)
		return json_pack("{s:[]}", "stuck");
	if (strcmp(op, "set") == 0)
		replace(&engine->spec, json_object_get(request, "spec"));
	if (strcmp(op, "lease") == 0)
		replace(&engine->lease, request);
	if (strcmp(op, "stop") == 0)
		engine->ended = true;
	return json_object();
}

static void take_line(void *ctx, uint64_t connection, const char *line, size_t len)
{
	struct engine *engine = ctx;
	json_t *request = json_loadb(line, len, 0, NULL), *id = json_object_get(request, "id");
	const char *op = json_string_value(json_object_get(request, "op"));

	if (op && id) {
		cme_control_send(engine->control, connection,
				 json_pack("{s:O, s:o}", "id", id, "ok", perform(engine, op, request)));
		if (strcmp(op, "set") == 0)
			tell_live(engine);
	}
	json_decref(request);
}

static void serve(struct engine *engine)
{
	struct pollfd fds[CME_CONTROL_CONNECTIONS_MAX + 1];

	while (!engine->ended) {
		size_t count = cme_control_poll(engine->control, fds);

		poll(fds, count, -1);
		cme_control_serve(engine->control, fds, count, take_line, engine);
	}
	cme_control_flush(engine->control, 1000000);
}

int main(int argc, char **argv)
{
	struct engine engine = { .spec = json_object(), .lease = json_object() };
	const char *path = argc > 2 ? argv[argc - 1] : "";
	struct cme_err err;

	engine.control = cme_control_open(path, &err);
	if (!engine.control) {
		fprintf(stderr, "engine: %s\n", err.message);
		return 1;
	}
	printf("listening on %s\n", path);
	fflush(stdout);
	serve(&engine);
	cme_control_close(engine.control);
	json_decref(engine.spec);
	json_decref(engine.lease);
	return 0;
}
