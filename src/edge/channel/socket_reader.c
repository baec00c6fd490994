/* SPDX-License-Identifier: MIT */
#include "edge/channel/socket_reader.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define IOV_MAX_ONCE 64

struct socket_reader {
	struct cme_watch watch;
	struct cme_reader base;
	struct cme_poll *poll;
	int fd;
	bool waiting; /* for room in the socket */
};

static struct socket_reader *of(struct cme_reader *reader)
{
	return (struct socket_reader *)((char *)reader - offsetof(struct socket_reader, base));
}

static void free_reader(struct cme_watch *watch)
{
	free(watch);
}

static void hang_up(struct cme_reader *reader)
{
	struct socket_reader *own = of(reader);

	cme_reader_fini(reader);
	close(own->fd);
	cme_poll_bury(own->poll, &own->watch);
}

/* The socket took so many bytes. */
static void taken(struct cme_reader *reader, size_t n)
{
	while (n > 0) {
		size_t left = cme_reader_at(reader, 0)->len - reader->sent;

		if (n < left) {
			reader->sent += n;
			return;
		}
		n -= left;
		cme_reader_pop(reader);
	}
}

/* Bytes that the socket took; 0: it takes none now; -1: it is gone. */
static ssize_t send_some(struct socket_reader *own)
{
	struct iovec iov[IOV_MAX_ONCE];
	struct msghdr message = { .msg_iov = iov };
	size_t skip = own->base.sent;
	ssize_t n;

	while (message.msg_iovlen < own->base.count && message.msg_iovlen < IOV_MAX_ONCE) {
		struct cme_frame *frame = cme_reader_at(&own->base, message.msg_iovlen);

		iov[message.msg_iovlen++] = (struct iovec){ frame->bytes + skip, frame->len - skip };
		skip = 0;
	}
	n = sendmsg(own->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return n;
}

static void wait_for_room(struct socket_reader *own, bool wanted)
{
	if (own->waiting == wanted)
		return;
	own->waiting = wanted;
	cme_poll_watch(own->poll, own->fd, &own->watch, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* There may be room. */
static void go_on(struct cme_reader *reader)
{
	struct socket_reader *own = of(reader);
	ssize_t n = 1;

	while (reader->count && n > 0) {
		n = send_some(own);
		if (n > 0)
			taken(reader, (size_t)n);
	}
	if (n < 0 || (reader->ending && !reader->count))
		hang_up(reader);
	else
		wait_for_room(own, reader->count > 0);
}

/* One that waits costs its encoder's batches nothing: the socket says when there is room. */
static void flush(struct cme_reader *reader)
{
	if (!of(reader)->waiting)
		go_on(reader);
}

/* A reader has nothing to say: what it sends is thrown away. */
static void ready(struct cme_watch *watch, uint32_t events)
{
	struct socket_reader *own = (struct socket_reader *)watch;
	char ignored[256];

	if ((events & EPOLLIN) && recv(own->fd, ignored, sizeof ignored, 0) == 0)
		events |= EPOLLHUP;
	if (events & (EPOLLHUP | EPOLLERR))
		hang_up(&own->base);
	else if (events & EPOLLOUT)
		go_on(&own->base);
}

static const struct cme_reader_ops ops = { .kind = CME_READER_ENGINE, .flush = flush, .close = hang_up };

struct cme_reader *cme_socket_reader_new(struct cme_poll *poll, int fd, struct cme_reader **list)
{
	struct socket_reader *own = calloc(1, sizeof *own);

	if (own && cme_reader_init(&own->base, &ops, list) == 0) {
		own->watch = (struct cme_watch){ .ready = ready, .free = free_reader };
		own->poll = poll;
		own->fd = fd;
		if (cme_poll_watch(poll, fd, &own->watch, EPOLLIN) == 0)
			return &own->base;
		cme_reader_fini(&own->base);
	}
	free(own);
	close(fd);
	return NULL;
}
