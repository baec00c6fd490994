/* SPDX-License-Identifier: MIT */
#include "edge/edge.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "control/control.h"
#include "control/log.h"
#include "control/throttle.h"
#include "edge/edge_json.h"
#include "edge/ingest.h"
#include "edge/jail.h"
#include "edge/order.h"
#include "edge/rtmp/listen.h"
#include "edge/srt/ingest_srt.h"

#define SWEEP_US      (500 * CME_MS_US)
#define LAST_WORDS_US (100 * CME_MS_US)
#define OTHER_FILES   64 /* that are open beside connections, and sockets of keys */

struct edge {
	const struct cme_edge_options *options;
	struct cme_poll poll;
	struct cme_ingest ingest;
	struct cme_ingest_srt srt;
	struct cme_control *control;
	struct cme_throttle throttle; /* of events, by the key's id; "": a key that is not known */
	struct cme_watch control_watch;
	struct cme_watch signal_watch;
	int signal_fd;
	struct cme_listener listeners[2 * CME_EDGE_ADDRESSES_MAX];
	size_t listeners_count;
	SSL_CTX *tls;
	bool stopping;
};

static struct edge edge; /* watches of signals and control have no owner to point to */

/* ---- events */

static void watch_control(void)
{
	struct pollfd fds[CME_CONTROL_CONNECTIONS_MAX + 1];
	size_t n = cme_control_poll(edge.control, fds);

	if (!fds[0].events)
		cme_poll_rest(&edge.poll, fds[0].fd, &edge.control_watch);
	for (size_t i = fds[0].events ? 0 : 1; i < n; i++)
		cme_poll_watch(&edge.poll, fds[i].fd, &edge.control_watch,
			       fds[i].events & POLLOUT ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* Whoever guesses keys, or comes again and again, gets no more than a line a second of everybody's attention.
 * Encoders whose key is good are always told about. A viewer is told about at both ends or at neither, so
 * that whoever counts them stays right. */
static bool is_worth_telling(const struct cme_ingest_event *event, unsigned *left_out)
{
	bool worth;

	*left_out = 0;
	if (event->state != CME_INGEST_REFUSED && !event->viewer)
		return true;
	if (event->state == CME_INGEST_ENDED)
		return *event->told;
	worth = cme_throttle_admit(&edge.throttle, event->id ? event->id : "", cme_now_us(), left_out);
	if (event->state == CME_INGEST_ADMITTED)
		*event->told = worth;
	return worth;
}

static void on_event(void *ctx, const struct cme_ingest_event *event)
{
	unsigned left_out;
	json_t *json = is_worth_telling(event, &left_out) ? cme_ingest_event_json(event) : NULL;

	(void)ctx;
	if (!json)
		return;
	if (left_out)
		json_object_set_new(json, "left_out", json_integer(left_out));
	cme_log_event(event->err ? CME_LOG_WARN : CME_LOG_INFO, json);
	cme_control_broadcast(edge.control, json);
	watch_control();
	json_decref(json);
}

/* ---- requests */

/* Calls back for each address that it listens on. */
static void each_address(void (*call)(void *ctx, const char *protocol, const char *address), void *ctx)
{
	for (size_t i = 0; i < edge.listeners_count; i++)
		call(ctx, edge.listeners[i].tls ? "rtmps" : "rtmp", edge.listeners[i].shown);
	for (size_t i = 0; cme_door_shown(edge.srt.door, i); i++)
		call(ctx, "srt", cme_door_shown(edge.srt.door, i));
}

static void list_address(void *list, const char *protocol, const char *address)
{
	json_array_append_new(list, json_pack("{s:s,s:s}", "protocol", protocol, "address", address));
}

/* Each key has a socket that engines come to, and connections need descriptors, too. */
static size_t keys_max(void)
{
	const size_t others = edge.options->limits.all + OTHER_FILES;
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= CME_INGEST_KEYS_MAX + others)
		return CME_INGEST_KEYS_MAX;
	return files.rlim_cur > 2 * others ? (size_t)files.rlim_cur - others : (size_t)files.rlim_cur / 2;
}

/* Where it listens, and how it was started, for a service that finds it running. */
static json_t *stat_json(bool live_only)
{
	json_t *json = cme_ingest_stat_json(&edge.ingest, live_only);
	json_t *list = json_array();

	each_address(list_address, list);
	json_object_set_new(json, "listening", list);
	json_object_set_new(json, "keys_max", json_integer((json_int_t)keys_max()));
	json_object_set_new(json, "takeover",
			    isfinite(edge.options->takeover_s) ? json_real(edge.options->takeover_s)
							       : json_null());
	json_object_set_new(json, "certificate", json_pack("s?", edge.options->certificate));
	json_object_set_new(json, "key_file", json_pack("s?", edge.options->key));
	return json;
}

/* Takes the certificate's files as they are by now, for connections from now on: those that are there keep
 * theirs. 0, or -1 with err, and the certificate of before stays. */
static int reload(struct cme_err *err)
{
	const struct cme_edge_options *options = edge.options;
	SSL_CTX *tls;

	if (!edge.tls)
		return 0;
	tls = cme_link_tls_server_context(options->certificate, options->key, err);
	if (!tls)
		return -1;
	for (size_t i = 0; i < edge.listeners_count; i++)
		if (edge.listeners[i].tls)
			edge.listeners[i].tls = tls;
	SSL_CTX_free(edge.tls);
	edge.tls = tls;
	return 0;
}

static void answer(uint64_t connection, json_t *id, int rc, json_t *ok, const struct cme_err *err)
{
	if (rc == 0) {
		cme_control_send(edge.control, connection, cme_answer_ok(id, ok));
	} else {
		json_decref(ok);
		cme_control_send(edge.control, connection, cme_answer_error(id, err));
	}
}

static void on_order(uint64_t connection, const struct cme_order *order)
{
	struct cme_err err;
	int rc = 0;

	switch (order->op) {
	case CME_ORDER_SET:
		rc = cme_ingest_apply(&edge.ingest, &order->spec, &err);
		answer(connection, order->id, rc,
		       json_pack("{s:I}", "revision", (json_int_t)order->spec.revision), &err);
		break;
	case CME_ORDER_STAT:
		answer(connection, order->id, 0, stat_json(order->live), NULL);
		break;
	case CME_ORDER_ALIVE:
		answer(connection, order->id, 0, json_object(), NULL);
		break;
	case CME_ORDER_RELOAD:
		rc = reload(&err);
		answer(connection, order->id, rc, json_object(), &err);
		break;
	case CME_ORDER_STOP:
		answer(connection, order->id, 0, json_object(), NULL);
		edge.stopping = true;
		break;
	}
}

static void on_line(void *ctx, uint64_t connection, const char *line, size_t len)
{
	struct cme_order order;
	struct cme_err err;

	(void)ctx;
	if (cme_order_parse(line, len, &order, &err) != 0)
		answer(connection, order.id, -1, NULL, &err);
	else
		on_order(connection, &order);
	cme_order_fini(&order);
}

/* The control socket has its own list of descriptors, of which one has news. */
static void on_control(struct cme_watch *watch, uint32_t events)
{
	struct pollfd fds[CME_CONTROL_CONNECTIONS_MAX + 1];
	size_t n = cme_control_poll(edge.control, fds);

	(void)watch;
	(void)events;
	if (poll(fds, n, 0) > 0)
		cme_control_serve(edge.control, fds, n, on_line, NULL);
	watch_control();
}

static void on_signal(struct cme_watch *watch, uint32_t events)
{
	struct signalfd_siginfo info;

	struct cme_err err;

	(void)watch;
	(void)events;
	if (read(edge.signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
		return;
	if (info.ssi_signo != SIGHUP)
		edge.stopping = true;
	else if (reload(&err) != 0)
		cme_log(CME_LOG_WARN, "%s", err.message);
}

/* ---- start and end */

static int open_signals(struct cme_err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP); /* it has no terminal to lose: the certificate is read again */
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	edge.signal_watch.ready = on_signal;
	edge.signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (edge.signal_fd < 0 ||
	    cme_poll_watch(&edge.poll, edge.signal_fd, &edge.signal_watch, EPOLLIN) != 0)
		return cme_err_set(err, "internal", "signalfd: %s", strerror(errno));
	return 0;
}

static int open_listeners(const char *const *addresses, SSL_CTX *tls, struct cme_err *err)
{
	for (size_t i = 0; i < CME_EDGE_ADDRESSES_MAX && addresses[i]; i++)
		if (cme_listener_open(&edge.listeners[edge.listeners_count++], &edge.poll, &edge.ingest,
				      addresses[i], tls, err) != 0)
			return -1;
	return 0;
}

static int open_tls(const struct cme_edge_options *options, struct cme_err *err)
{
	if (!options->rtmps[0])
		return 0;
	edge.tls = cme_link_tls_server_context(options->certificate, options->key, err);
	return edge.tls ? open_listeners(options->rtmps, edge.tls, err) : -1;
}

static void print_address(void *ctx, const char *protocol, const char *address)
{
	(void)ctx;
	printf("%s on %s\n", protocol, address);
}

/* Whoever started us reads these lines, and may be gone later: nothing may fail or block on its pipe. */
static void tell_start(const char *control)
{
	int null_fd;

	each_address(print_address, NULL);
	printf("listening on %s\n", control);
	fflush(stdout);
	null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null_fd < 0)
		return;
	dup2(null_fd, STDOUT_FILENO);
	close(null_fd);
}

static int open_srt(const char *const *addresses, struct cme_err *err)
{
	size_t count = 0;

	while (count < CME_EDGE_ADDRESSES_MAX && addresses[count])
		count++;
	return cme_ingest_srt_open(&edge.srt, &edge.ingest, addresses, count, err);
}

static int start(const struct cme_edge_options *options, struct cme_err *err)
{
	if (open_signals(err) != 0)
		return -1;
	edge.control_watch.ready = on_control;
	edge.control = cme_control_open(options->control, err);
	if (!edge.control || open_listeners(options->rtmp, NULL, err) != 0 || open_tls(options, err) != 0 ||
	    open_srt(options->srt, err) != 0)
		return -1;
	watch_control();
	tell_start(options->control);
	return 0;
}

/* A kernel without filters is told about, and no reason not to serve. */
static void confine(const struct cme_edge_options *options)
{
	struct cme_err err;

	if (cme_jail_enter(options->srt[0] != NULL, &err) != 0)
		cme_log(CME_LOG_WARN, "%s", err.message);
}

/* There is something to be done at its time, whatever happens. */
static bool is_sweep_due(void)
{
	return edge.ingest.publishers || cme_ingest_srt_reap();
}

static void loop(void)
{
	int64_t sweep_us = 0;

	while (!edge.stopping) {
		int64_t now_us;

		cme_poll_run(&edge.poll, is_sweep_due() ? (int)(SWEEP_US / CME_MS_US) : -1);
		now_us = cme_now_us();
		if (now_us < sweep_us)
			continue;
		sweep_us = now_us + SWEEP_US;
		cme_ingest_sweep(&edge.ingest, now_us);
		cme_ingest_srt_reap();
	}
}

static void finish(void)
{
	for (size_t i = 0; i < edge.listeners_count; i++)
		cme_listener_close(&edge.listeners[i]);
	cme_ingest_fini(&edge.ingest);
	cme_ingest_srt_close(&edge.srt);
	if (edge.control) {
		cme_control_flush(edge.control, LAST_WORDS_US);
		cme_control_close(edge.control);
	}
	cme_poll_close(&edge.poll);
	SSL_CTX_free(edge.tls);
	if (edge.signal_fd >= 0)
		close(edge.signal_fd);
}

int cme_edge_run(const struct cme_edge_options *options, struct cme_err *err)
{
	struct cme_ingest_options ingest = { .folder = options->folder,
					     .limits = options->limits,
					     .takeover_us = isfinite(options->takeover_s)
								    ? (int64_t)(options->takeover_s * 1e6)
								    : INT64_MAX,
					     .report = on_event };
	int rc;

	edge.options = options;
	edge.signal_fd = -1;
	json_object_seed(0);
	if (cme_poll_open(&edge.poll) != 0)
		return cme_err_set(err, "internal", "epoll: %s", strerror(errno));
	if (cme_ingest_init(&edge.ingest, &edge.poll, &ingest) != 0)
		return cme_err_set(err, "internal", "out of memory");
	rc = start(options, err);
	if (rc == 0) {
		confine(options);
		loop();
	}
	finish();
	return rc;
}
