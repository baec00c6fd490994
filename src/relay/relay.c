/* SPDX-License-Identifier: MIT */
#include "relay/relay.h"

#include <stdlib.h>
#include <string.h>

#include "relay/base/scheme.h"
#include "relay/base/sys.h"
#include "relay/relay_state.h"

#define GOP_MAX_ITEMS 4096
#define GOP_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define WALL_CHECK_US CME_SECOND_US /* so that a step of the wall clock is noticed */

struct cme_relay *cme_relay_new(const char *ca_file, struct cme_events *events)
{
	struct cme_relay *relay = calloc(1, sizeof *relay);

	if (!relay)
		return NULL;
	relay->events = events;
	cme_fence_init(&relay->fence, false);
	relay->ca_file = ca_file ? strdup(ca_file) : NULL;
	if (ca_file && !relay->ca_file) {
		free(relay);
		return NULL;
	}
	pthread_mutex_init(&relay->lock, NULL);
	cme_spec_init(&relay->spec);
	cme_timeline_init(&relay->timeline);
	for (int i = 0; i < CME_SOURCES; i++)
		cme_gop_init(&relay->source[i].gop, GOP_MAX_ITEMS, GOP_MAX_BYTES, cme_packet_unref);
	return relay;
}

const struct cme_spec *cme_relay_spec(const struct cme_relay *relay)
{
	return &relay->spec;
}

/* ---- what runs */

static int reserve(struct cme_list *list, size_t cap)
{
	void **items;

	if (cap <= list->cap)
		return 0;
	items = realloc(list->items, cap * sizeof *items);
	if (!items)
		return -1;
	list->items = items;
	list->cap = cap;
	return 0;
}

/* There is room: see reserve. */
static void append(struct cme_list *list, void *item)
{
	list->items[list->count++] = item;
}

static int reserve_output(struct cme_relay *relay)
{
	size_t all = relay->outputs.count + relay->leaving_outputs.count + 1;
	int rc;

	pthread_mutex_lock(&relay->lock);
	rc = reserve(&relay->outputs, relay->outputs.count + 1);
	pthread_mutex_unlock(&relay->lock);
	return rc == 0 ? reserve(&relay->leaving_outputs, all) : rc;
}

static int add_output(struct cme_relay *relay, const struct cme_output_spec *spec, struct cme_err *err)
{
	struct cme_output_config config = { .codecs = spec->codecs,
					    .no_uplink = spec->no_uplink,
					    .id = spec->id,
					    .name = spec->name,
					    .url = spec->url,
					    .record = spec->record,
					    .ca_file = relay->ca_file,
					    .fence = &relay->fence,
					    .events = relay->events };
	const struct cme_scheme *scheme = spec->record ? NULL : cme_scheme_find(spec->url);
	const struct cme_output_ops *ops = spec->record ? cme_scheme_recorder
					   : scheme     ? scheme->output
							: NULL;
	struct cme_output *out;

	if (!ops)
		return cme_err_set(err, "invalid.url", "output '%s': %s", spec->id,
				   cme_scheme_fault(spec->url, false));
	if (reserve_output(relay) != 0)
		return cme_err_set(err, "internal", "output '%s': out of memory", spec->id);
	out = cme_output_new(ops, &config, err);
	if (!out)
		return -1;
	pthread_mutex_lock(&relay->lock);
	append(&relay->outputs, out);
	pthread_mutex_unlock(&relay->lock);
	return 0;
}

/* Its place in the list; outputs.count: there is none. */
static size_t find_output(const struct cme_relay *relay, const char *id)
{
	size_t i;

	for (i = 0; i < relay->outputs.count; i++)
		if (strcmp(((const struct cme_output *)relay->outputs.items[i])->id, id) == 0)
			break;
	return i;
}

/* Takes the output off the list, so that no packet reaches it, and tells it to end. */
static void remove_output(struct cme_relay *relay, const char *id, int64_t drain_us)
{
	size_t i = find_output(relay, id);
	struct cme_output *out;

	if (i == relay->outputs.count)
		return;
	out = relay->outputs.items[i];
	pthread_mutex_lock(&relay->lock);
	relay->outputs.items[i] = relay->outputs.items[--relay->outputs.count];
	pthread_mutex_unlock(&relay->lock);
	cme_output_stop(out, cme_now_us() + (out->record ? CME_RECORD_END_US : drain_us));
	append(&relay->leaving_outputs, out);
}

