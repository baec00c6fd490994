/* SPDX-License-Identifier: MIT */
#include "httpd/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "httpd/state.h"

#define RUN_TURNS 8 /* MHD_run calls in a row while it says there is more to do at once */
#define SPARE     8 /* libmicrohttpd's own cap lies that much above ours, so that ours decides */

static struct MHD_Daemon *start(struct cme_httpd_server *server, int fd, bool tls)
{
	const struct cme_httpd_limits *limits = &server->limits;
	const unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem plain[] = { { MHD_OPTION_END, 0, NULL } };

	return MHD_start_daemon(flags, 0, cme_httpd_on_accept, server, cme_httpd_on_access, server, /**/
				MHD_OPTION_LISTEN_SOCKET, fd,                                       /**/
				MHD_OPTION_CONNECTION_LIMIT, limits->max_connections + SPARE,       /**/
				MHD_OPTION_CONNECTION_TIMEOUT, cme_httpd_library_timeout_s(limits), /**/
				MHD_OPTION_CONNECTION_MEMORY_LIMIT,
				cme_httpd_pool_size(limits->max_header),                       /**/
				MHD_OPTION_NOTIFY_CONNECTION, cme_httpd_on_connection, server, /**/
				MHD_OPTION_NOTIFY_COMPLETED, cme_httpd_on_completed, server,   /**/
				MHD_OPTION_URI_LOG_CALLBACK, cme_httpd_on_uri, server,         /**/
				MHD_OPTION_UNESCAPE_CALLBACK, cme_httpd_on_unescape, server,   /**/
				MHD_OPTION_ARRAY, tls ? cme_httpd_handshake_options() : plain, /**/
				MHD_OPTION_END);
}

static struct MHD_Daemon *start_daemon(struct cme_httpd_server *server, int fd, bool tls, struct cme_err *err)
{
	struct MHD_Daemon *daemon = start(server, fd, tls);

	if (daemon)
		return daemon;
	cme_err_set(err, "server.listen", "listen: the HTTP server does not start (%s)", strerror(errno));
	/* Whether the library closed the socket on its way out depends on where it failed. */
	if (fcntl(fd, F_GETFD) >= 0)
		close(fd);
	return NULL;
}

