/* SPDX-License-Identifier: MIT */
#include "relay/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "control/control.h"
#include "control/log.h"
#include "relay/base/sys.h"
#include "relay/control/event_json.h"
#include "relay/control/request.h"
#include "relay/control/stat_json.h"
#include "relay/relay.h"

#define ORPHAN_US     (30 * CME_SECOND_US)
#define LAST_WORDS_US (100 * CME_MS_US)
#define LEAVE_US      (200 * CME_MS_US) /* the 100 ms of a wait, and as much again */
#define WAITERS_MAX   64
#define FIXED_FDS     2

/* The `switch` requests to one input that have not been answered. */
struct waiters {
	struct {
		uint64_t connection;
		json_t *id;
	} list[WAITERS_MAX];
	size_t count;
};

struct engine {
	struct cme_events events;
	struct cme_relay *relay;
	struct cme_control *control; /* NULL: by hand */
	int signal_fd;
	bool leased;
	int64_t stand_until_ms;  /* of CLOCK_BOOTTIME, when a standby ends; 0: it is none */
	int64_t orphan_us;       /* when to give up waiting for the first `set`; INT64_MAX: it came */
	const char *stop_reason; /* NULL: running */
	int64_t stopped_us;      /* monotonic, since when it is stopping */
	int64_t drain_us;        /* that destinations have from then on */
	struct waiters waiters[CME_INPUTS];
};

static void stop_within(struct engine *engine, const char *reason, int64_t drain_us)
{
	if (engine->stop_reason)
		return;
	engine->stop_reason = reason;
	engine->stopped_us = cme_now_us();
	engine->drain_us = drain_us;
	cme_relay_stop(engine->relay, drain_us);
}

static void stop(struct engine *engine, const char *reason)
{
	stop_within(engine, reason, CME_DRAIN_US);
}

/* When stopping: not later than this. A recording that is finished early is waited for no longer. */
static int64_t end_us(const struct engine *engine)
{
	bool recording = cme_relay_recording(engine->relay);

	return engine->stopped_us + (recording ? CME_RECORD_END_US : engine->drain_us) + LEAVE_US;
}

static void publish(struct engine *engine, const struct cme_event *event)
{
	json_t *json = cme_event_json(event);

	if (!json)
		return;
	cme_log_event(event->err.code[0] ? CME_LOG_WARN : CME_LOG_INFO, json);
	if (engine->control)
		cme_control_broadcast(engine->control, json);
	json_decref(json);
}

/* ---- requests */

static void answer(struct engine *engine, uint64_t connection, json_t *id, int rc, json_t *ok,
		   const struct cme_err *err)
{
	if (rc == 0) {
		cme_control_send(engine->control, connection, cme_answer_ok(id, ok));
	} else {
		json_decref(ok);
		cme_control_send(engine->control, connection, cme_answer_error(id, err));
	}
}

static int change_outputs(struct engine *engine, const struct cme_control_request *request,
			  struct cme_err *err)
{
	struct cme_spec next;
	int rc = 0;

	if (cme_spec_copy(&next, cme_relay_spec(engine->relay)) != 0)
		return cme_err_set(err, "internal", "out of memory");
	if (request->op == CME_OP_SET_OUTPUT && cme_spec_set_output(&next, &request->output) != 0)
		rc = cme_err_set(err, "invalid.spec", "output: at most %d", CME_SPEC_OUTPUTS_MAX);
	if (request->op == CME_OP_REMOVE_OUTPUT && !cme_spec_remove_output(&next, request->output.id))
		rc = cme_err_set(err, "invalid.output_id", "remove_output: there is no output with that id");
	if (request->op == CME_OP_SET_STOP_AT) {
		next.has_stop_at = request->spec.has_stop_at;
		next.stop_at = request->spec.stop_at;
	}
	if (rc == 0)
		rc = cme_relay_apply(engine->relay, &next, err);
	cme_spec_fini(&next);
	return rc;
}

static void on_set(struct engine *engine, uint64_t connection, const struct cme_control_request *request)
{
	struct cme_err err;
	int rc = cme_relay_apply(engine->relay, &request->spec, &err);

	engine->orphan_us = INT64_MAX;
	answer(engine, connection, request->id, rc,
	       json_pack("{s:I}", "revision", (json_int_t)request->spec.revision), &err);
}