static void close_input(struct cme_relay *relay, int i)
{
	struct cme_source *source = &relay->source[i];
	struct cme_input *input = source->input;

	if (!input)
		return;
	pthread_mutex_lock(&relay->lock);
	source->input = NULL;
	source->last_packet_us = source->picture_us = 0;
	source->life = (struct cme_liveness){ 0 };
	source->promise = (struct cme_promise){ 0 };
	source->started = source->mute = false;
	source->error = (struct cme_err){ 0 };
	cme_gop_clear(&source->gop);
	cme_media_unref(source->media);
	source->media = NULL;
	cme_relay_merge_end(relay, i);
	pthread_mutex_unlock(&relay->lock);
	cme_input_cancel(input);
	append(&relay->leaving_inputs, input);
}

static int open_input(struct cme_relay *relay, int i, const struct cme_input_spec *spec, struct cme_err *err)
{
	struct cme_input_sink sink = cme_relay_sink;
	struct cme_source *source = &relay->source[i];

	if (reserve(&relay->leaving_inputs, relay->leaving_inputs.count + CME_SOURCES) != 0)
		return cme_err_set(err, "internal", "input '%s': out of memory", cme_endpoint_names[i]);
	sink.ctx = relay;
	/* the lock is held so that the thread's first callback finds itself in the slot */
	pthread_mutex_lock(&relay->lock);
	source->state = CME_SOURCE_CONNECTING;
	source->since = cme_wall_now();
	source->live_us = 0;
	source->opens = 0;
	source->packets = 0;
	source->dropped = 0;
	source->rate = (struct cme_rate){ 0 };
	source->cadence = (struct cme_cadence){ 0 };
	source->list = spec->list;
	source->playing = false;
	source->input = cme_input_start(spec, relay->ca_file, &sink, relay->events, err);
	if (source->input)
		cme_source_announce(relay, i, NULL);
	if (i == relay->active)
		relay->active_since_us = cme_now_us();
	cme_relay_gate(relay);
	pthread_mutex_unlock(&relay->lock);
	return source->input ? 0 : cme_err_prefix(err, "input '%s'", cme_endpoint_names[i]);
}

/* ---- the desired state */

struct apply {
	struct cme_relay *relay;
	struct cme_spec *spec; /* becomes the desired state; what fails is taken out of it */
	bool first;
	int rc;
	struct cme_err *err;
};

static void apply_output(struct apply *apply, const struct cme_change *change)
{
	const struct cme_output_spec *spec = change->output;

	if (change->kind == CME_OUTPUT_REMOVED || change->kind == CME_OUTPUT_MOVED)
		remove_output(apply->relay, spec->id, CME_DRAIN_US);
	if (change->kind == CME_OUTPUT_REMOVED)
		return;
	if (change->kind == CME_OUTPUT_RENAMED)
		cme_output_rename(apply->relay->outputs.items[find_output(apply->relay, spec->id)],
				  spec->name);
	else if (add_output(apply->relay, spec, apply->err) != 0)
		apply->rc = -1;
}

static void apply_input(struct apply *apply, int i)
{
	close_input(apply->relay, i);
	if (!apply->spec->input[i].count ||
	    open_input(apply->relay, i, &apply->spec->input[i], apply->err) == 0)
		return;
	cme_input_spec_fini(&apply->spec->input[i]);
	apply->rc = -1;
}

static void apply_active(struct apply *apply, int to)
{
	struct cme_relay *relay = apply->relay;
	int rc = apply->first ? 1 : cme_relay_switch(relay, to, apply->err);

	if (rc > 0)
		relay->settled = to;
	if (rc >= 0)
		return;
	apply->spec->active = relay->settled;
	apply->rc = -1;
}

static void apply_change(void *ctx, const struct cme_change *change)
{
	struct apply *apply = ctx;

	switch (change->kind) {
	case CME_INPUT_CHANGED:
		apply_input(apply, change->input);
		break;
	case CME_ACTIVE_CHANGED:
		apply_active(apply, change->input);
		break;
	default:
		apply_output(apply, change);
	}
}

