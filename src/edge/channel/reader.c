/* SPDX-License-Identifier: MIT */
#include "edge/channel/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define IOV_MAX_ONCE 64

static struct cme_frame *at(const struct cme_reader *reader, size_t index)
{
	return reader->ring[(reader->first + index) % CME_READER_FRAMES_MAX];
}

static void free_reader(struct cme_watch *watch)
{
	struct cme_reader *reader = (struct cme_reader *)watch;

	for (size_t i = 0; i < reader->count; i++)
		cme_frame_unref(at(reader, i));
	free(reader->ring);
	free(reader);
}

void cme_reader_close(struct cme_reader *reader)
{
	struct cme_reader **link = reader->list;

	while (*link && *link != reader)
		link = &(*link)->next;
	if (*link)
		*link = reader->next;
	if (reader->fd >= 0)
		close(reader->fd);
	reader->fd = -1;
	cme_poll_bury(reader->poll, &reader->watch);
}

/* A reader has nothing to say: what it sends is thrown away. */
static void ready(struct cme_watch *watch, uint32_t events)
{
	struct cme_reader *reader = (struct cme_reader *)watch;
	char ignored[256];

	if ((events & EPOLLIN) && recv(reader->fd, ignored, sizeof ignored, 0) == 0)
		events |= EPOLLHUP;
	if (events & (EPOLLHUP | EPOLLERR))
		cme_reader_close(reader);
	else if (events & EPOLLOUT)
		cme_reader_flush(reader);
}

struct cme_reader *cme_reader_new(struct cme_poll *poll, int fd, struct cme_reader **list)
{
	struct cme_reader *reader = calloc(1, sizeof *reader);
	struct cme_frame **ring = calloc(CME_READER_FRAMES_MAX, sizeof(struct cme_frame *));

	if (reader && ring) {
		*reader = (struct cme_reader){ .watch = { .ready = ready, .free = free_reader },
					       .poll = poll,
					       .fd = fd,
					       .ring = ring,
					       .list = list,
					       .next = *list };
		if (cme_poll_watch(poll, fd, &reader->watch, EPOLLIN) == 0)
			return *list = reader;
	}
	free(ring);
	free(reader);
	close(fd);
	return NULL;
}

bool cme_reader_push(struct cme_reader *reader, struct cme_frame *frame)
{
	if (reader->count == CME_READER_FRAMES_MAX || frame->len > CME_READER_BYTES_MAX - reader->bytes)
		return false;
	reader->ring[(reader->first + reader->count++) % CME_READER_FRAMES_MAX] = cme_frame_ref(frame);
	reader->bytes += frame->len;
	return true;
}

void cme_reader_drop(struct cme_reader *reader)
{
	size_t kept = reader->sent ? 1 : 0;

	while (reader->count > kept) {
		struct cme_frame *frame = at(reader, --reader->count);

		reader->bytes -= frame->len;
		reader->dropped++;
		cme_frame_unref(frame);
	}
}

/* The socket took so many bytes. */
static void taken(struct cme_reader *reader, size_t n)
{
	reader->sent += n;
	while (reader->count && reader->sent >= at(reader, 0)->len) {
		struct cme_frame *frame = at(reader, 0);

		reader->sent -= frame->len;
		reader->bytes -= frame->len;
		reader->first = (reader->first + 1) % CME_READER_FRAMES_MAX;
		reader->count--;
		cme_frame_unref(frame);
	}
}

/* Bytes that the socket took; 0: it takes none now; -1: it is gone. */
static ssize_t send_some(struct cme_reader *reader)
{
	struct iovec iov[IOV_MAX_ONCE];
	struct msghdr message = { .msg_iov = iov };
	size_t skip = reader->sent;
	ssize_t n;

	while (message.msg_iovlen < reader->count && message.msg_iovlen < IOV_MAX_ONCE) {
		struct cme_frame *frame = at(reader, message.msg_iovlen);

		iov[message.msg_iovlen++] = (struct iovec){ frame->bytes + skip, frame->len - skip };
		skip = 0;
	}
	n = sendmsg(reader->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return n;
}

static void wait_for_room(struct cme_reader *reader, bool wanted)
{
	if (reader->waiting == wanted)
		return;
	reader->waiting = wanted;
	cme_poll_watch(reader->poll, reader->fd, &reader->watch, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void cme_reader_flush(struct cme_reader *reader)
{
	ssize_t n = 1;

	while (reader->count && n > 0) {
		n = send_some(reader);
		if (n > 0)
			taken(reader, (size_t)n);
	}
	if (n < 0 || (reader->ending && !reader->count))
		cme_reader_close(reader);
	else
		wait_for_room(reader, reader->count > 0);
}