static void on_switch(struct engine *engine, uint64_t connection, const struct cme_control_request *request)
{
	struct waiters *waiters = &engine->waiters[request->to];
	struct cme_err err;
	int rc;

	if (waiters->count == WAITERS_MAX)
		rc = cme_err_set(&err, "switch.busy", "switch to '%s': %d requests wait for it already",
				 cme_endpoint_names[request->to], WAITERS_MAX);
	else
		rc = cme_relay_switch(engine->relay, request->to, &err);
	if (rc != 0) {
		answer(engine, connection, request->id, rc > 0 ? 0 : rc,
		       json_pack("{s:s,s:i}", "active", cme_endpoint_names[request->to], "gap_ms", 0), &err);
		return;
	}
	waiters->list[waiters->count].connection = connection;
	waiters->list[waiters->count++].id = json_incref(request->id);
}

static void forget(struct waiters *waiters)
{
	for (size_t i = 0; i < waiters->count; i++)
		json_decref(waiters->list[i].id);
	waiters->count = 0;
}

/* The relay has one switch to an input at a time: its result answers all that wait for it. */
static void answer_switch(struct engine *engine, const struct cme_switch_result *result)
{
	struct waiters *waiters = &engine->waiters[result->to];

	if (result->err.code[0])
		publish(engine, &(struct cme_event){ .kind = CME_EVENT_SWITCH_FAILED,
						     .time = cme_wall_now(),
						     .err = result->err,
						     .failed_to = result->to });
	for (size_t i = 0; i < waiters->count; i++) {
		json_t *ok = json_pack("{s:s,s:I}", "active", cme_endpoint_names[result->to], "gap_ms",
				       (json_int_t)result->gap_ms);

		answer(engine, waiters->list[i].connection, waiters->list[i].id, result->err.code[0] ? -1 : 0,
		       ok, &result->err);
	}
	forget(waiters);
}

static void answer_switches(struct engine *engine)
{
	struct cme_switch_result result;

	while (cme_relay_switch_result(engine->relay, &result))
		answer_switch(engine, &result);
}

static void on_stop(struct engine *engine, uint64_t connection, const struct cme_control_request *request)
{
	int64_t left_us;

	stop(engine, "request");
	left_us = end_us(engine) - cme_now_us();
	answer(engine, connection, request->id, 0,
	       json_pack("{s:f}", "within", left_us > 0 ? (double)left_us / 1e6 : 0.0), NULL);
}

static void on_lease(struct engine *engine, uint64_t connection, const struct cme_control_request *request)
{
	struct cme_err err;
	int rc = request->op == CME_OP_LEASE
			 ? cme_relay_lease(engine->relay, request->epoch, request->until_ms, &err)
			 : cme_relay_release(engine->relay, request->epoch, &err);

	if (rc == 0 && request->op == CME_OP_LEASE)
		engine->stand_until_ms = 0;
	answer(engine, connection, request->id, rc, json_pack("{s:I}", "epoch", (json_int_t)request->epoch),
	       &err);
}

static void on_stand(struct engine *engine, uint64_t connection, const struct cme_control_request *request)
{
	struct cme_err err;
	int rc = 0;

	if (engine->leased)
		engine->stand_until_ms = request->until_ms;
	else
		rc = cme_err_set(&err, "lease.refused", "stand: the engine was started without --leased");
	answer(engine, connection, request->id, rc, json_object(), &err);
}

static void on_stat(struct engine *engine, uint64_t connection, const struct cme_control_request *request)
{
	struct cme_relay_stat stat;
	struct cme_err err;
	int rc = cme_relay_stat(engine->relay, &stat, &err);

	answer(engine, connection, request->id, rc, rc == 0 ? cme_stat_json(&stat) : NULL, &err);
	cme_relay_stat_fini(&stat);
}