/* Outputs that could not be started leave the desired state, so that the next apply finds them missing. */
static void forget_missing(struct cme_relay *relay, struct cme_spec *spec)
{
	for (size_t i = spec->outputs_count; i-- > 0;)
		if (find_output(relay, spec->outputs[i].id) == relay->outputs.count)
			cme_spec_remove_output(spec, spec->outputs[i].id);
}

static bool is_live(const struct cme_input_spec *input)
{
	return input->count > 0 && !input->list;
}

static void apply_settings(struct cme_relay *relay, const struct cme_spec *spec, bool first)
{
	pthread_mutex_lock(&relay->lock);
	relay->failover = spec->failover;
	relay->stall_limit_us = (int64_t)(spec->stall_limit_s * 1e6);
	relay->failback_us = spec->has_failback ? (int64_t)(spec->failback_after_s * 1e6) : -1;
	relay->slate.after_us = (int64_t)(spec->slate_after_s * 1e6);
	if (first) {
		relay->active = spec->active;
		relay->slate.since_us = cme_now_us();
	}
	cme_relay_merge_set(
		relay, spec->merge && is_live(&spec->input[CME_MAIN]) && is_live(&spec->input[CME_BACKUP]),
		(int64_t)(spec->merge_window_s * 1e6));
	pthread_mutex_unlock(&relay->lock);
}

/* An input that went can neither be waited for nor stay on the air. */
static void leave_absent(struct cme_relay *relay, struct cme_spec *spec)
{
	struct cme_err err;
	int other;

	pthread_mutex_lock(&relay->lock);
	other = !relay->active;
	if (relay->change.pending && !relay->source[relay->change.to].input) {
		cme_err_set(&err, "switch.no_input", "switch to '%s': the input was removed",
			    cme_endpoint_names[relay->change.to]);
		cme_relay_change_failed(relay, &err);
	}
	if (!relay->source[relay->active].input && relay->source[other].input) {
		cme_relay_change_to(relay, other, "request", true);
		relay->settled = spec->active = other;
	}
	pthread_mutex_unlock(&relay->lock);
}

int cme_relay_apply(struct cme_relay *relay, const struct cme_spec *spec, struct cme_err *err)
{
	struct cme_spec copy;
	struct apply apply = { .relay = relay, .spec = &copy, .err = err };

	if (cme_spec_copy(&copy, spec) != 0)
		return cme_err_set(err, "internal", "out of memory");
	apply.first = relay->started_at == 0;
	if (apply.first)
		relay->started_at = cme_wall_now();
	apply_settings(relay, &copy, apply.first);
	cme_spec_diff(&relay->spec, &copy, apply_change, &apply);
	leave_absent(relay, &copy);
	if (apply.rc != 0)
		forget_missing(relay, &copy);
	cme_spec_fini(&relay->spec);
	relay->spec = copy;
	return apply.rc;
}

/* ---- switching */

static int ask_for_change(struct cme_relay *relay, int to, struct cme_err *err)
{
	if (!relay->source[to].input)
		return cme_err_set(err, "switch.no_input", "switch to '%s': there is no such input",
				   cme_endpoint_names[to]);
	if (relay->change.pending && relay->change.to != to) {
		struct cme_err superseded;

		cme_err_set(&superseded, "switch.superseded", "switch to '%s': another switch was asked for",
			    cme_endpoint_names[relay->change.to]);
		cme_relay_change_failed(relay, &superseded);
	}
	if (relay->active == to && !relay->announce.pending)
		return 1;
	if (relay->source[to].state == CME_SOURCE_ENDED)
		return cme_err_set(err, "switch.played_out", "switch to '%s': its list is played out",
				   cme_endpoint_names[to]);
	if (cme_relay_check_change(relay, to, err) != 0)
		return -1;
	cme_relay_await_change(relay, to, "request");
	return 0;
}

int cme_relay_switch(struct cme_relay *relay, int to, struct cme_err *err)
{
	int rc;

	pthread_mutex_lock(&relay->lock);
	rc = ask_for_change(relay, to, err);
	pthread_mutex_unlock(&relay->lock);
	return rc;
}