static int watch(int epoll_fd, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static int no_descriptor(struct cme_err *err)
{
	return cme_err_set(err, "server.listen", "listen: no descriptor to wait on (%s)", strerror(errno));
}

static int open_wake(struct cme_httpd_server *server, struct cme_err *err)
{
	server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	server->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (server->epoll_fd >= 0 && server->wake_fd >= 0 && watch(server->epoll_fd, server->wake_fd) == 0)
		return 0;
	return no_descriptor(err);
}

static void stop_daemons(struct cme_httpd_server *server)
{
	for (int i = 0; i < server->listener_count; i++)
		MHD_stop_daemon(server->listeners[i].daemon);
	server->listener_count = 0;
}

/* Frees what there is of a server whose requests are all answered. */
static void free_server(struct cme_httpd_server *server)
{
	stop_daemons(server);
	cme_httpd_identity_free(server->identity);
	if (server->epoll_fd >= 0)
		close(server->epoll_fd);
	if (server->wake_fd >= 0)
		close(server->wake_fd);
	free(server);
}

struct cme_httpd_server *cme_httpd_server_open(const struct cme_httpd_limits *limits, struct cme_err *err)
{
	struct cme_httpd_server *server = calloc(1, sizeof *server);

	if (!server) {
		cme_err_set(err, "server.memory", "listen: out of memory");
		return NULL;
	}
	server->limits = *limits;
	server->limits.max_connections = cme_httpd_descriptors_ensure(limits->max_connections);
	server->epoll_fd = server->wake_fd = -1;
	LIST_INIT(&server->conns);
	LIST_INIT(&server->handshakes);
	for (size_t i = 0; i < CME_HTTPD_ORIGIN_BUCKETS; i++)
		LIST_INIT(&server->origins[i]);
	LIST_INIT(&server->requests);
	STAILQ_INIT(&server->queue);
	if (open_wake(server, err) != 0) {
		free_server(server);
		return NULL;
	}
	return server;
}

void cme_httpd_server_identify(struct cme_httpd_server *server, struct cme_httpd_identity *identity)
{
	cme_httpd_identity_free(server->identity);
	server->identity = identity;
}

bool cme_httpd_server_identified(const struct cme_httpd_server *server)
{
	return server->identity != NULL;
}

int cme_httpd_server_listen(struct cme_httpd_server *server, const struct cme_httpd_listen *address,
			    struct cme_err *err)
{
	struct cme_httpd_listener *listener = &server->listeners[server->listener_count];

	if (server->closing || server->listener_count == CME_HTTPD_LISTENERS_MAX)
		return cme_err_set(err, "server.listen", "listen: %s",
				   server->closing ? "the server is closing" : "more than 16 addresses");
	listener->fd = cme_httpd_listen_open(address->host, address->port, err);
	if (listener->fd < 0)
		return -1;
	listener->daemon = start_daemon(server, listener->fd, address->tls, err);
	if (!listener->daemon)
		return -1;
	if (watch(server->epoll_fd,
		  MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd) != 0) {
		no_descriptor(err);
		MHD_stop_daemon(listener->daemon);
		return -1;
	}
	return server->listener_count++;
}

void cme_httpd_server_wake(struct cme_httpd_server *server)
{
	if (!server->resumed && eventfd_write(server->wake_fd, 1) == 0)
		server->resumed = true;
}

/* Nothing may stay suspended: libmicrohttpd aborts the process over it at its stop. */
static void answer_parked(struct cme_httpd_server *server)
{
	struct cme_httpd_request *request, *next;

	for (request = LIST_FIRST(&server->requests); request; request = next) {
		next = LIST_NEXT(request, alive);
		if (request->state == CME_HTTPD_REQUEST_PARKED)
			cme_httpd_request_fail(request, MHD_HTTP_SERVICE_UNAVAILABLE,
					       "the server is closing\n");
	}
}

static void detach_requests(struct cme_httpd_server *server)
{
	struct cme_httpd_request *request;

	while ((request = LIST_FIRST(&server->requests))) {
		LIST_REMOVE(request, alive);
		request->server = NULL;
	}
}

void cme_httpd_server_close(struct cme_httpd_server *server)
{
	struct cme_httpd_request *request;
	struct cme_httpd_conn *conn;

	if (!server)
		return;
	server->closing = true;
	answer_parked(server);
	while ((request = cme_httpd_server_next(server)))
		cme_httpd_request_drop(request);
	server->stopping = true;
	LIST_FOREACH(conn, &server->handshakes, shake)
	cme_httpd_handshake_go_on(conn);
	cme_httpd_server_run(server, NULL);
	stop_daemons(server);
	detach_requests(server);
	free_server(server);
}

int cme_httpd_server_fd(const struct cme_httpd_server *server)
{
	return server->epoll_fd;
}

int64_t cme_httpd_server_timeout_ms(const struct cme_httpd_server *server)
{
	MHD_UNSIGNED_LONG_LONG library;
	int64_t timeout = -1;

	if (server->resumed)
		return 0;
	if (!LIST_EMPTY(&server->conns)) {
		timeout = server->sweep_at_ms - cme_now_ms();
		if (timeout < 0)
			timeout = 0;
	}
	for (int i = 0; i < server->listener_count; i++)
		if (MHD_get_timeout(server->listeners[i].daemon, &library) == MHD_YES &&
		    (timeout < 0 || library < (uint64_t)timeout))
			timeout = (int64_t)library;
	return timeout;
}

static int run_daemon(struct MHD_Daemon *daemon)
{
	MHD_UNSIGNED_LONG_LONG timeout;

	for (int turn = 0; turn < RUN_TURNS; turn++) {
		if (MHD_run(daemon) != MHD_YES)
			return -1;
		if (MHD_get_timeout(daemon, &timeout) != MHD_YES || timeout > 0)
			break;
	}
	return 0;
}

int cme_httpd_server_run(struct cme_httpd_server *server, struct cme_err *err)
{
	eventfd_t count;
	int failed = 0;

	if (server->resumed && eventfd_read(server->wake_fd, &count) == 0)
		server->resumed = false;
	cme_httpd_handshake_serve(server);
	for (int i = 0; i < server->listener_count; i++)
		failed |= run_daemon(server->listeners[i].daemon);
	cme_httpd_handshake_serve(NULL);
	if (!server->stopping)
		cme_httpd_handshake_wait(server);
	if (failed)
		return cme_err_set(err, "server.failed", "run: the HTTP server fails");
	cme_httpd_reap_hung_up(server);
	cme_httpd_reap_late(server);
	return 0;
}

struct cme_httpd_request *cme_httpd_server_next(struct cme_httpd_server *server)
{
	struct cme_httpd_request *request = STAILQ_FIRST(&server->queue);

	if (request)
		STAILQ_REMOVE_HEAD(&server->queue, waiting);
	return request;
}

bool cme_httpd_server_waiting(const struct cme_httpd_server *server)
{
	return !STAILQ_EMPTY(&server->queue);
}

void cme_httpd_server_quiesce(struct cme_httpd_server *server)
{
	server->closing = true;
	for (int i = 0; i < server->listener_count; i++) {
		struct cme_httpd_listener *listener = &server->listeners[i];

		if (listener->fd >= 0 && MHD_quiesce_daemon(listener->daemon) != MHD_INVALID_SOCKET)
			close(listener->fd);
		listener->fd = -1;
	}
}

unsigned cme_httpd_server_busy(const struct cme_httpd_server *server)
{
	const struct cme_httpd_conn *conn;
	unsigned busy = 0;

	LIST_FOREACH(conn, &server->conns, link)
	busy += conn->phase > CME_HTTPD_PHASE_HEAD;
	return busy;
}

unsigned cme_httpd_server_address(const struct cme_httpd_server *server, int number, char *host)
{
	const bool known = number >= 0 && number < server->listener_count;

	return cme_httpd_listen_address(known ? server->listeners[number].fd : -1, host);
}

unsigned cme_httpd_server_connections(const struct cme_httpd_server *server)
{
	return server->open;
}

unsigned cme_httpd_server_max_connections(const struct cme_httpd_server *server)
{
	return server->limits.max_connections;
}