static void on_request(struct engine *engine, uint64_t connection, const struct cme_control_request *request)
{
	struct cme_alive alive;
	struct cme_err err;
	int rc;

	switch (request->op) {
	case CME_OP_SET:
		on_set(engine, connection, request);
		break;
	case CME_OP_SWITCH:
		on_switch(engine, connection, request);
		break;
	case CME_OP_SET_OUTPUT:
	case CME_OP_REMOVE_OUTPUT:
	case CME_OP_SET_STOP_AT:
		rc = change_outputs(engine, request, &err);
		answer(engine, connection, request->id, rc, json_object(), &err);
		break;
	case CME_OP_LEASE:
	case CME_OP_RELEASE:
		on_lease(engine, connection, request);
		break;
	case CME_OP_STAND:
		on_stand(engine, connection, request);
		break;
	case CME_OP_STAT:
		on_stat(engine, connection, request);
		break;
	case CME_OP_ALIVE:
		cme_relay_alive(engine->relay, &alive);
		answer(engine, connection, request->id, 0, cme_alive_json(&alive), NULL);
		break;
	case CME_OP_STOP:
		on_stop(engine, connection, request);
		break;
	}
	answer_switches(engine); /* of the one it superseded */
}

/* What is answered when the engine is about to end. */
static const unsigned answered_at_the_end =
	1u << CME_OP_STAT | 1u << CME_OP_ALIVE | 1u << CME_OP_STOP | 1u << CME_OP_RELEASE;

static void on_line(void *ctx, uint64_t connection, const char *line, size_t len)
{
	struct engine *engine = ctx;
	struct cme_control_request request;
	struct cme_err err;

	if (cme_control_request_parse(line, len, &request, &err) != 0)
		answer(engine, connection, request.id, -1, NULL, &err);
	else if (engine->stop_reason && !(answered_at_the_end & 1u << request.op))
		answer(engine, connection, request.id,
		       cme_err_set(&err, "engine.stopping", "the engine is stopping"), NULL, &err);
	else
		on_request(engine, connection, &request);
	cme_control_request_fini(&request);
}

/* ---- events and signals */

static void publish_events(struct engine *engine)
{
	struct cme_event event;

	while (cme_events_pop(&engine->events, &event))
		publish(engine, &event);
}

