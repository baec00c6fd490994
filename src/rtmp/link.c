/* SPDX-License-Identifier: MIT */
#include "rtmp/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h> /* the C library's tcp_info ends before the window */
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "rtmp/link_tls.h"

#define SEND_BUFFER     (128 * 1024) /* the kernel doubles it; small, so that a stall shows in the queue */
#define USER_TIMEOUT_MS 10000        /* backstop for a peer that vanished; our own deadline is shorter */

static const struct {
	int number;
	const char *code;
	const char *fact;
} facts[] = {
	{ ECONNREFUSED, "network.connect", "connection refused" },
	{ EHOSTUNREACH, "network.connect", "no route to the host" },
	{ ENETUNREACH, "network.connect", "the network is unreachable" },
	{ ETIMEDOUT, "network.timeout", "the peer does not answer" },
	{ ECONNRESET, "network.reset", "connection reset by the peer" },
	{ EPIPE, "network.reset", "the peer closed the connection" },
};

int cme_link_fail(int number, const char *code, struct cme_err *err)
{
	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
		if (facts[i].number == number)
			return cme_err_set(err, facts[i].code, "%s", facts[i].fact);
	return cme_err_set(err, code, "system error %d", number);
}

void cme_link_init(struct cme_link *link)
{
	*link = (struct cme_link){ .fd = -1 };
}

static void set_option(int fd, int level, int name, int value)
{
	/* each of these only improves on a connection that works without it */
	(void)setsockopt(fd, level, name, &value, sizeof value);
}

int cme_link_connect(struct cme_link *link, const struct sockaddr *address, socklen_t len,
		     struct cme_err *err)
{
	link->written = 0;
	link->ended = false;
	link->fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (link->fd < 0)
		return cme_link_fail(errno, "network.connect", err);
	set_option(link->fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(link->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
	set_option(link->fd, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER);
	if (connect(link->fd, address, len) == 0 || errno == EINPROGRESS)
		return 0;
	cme_link_fail(errno, "network.connect", err);
	cme_link_close(link);
	return -1;
}

int cme_link_connected(struct cme_link *link, struct cme_err *err)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(int);
	int number = 0;

	if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &number, &len) != 0)
		number = errno;
	if (number != 0)
		return cme_link_fail(number, "network.connect", err);
	len = sizeof peer;
	return getpeername(link->fd, (struct sockaddr *)&peer, &len) == 0;
}

ssize_t cme_link_read(struct cme_link *link, uint8_t *data, size_t size, struct cme_err *err)
{
	ssize_t n;

	if (link->ssl)
		return cme_link_tls_read(link, data, size, err);
	n = recv(link->fd, data, size, 0);
	if (n > 0)
		return n;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	link->ended = n == 0;
	return cme_link_fail(n == 0 ? EPIPE : errno, "network.reset", err);
}

ssize_t cme_link_write(struct cme_link *link, struct cme_plan *plan, struct cme_err *err)
{
	struct msghdr message = { .msg_iov = plan->iov, .msg_iovlen = (size_t)plan->count };
	ssize_t n;

	if (link->ssl)
		return cme_link_tls_write(link, plan, err);
	n = sendmsg(link->fd, &message, MSG_NOSIGNAL);
	if (n >= 0) {
		link->written += (uint64_t)n;
		return n;
	}
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	return cme_link_fail(errno, "network.reset", err);
}

int cme_link_flush(struct cme_link *link, struct cme_err *err)
{
	return link->ssl ? cme_link_tls_flush(link, err) : 1;
}

void cme_link_look(const struct cme_link *link, struct cme_progress_look *look)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof info;
	int unsent = 0;

	look->written = look->delivered = link->written;
	look->reach = look->creep = 0;
	if (link->fd < 0 || ioctl(link->fd, SIOCOUTQ, &unsent) != 0 || unsent < 0)
		return;
	if ((uint64_t)unsent <= link->written)
		look->delivered = link->written - (uint64_t)unsent;
	/* kernels before 5.4 do not tell the window */
	if (getsockopt(link->fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 ||
	    len < offsetof(struct tcp_info, tcpi_snd_wnd) + sizeof info.tcpi_snd_wnd)
		return;
	look->reach = info.tcpi_bytes_acked + info.tcpi_snd_wnd;
	/* half a unit with each acknowledgement is what it is on average: half as much again, to be safe */
	look->creep = ((uint64_t)info.tcpi_segs_in << info.tcpi_snd_wscale) / 4 * 3;
}

void cme_link_end(struct cme_link *link)
{
	if (link->ssl)
		cme_link_tls_end(link);
	if (link->fd >= 0)
		shutdown(link->fd, SHUT_WR);
}

void cme_link_close(struct cme_link *link)
{
	SSL_free(link->ssl);
	free(link->staged);
	if (link->fd >= 0)
		close(link->fd);
	cme_link_init(link);
}

void cme_link_reset(struct cme_link *link)
{
	struct linger none = { .l_onoff = 1, .l_linger = 0 };

	if (link->fd >= 0)
		setsockopt(link->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	cme_link_close(link);
}
