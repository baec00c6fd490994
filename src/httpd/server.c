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

static struct MHD_Daemon *start(struct cme_httpd_server *server)
{
	const struct cme_httpd_limits *limits = &server->limits;
	const unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;

	return MHD_start_daemon(flags, 0, cme_httpd_on_accept, server, cme_httpd_on_access, server, /**/
				MHD_OPTION_LISTEN_SOCKET, server->listen_fd,                        /**/
				MHD_OPTION_CONNECTION_LIMIT, limits->max_connections + SPARE,       /**/
				MHD_OPTION_CONNECTION_TIMEOUT, limits->idle_timeout_s,              /**/
				MHD_OPTION_CONNECTION_MEMORY_LIMIT,
				cme_httpd_pool_size(limits->max_header),                       /**/
				MHD_OPTION_NOTIFY_CONNECTION, cme_httpd_on_connection, server, /**/
				MHD_OPTION_NOTIFY_COMPLETED, cme_httpd_on_completed, server,   /**/
				MHD_OPTION_URI_LOG_CALLBACK, cme_httpd_on_uri, server,         /**/
				MHD_OPTION_UNESCAPE_CALLBACK, cme_httpd_on_unescape, server,   /**/
				MHD_OPTION_END);
}

static int start_daemon(struct cme_httpd_server *server, struct cme_err *err)
{
	server->daemon = start(server);
	if (server->daemon)
		return 0;
	cme_err_set(err, "server.listen", "listen: the HTTP server does not start (%s)", strerror(errno));
	/* Whether the library closed the socket on its way out depends on where it failed. */
	if (fcntl(server->listen_fd, F_GETFD) >= 0)
		close(server->listen_fd);
	return -1;
}

static int watch(int epoll_fd, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static int open_wake(struct cme_httpd_server *server, struct cme_err *err)
{
	int daemon_fd = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;

	server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	server->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (server->epoll_fd >= 0 && server->wake_fd >= 0 && watch(server->epoll_fd, daemon_fd) == 0 &&
	    watch(server->epoll_fd, server->wake_fd) == 0)
		return 0;
	return cme_err_set(err, "server.listen", "listen: no descriptor to wait on (%s)", strerror(errno));
}

/* Frees what there is of a server whose requests are all answered. */
static void free_server(struct cme_httpd_server *server)
{
	if (server->daemon)
		MHD_stop_daemon(server->daemon);
	if (server->epoll_fd >= 0)
		close(server->epoll_fd);
	if (server->wake_fd >= 0)
		close(server->wake_fd);
	free(server);
}

struct cme_httpd_server *cme_httpd_server_open(const struct cme_httpd_server_options *options,
					       struct cme_err *err)
{
	struct cme_httpd_server *server = calloc(1, sizeof *server);

	if (!server) {
		cme_err_set(err, "server.memory", "listen: out of memory");
		return NULL;
	}
	server->limits = options->limits;
	server->limits.max_connections = cme_httpd_descriptors_ensure(options->limits.max_connections);
	server->epoll_fd = server->wake_fd = -1;
	LIST_INIT(&server->conns);
	LIST_INIT(&server->requests);
	STAILQ_INIT(&server->queue);
	server->listen_fd = cme_httpd_listen_open(options->host, options->port, err);
	if (server->listen_fd < 0 || start_daemon(server, err) != 0 || open_wake(server, err) != 0) {
		free_server(server);
		return NULL;
	}
	return server;
}

void cme_httpd_server_wake(struct cme_httpd_server *server)
{
	if (!server->resumed && eventfd_write(server->wake_fd, 1) == 0)
		server->resumed = true;
}

/* No request may stay suspended: libmicrohttpd aborts the process over one at its stop. */
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

	if (!server)
		return;
	server->closing = true;
	answer_parked(server);
	while ((request = cme_httpd_server_next(server)))
		cme_httpd_request_drop(request);
	cme_httpd_server_run(server, NULL);
	MHD_stop_daemon(server->daemon);
	server->daemon = NULL;
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
	if (MHD_get_timeout(server->daemon, &library) == MHD_YES &&
	    (timeout < 0 || library < (uint64_t)timeout))
		timeout = (int64_t)library;
	return timeout;
}

int cme_httpd_server_run(struct cme_httpd_server *server, struct cme_err *err)
{
	MHD_UNSIGNED_LONG_LONG timeout;
	eventfd_t count;

	if (server->resumed && eventfd_read(server->wake_fd, &count) == 0)
		server->resumed = false;
	for (int turn = 0; turn < RUN_TURNS; turn++) {
		if (MHD_run(server->daemon) != MHD_YES)
			return cme_err_set(err, "server.failed", "run: the HTTP server fails");
		if (MHD_get_timeout(server->daemon, &timeout) != MHD_YES || timeout > 0)
			break;
	}
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
	if (server->listen_fd >= 0 && MHD_quiesce_daemon(server->daemon) != MHD_INVALID_SOCKET)
		close(server->listen_fd);
	server->listen_fd = -1;
}

unsigned cme_httpd_server_busy(const struct cme_httpd_server *server)
{
	const struct cme_httpd_conn *conn;
	unsigned busy = 0;

	LIST_FOREACH(conn, &server->conns, link)
	busy += conn->phase != CME_HTTPD_PHASE_HEAD;
	return busy;
}

unsigned cme_httpd_server_address(const struct cme_httpd_server *server, char *host)
{
	return cme_httpd_listen_address(server->listen_fd, host);
}

unsigned cme_httpd_server_connections(const struct cme_httpd_server *server)
{
	return server->open;
}

unsigned cme_httpd_server_max_connections(const struct cme_httpd_server *server)
{
	return server->limits.max_connections;
}
