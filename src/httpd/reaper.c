/* SPDX-License-Identifier: MIT
 *
 * Ends the connections that libmicrohttpd 0.9.75 would keep: those that are busy but too slow, and those
 * whose client sent half a request and closed. The latter it misses because it watches edges and takes a
 * short read for the end of what is there: bytes and end of stream in one go leave it waiting until
 * its timeout. Both are ended by shutting the socket down, which libmicrohttpd sees and cleans up after.
 */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "httpd/state.h"

#define EVENTS       64
#define SWEEP_MIN_MS 250

static bool receiving(const struct cme_httpd_conn *conn)
{
	return conn->phase <= CME_HTTPD_PHASE_BODY;
}

/* Once only: the shutdown is itself an event on the connection. */
static void cut(struct cme_httpd_conn *conn)
{
	if (conn->cut)
		return;
	conn->cut = true;
	shutdown(conn->fd, SHUT_RDWR);
}

/* Events come once; asked for anew they come again, at the next run. */
void cme_httpd_conn_watch(struct cme_httpd_conn *conn, int op)
{
	const uint32_t progress = conn->phase == CME_HTTPD_PHASE_HANDSHAKE ? EPOLLIN | EPOLLOUT : 0;
	struct epoll_event event = { .events = EPOLLRDHUP | EPOLLET | progress, .data.ptr = conn };

	epoll_ctl(conn->server->epoll_fd, op, conn->fd, &event);
}

/* A request that is not whole when its last byte was read never will be. False: there are bytes that
 * libmicrohttpd has not read yet. */
static bool end_if_hung_up(struct cme_httpd_conn *conn)
{
	int unread = 0;

	if (!conn->hung_up || conn->cut || !receiving(conn))
		return true;
	if (ioctl(conn->fd, FIONREAD, &unread) != 0)
		return true;
	if (conn->tls && gnutls_record_check_pending(conn->tls) > 0)
		unread = 1;
	if (unread == 0)
		cut(conn);
	return unread == 0;
}

/* One batch a run, however many there are: what is left keeps the descriptor readable. */
void cme_httpd_reap_hung_up(struct cme_httpd_server *server)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(server->epoll_fd, events, EVENTS, 0);

	for (int i = 0; i < count; i++) {
		struct cme_httpd_conn *conn = events[i].data.ptr;

		if (!conn) /* libmicrohttpd's descriptor or wake_fd: run has seen to them */
			continue;
		cme_httpd_handshake_go_on(conn);
		conn->hung_up |= (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
		if (!end_if_hung_up(conn))
			cme_httpd_conn_watch(conn, EPOLL_CTL_MOD); /* bytes and hang-up came in one go */
	}
}

uint64_t cme_httpd_conn_moved(const struct cme_httpd_conn *conn)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof info;

	if (getsockopt(conn->fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
		return 0;
	return conn->phase == CME_HTTPD_PHASE_REPLY ? info.tcpi_bytes_acked : info.tcpi_bytes_received;
}

/* libmicrohttpd tells neither of a header's first byte nor of an answer's progress: the kernel does. */
static void look(struct cme_httpd_conn *conn, int64_t now)
{
	const uint64_t moved = cme_httpd_conn_moved(conn);

	if (moved == conn->moved)
		return;
	if (conn->phase == CME_HTTPD_PHASE_IDLE)
		cme_httpd_conn_phase(conn, CME_HTTPD_PHASE_HEAD, 0);
	conn->moved = moved;
	conn->moved_ms = now;
}

static bool late(struct cme_httpd_conn *conn, int64_t now)
{
	struct cme_httpd_stay stay;

	look(conn, now);
	stay = (struct cme_httpd_stay){
		.elapsed_ms = now - conn->since_ms,
		.silent_ms = now - conn->moved_ms,
		.bytes = conn->bytes,
	};
	return cme_httpd_phase_late(&conn->server->limits, conn->phase, &stay);
}

void cme_httpd_reap_late(struct cme_httpd_server *server)
{
	int64_t now = cme_now_ms();
	int64_t interval = (int64_t)server->limits.idle_timeout_s * 250;
	struct cme_httpd_conn *conn;

	if (now < server->sweep_at_ms)
		return;
	server->sweep_at_ms = now + (interval > SWEEP_MIN_MS ? interval : SWEEP_MIN_MS);
	LIST_FOREACH(conn, &server->conns, link)
	{
		end_if_hung_up(conn);
		if (late(conn, now))
			cut(conn);
	}
}