bool cme_relay_switch_result(struct cme_relay *relay, struct cme_switch_result *result)
{
	bool has = false;

	pthread_mutex_lock(&relay->lock);
	for (int to = 0; to < CME_INPUTS && !has; to++) {
		has = relay->change.has_result[to];
		*result = relay->change.result[to];
		relay->change.has_result[to] = false;
	}
	pthread_mutex_unlock(&relay->lock);
	if (has && !result->err.code[0])
		relay->settled = relay->spec.active = result->to;
	else if (has && relay->spec.active == result->to)
		relay->spec.active = relay->settled;
	return has;
}

/* ---- time */

/* Joins the threads that have ended. */
static void reap(struct cme_relay *relay)
{
	size_t kept = 0;

	for (size_t i = 0; i < relay->leaving_outputs.count; i++) {
		struct cme_output *out = relay->leaving_outputs.items[i];

		if (cme_output_done(out))
			cme_output_free(out);
		else
			relay->leaving_outputs.items[kept++] = out;
	}
	relay->leaving_outputs.count = kept;
	kept = 0;
	for (size_t i = 0; i < relay->leaving_inputs.count; i++) {
		struct cme_input *input = relay->leaving_inputs.items[i];

		if (cme_input_done(input))
			cme_input_free(input);
		else
			relay->leaving_inputs.items[kept++] = input;
	}
	relay->leaving_inputs.count = kept;
}

int64_t cme_relay_tick(struct cme_relay *relay)
{
	int64_t now_us = cme_now_us();
	int64_t next_us = now_us + WALL_CHECK_US;

	pthread_mutex_lock(&relay->lock);
	next_us = cme_relay_watch(relay, now_us, next_us);
	pthread_mutex_unlock(&relay->lock);
	reap(relay);
	if (relay->spec.has_stop_at) {
		int64_t left_us = (int64_t)((relay->spec.stop_at - cme_wall_now()) * 1e6);

		if (left_us < WALL_CHECK_US && now_us + left_us < next_us)
			next_us = now_us + left_us;
	}
	return next_us;
}

bool cme_relay_played_out(struct cme_relay *relay)
{
	bool out;

	pthread_mutex_lock(&relay->lock);
	out = cme_relay_is_played_out(relay);
	pthread_mutex_unlock(&relay->lock);
	return out;
}

bool cme_relay_stop_due(const struct cme_relay *relay)
{
	return relay->spec.has_stop_at && cme_wall_now() >= relay->spec.stop_at;
}

/* ---- the end */

void cme_relay_stop(struct cme_relay *relay, int64_t drain_us)
{
	for (int i = 0; i < CME_SOURCES; i++)
		close_input(relay, i);
	while (relay->outputs.count)
		remove_output(relay, ((const struct cme_output *)relay->outputs.items[0])->id, drain_us);
}

bool cme_relay_stopped(struct cme_relay *relay)
{
	reap(relay);
	return relay->leaving_outputs.count == 0 && relay->leaving_inputs.count == 0;
}

bool cme_relay_recording(const struct cme_relay *relay)
{
	bool any = false;

	for (size_t i = 0; i < relay->leaving_outputs.count; i++) {
		const struct cme_output *out = relay->leaving_outputs.items[i];

		any = any || (out->record && !cme_output_done(out));
	}
	return any;
}

bool cme_relay_resolving(const struct cme_relay *relay)
{
	bool all = true;

	for (size_t i = 0; i < relay->leaving_outputs.count; i++)
		all = all && cme_output_resolving(relay->leaving_outputs.items[i]);
	for (size_t i = 0; i < relay->leaving_inputs.count; i++)
		all = all && cme_input_resolving(relay->leaving_inputs.items[i]);
	return all;
}

bool cme_relay_free(struct cme_relay *relay)
{
	if (!cme_relay_stopped(relay))
		return false;
	cme_programme_fini(&relay->programme);
	for (int i = 0; i < CME_SOURCES; i++) {
		cme_gop_fini(&relay->source[i].gop);
		cme_media_unref(relay->source[i].media);
	}
	cme_relay_merge_free(relay);
	cme_media_unref(relay->delivered);
	cme_spec_fini(&relay->spec);
	free(relay->outputs.items);
	free(relay->leaving_outputs.items);
	free(relay->leaving_inputs.items);
	free(relay->ca_file);
	pthread_mutex_destroy(&relay->lock);
	free(relay);
	return true;
}