static void on_signal(struct engine *engine)
{
	struct signalfd_siginfo info;

	if (read(engine->signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
		return;
	if (info.ssi_signo == SIGHUP && engine->control)
		return; /* a detached engine has no terminal to lose */
	if (engine->stop_reason)
		_exit(128 + (int)info.ssi_signo);
	stop(engine, "signal");
}

/* ---- the loop */

static int timeout_ms(const struct engine *engine, int64_t until_us)
{
	int64_t left_us;

	if (engine->orphan_us < until_us)
		until_us = engine->orphan_us;
	if (engine->stop_reason && end_us(engine) < until_us)
		until_us = end_us(engine);
	left_us = until_us - cme_now_us();
	if (engine->stand_until_ms && engine->stand_until_ms - cme_boot_ms() < left_us / CME_MS_US)
		left_us = (engine->stand_until_ms - cme_boot_ms()) * CME_MS_US;
	return left_us > 0 ? (int)(left_us / CME_MS_US) + 1 : 0;
}

static void wait_and_serve(struct engine *engine, int64_t until_us)
{
	struct pollfd fds[FIXED_FDS + 1 + CME_CONTROL_CONNECTIONS_MAX] = {
		{ .fd = engine->signal_fd, .events = POLLIN },
		{ .fd = engine->events.fd, .events = POLLIN },
	};
	size_t n = engine->control ? cme_control_poll(engine->control, fds + FIXED_FDS) : 0;

	if (poll(fds, FIXED_FDS + n, timeout_ms(engine, until_us)) < 0)
		return;
	if (fds[0].revents & POLLIN)
		on_signal(engine);
	if (fds[1].revents & POLLIN)
		cme_events_rearm(&engine->events);
	if (engine->control)
		cme_control_serve(engine->control, fds + FIXED_FDS, n, on_line, engine);
}

static bool over(struct engine *engine)
{
	return engine->stop_reason && (cme_relay_stopped(engine->relay) || cme_now_us() >= end_us(engine));
}

/* Those that nobody looks after. */
static void stop_abandoned(struct engine *engine)
{
	if (cme_now_us() >= engine->orphan_us) {
		cme_log(CME_LOG_ERROR, "no 'set' within %d s of the start: giving up",
			(int)(ORPHAN_US / CME_SECOND_US));
		engine->orphan_us = INT64_MAX;
		stop(engine, "orphan");
	}
	if (engine->stand_until_ms && cme_boot_ms() >= engine->stand_until_ms) {
		cme_log(CME_LOG_WARN, "nobody has the engine stand by any longer: it ends");
		engine->stand_until_ms = 0;
		stop(engine, "abandoned");
	}
}

static void loop(struct engine *engine)
{
	while (!over(engine)) {
		int64_t until_us = cme_relay_tick(engine->relay);

		answer_switches(engine);
		publish_events(engine);
		if (cme_relay_stop_due(engine->relay))
			stop(engine, "stop_at");
		if (cme_relay_played_out(engine->relay))
			stop_within(engine, "played_out", CME_LAST_US);
		stop_abandoned(engine);
		wait_and_serve(engine, until_us);
	}
}

/* ---- start and end */

static int open_signals(struct engine *engine, struct cme_err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	/* blocked before any thread starts, so that only signal_fd sees them */
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	engine->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return engine->signal_fd < 0 ? cme_err_set(err, "internal", "signalfd: %s", strerror(errno)) : 0;
}

static int open_control(struct engine *engine, const char *path, struct cme_err *err)
{
	int null_fd;

	engine->control = cme_control_open(path, err);
	if (!engine->control)
		return -1;
	engine->orphan_us = cme_now_us() + ORPHAN_US;
	printf("listening on %s\n", path);
	fflush(stdout);
	/* whoever started us may be gone later: nothing may fail or block on its pipe */
	null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null_fd >= 0) {
		dup2(null_fd, STDOUT_FILENO);
		close(null_fd);
	}
	return 0;
}

static int start(struct engine *engine, const struct cme_engine_options *options, struct cme_err *err)
{
	if (open_signals(engine, err) != 0)
		return -1;
	if (options->control_path)
		return open_control(engine, options->control_path, err);
	return cme_relay_apply(engine->relay, options->spec, err);
}

static void finish(struct engine *engine, int rc, const struct cme_err *err)
{
	publish_events(engine);
	if (engine->stop_reason)
		publish(engine, &(struct cme_event){ .kind = CME_EVENT_STOPPED,
						     .time = cme_wall_now(),
						     .stop_reason = engine->stop_reason });
	for (int i = 0; i < CME_INPUTS; i++)
		forget(&engine->waiters[i]);
	if (engine->control) {
		cme_control_flush(engine->control, LAST_WORDS_US);
		cme_control_close(engine->control);
	}
	if (!cme_relay_free(engine->relay)) {
		cme_log(CME_LOG_WARN, "a thread %s: left behind",
			cme_relay_resolving(engine->relay) ? "is stuck in name resolution"
							   : "has not ended in time");
		if (rc != 0)
			cme_log(CME_LOG_ERROR, "%s", err->message);
		_exit(rc != 0);
	}
}

int cme_engine_run(const struct cme_engine_options *options, struct cme_err *err)
{
	struct engine engine = { .signal_fd = -1, .orphan_us = INT64_MAX, .leased = options->leased };
	int rc;

	json_object_seed(0); /* before threads: jansson seeds its hash tables once */
	if (cme_events_init(&engine.events) != 0)
		return cme_err_set(err, "internal", "eventfd: %s", strerror(errno));
	engine.relay = cme_relay_new(options->ca_file, &engine.events);
	if (!engine.relay)
		return cme_err_set(err, "internal", "out of memory");
	if (options->leased)
		cme_relay_await_lease(engine.relay);
	rc = start(&engine, options, err);
	if (rc != 0)
		stop(&engine, "failed"); /* by hand: what has started of it */
	loop(&engine);
	finish(&engine, rc, err);
	if (engine.signal_fd >= 0)
		close(engine.signal_fd);
	cme_events_fini(&engine.events);
	return rc;
}
