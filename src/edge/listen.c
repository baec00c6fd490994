/* SPDX-License-Identifier: MIT */
#include "edge/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG      1024
#define ACCEPTS_ONCE 64 /* before others have their turn */

static void ready(struct cme_watch *watch, uint32_t events)
{
	struct cme_listener *listener = (struct cme_listener *)watch;

	(void)events;
	for (int i = 0; i < ACCEPTS_ONCE; i++) {
		struct sockaddr_storage address;
		socklen_t len = sizeof address;
		int fd = accept4(listener->fd, (struct sockaddr *)&address, &len,
				 SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			cme_ingest_accept(listener->ingest, fd, (struct sockaddr *)&address, listener->tls);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			listener->resting = true;
			cme_poll_watch(listener->poll, listener->fd, &listener->watch, 0);
		}
		return;
	}
}

void cme_listener_wake(struct cme_listener *listener)
{
	if (!listener->resting)
		return;
	listener->resting = false;
	cme_poll_watch(listener->poll, listener->fd, &listener->watch, EPOLLIN);
}

/* The parts of HOST:PORT. false: it is not that. */
static bool split(const char *address, char *host, size_t size, const char **port)
{
	const char *colon = strrchr(address, ':');
	size_t len = colon ? (size_t)(colon - address) : 0;

	if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
		address++;
		len -= 2;
	}
	if (len == 0 || len >= size)
		return false;
	memcpy(host, address, len);
	host[len] = '\0';
	*port = colon + 1;
	return true;
}

static int bind_to(struct cme_listener *listener, const struct addrinfo *info)
{
	listener->fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0)
		return -1;
	(void)setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (bind(listener->fd, info->ai_addr, info->ai_addrlen) != 0 || listen(listener->fd, BACKLOG) != 0)
		return -1;
	return cme_poll_watch(listener->poll, listener->fd, &listener->watch, EPOLLIN);
}

/* Where it listens, with the port that it got. */
static void show(struct cme_listener *listener, const char *host)
{
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof address;
	char port[NI_MAXSERV] = "";

	getsockname(listener->fd, (struct sockaddr *)&address, &len);
	(void)getnameinfo((struct sockaddr *)&address, len, NULL, 0, port, sizeof port, NI_NUMERICSERV);
	snprintf(listener->shown, sizeof listener->shown, address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s",
		 host, port);
}

int cme_listener_open(struct cme_listener *listener, struct cme_poll *poll, struct cme_ingest *ingest,
		      const char *address, SSL_CTX *tls, struct cme_err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *info = NULL;
	char host[CME_PEER_ADDRESS_MAX - 8] = "";
	const char *port = "";
	int rc;

	*listener = (struct cme_listener){
		.watch.ready = ready, .poll = poll, .ingest = ingest, .tls = tls, .fd = -1
	};
	if (!split(address, host, sizeof host, &port) || getaddrinfo(host, port, &hints, &info) != 0)
		return cme_err_set(err, "local.listen", "listen '%s': an address and a port expected",
				   address);
	rc = bind_to(listener, info);
	if (rc != 0)
		cme_err_set(err, "local.listen", "listen '%s': %s", address, strerror(errno));
	else
		show(listener, host);
	freeaddrinfo(info);
	return rc;
}

void cme_listener_close(struct cme_listener *listener)
{
	if (listener->fd >= 0)
		close(listener->fd);
	listener->fd = -1;
}
