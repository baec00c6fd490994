/* SPDX-License-Identifier: MIT */
#include "edge/rtmp/listen.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/accept.h"

#define BACKLOG      1024
#define ACCEPTS_ONCE 64 /* before others have their turn */

static void ready(struct cme_watch *watch, uint32_t events)
{
	struct cme_listener *listener = (struct cme_listener *)watch;

	bool full = false;
	int fd = 0;

	(void)events;
	for (int i = 0; i < ACCEPTS_ONCE && fd >= 0; i++) {
		struct sockaddr_storage address;

		fd = cme_accept(listener->fd, &address, &full);
		if (fd >= 0)
			cme_ingest_accept(listener->ingest, fd, (struct sockaddr *)&address, listener->tls);
	}
	if (full)
		cme_poll_rest(listener->poll, listener->fd, &listener->watch);
}

static int bind_to(struct cme_listener *listener, const struct sockaddr *address, socklen_t len)
{
	listener->fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0)
		return -1;
	(void)setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (bind(listener->fd, address, len) != 0 || listen(listener->fd, BACKLOG) != 0)
		return -1;
	return cme_poll_watch(listener->poll, listener->fd, &listener->watch, EPOLLIN);
}

/* Where it listens, with the port that it got. */
static void show(struct cme_listener *listener)
{
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof address;

	getsockname(listener->fd, (struct sockaddr *)&address, &len);
	cme_endpoint_show(listener->shown, (struct sockaddr *)&address);
}

int cme_listener_open(struct cme_listener *listener, struct cme_poll *poll, struct cme_ingest *ingest,
		      const char *address, SSL_CTX *tls, struct cme_err *err)
{
	struct sockaddr_storage to;
	socklen_t len;

	*listener = (struct cme_listener){
		.watch.ready = ready, .poll = poll, .ingest = ingest, .tls = tls, .fd = -1
	};
	if (cme_endpoint_read(address, &to, &len, err) != 0)
		return -1;
	if (bind_to(listener, (struct sockaddr *)&to, len) != 0)
		return cme_err_set(err, "local.listen", "listen '%s': %s", address, strerror(errno));
	show(listener);
	return 0;
}

void cme_listener_close(struct cme_listener *listener)
{
	if (listener->fd >= 0)
		close(listener->fd);
	listener->fd = -1;
}
