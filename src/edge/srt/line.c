/* SPDX-License-Identifier: MIT */
#include "edge/srt/line.h"

#include <errno.h>
#include <srt/srt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_MAX SRT_LIVE_MAX_PLSIZE
#define BUFFER      ((size_t)64 * 1024)

struct cme_line {
	SRTSOCKET socket;
	enum { EXPECTED, ARRIVED, PUMPING, DRAINING } state;
	int fd;      /* -1: none yet */
	bool paused; /* the fd takes none: libsrt keeps what comes */
	size_t len;  /* bytes of buffer that the fd has not taken */
	struct cme_line *next;
	uint8_t buffer[BUFFER];
};

void cme_lines_init(struct cme_lines *lines, int poll,
		    void (*tell)(void *ctx, enum cme_door_what what, int socket), void *ctx)
{
	*lines = (struct cme_lines){ .poll = poll, .tell = tell, .ctx = ctx };
}

static struct cme_line *find(const struct cme_lines *lines, int socket)
{
	struct cme_line *line = lines->list;

	while (line && line->socket != socket)
		line = line->next;
	return line;
}

static void drop(struct cme_lines *lines, struct cme_line *line)
{
	struct cme_line **link = &lines->list;

	while (*link != line)
		link = &(*link)->next;
	*link = line->next;
	srt_close(line->socket); /* leaves libsrt's epoll, too */
	if (line->fd >= 0) {
		shutdown(line->fd, SHUT_WR);
		close(line->fd);
	}
	free(line);
}

void cme_lines_fini(struct cme_lines *lines)
{
	while (lines->list)
		drop(lines, lines->list);
}

void cme_lines_hang_up(struct cme_lines *lines, int socket)
{
	struct cme_line *line = find(lines, socket);

	if (line)
		drop(lines, line);
}

/* ---- until it is there */

void cme_lines_expect(struct cme_lines *lines, int socket)
{
	struct cme_line *line = malloc(sizeof *line);

	if (!line) /* then it finds no line when it arrives */
		return;
	line->socket = socket;
	line->state = EXPECTED;
	line->fd = -1;
	line->paused = false;
	line->len = 0;
	line->next = lines->list;
	lines->list = line;
}

void cme_lines_arrive(struct cme_lines *lines, int socket)
{
	struct cme_line *line = find(lines, socket);

	if (!line) {
		srt_close(socket);
		return;
	}
	line->state = ARRIVED;
	lines->tell(lines->ctx, CME_DOOR_ARRIVED, socket);
}

/* libsrt says nothing of a handshake that fails: its socket closes. */
static void check_handshake(struct cme_lines *lines, struct cme_line *line)
{
	SRT_SOCKSTATUS status = srt_getsockstate(line->socket);

	if (status < SRTS_BROKEN)
		return;
	lines->tell(lines->ctx, CME_DOOR_FAILED, line->socket);
	drop(lines, line);
}

/* ---- its bytes */

/* Not while its bytes have no room: libsrt would call for them again and again. */
static void watch(struct cme_lines *lines, struct cme_line *line, bool wanted)
{
	int events = SRT_EPOLL_IN | SRT_EPOLL_ERR;

	line->paused = !wanted;
	if (wanted)
		srt_epoll_add_usock(lines->poll, line->socket, &events);
	else
		srt_epoll_remove_usock(lines->poll, line->socket);
}

/* false: nobody reads them any more. */
static bool flush(struct cme_line *line)
{
	ssize_t n;

	if (!line->len)
		return true;
	n = send(line->fd, line->buffer, line->len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	line->len -= (size_t)n;
	memmove(line->buffer, line->buffer + n, line->len);
	return true;
}

/* false: it ended. */
static bool fill(struct cme_line *line)
{
	int n = 1;

	while (n > 0 && BUFFER - line->len >= MESSAGE_MAX) {
		n = srt_recvmsg(line->socket, (char *)line->buffer + line->len, MESSAGE_MAX);
		if (n > 0)
			line->len += (size_t)n;
	}
	return n > 0 || (n < 0 && srt_getlasterror(NULL) == SRT_EASYNCRCV);
}

static void go_on(struct cme_lines *lines, struct cme_line *line)
{
	bool read = flush(line);

	if (!read || (line->state == DRAINING && !line->len)) {
		if (line->state == PUMPING)
			lines->tell(lines->ctx, CME_DOOR_GONE, line->socket);
		drop(lines, line);
	} else if (line->state == PUMPING && line->paused != (line->len > 0)) {
		watch(lines, line, line->len == 0);
	}
}

void cme_lines_ready(struct cme_lines *lines, int socket)
{
	struct cme_line *line = find(lines, socket);

	if (!line || line->state != PUMPING)
		return;
	if (!fill(line)) {
		line->state = DRAINING;
		watch(lines, line, false);
		lines->tell(lines->ctx, CME_DOOR_GONE, line->socket);
	}
	go_on(lines, line);
}

void cme_lines_pump(struct cme_lines *lines, int socket, int fd)
{
	struct cme_line *line = find(lines, socket);

	if (!line || line->state != ARRIVED) {
		close(fd);
		return;
	}
	line->fd = fd;
	line->state = PUMPING;
	watch(lines, line, true);
}

void cme_lines_tick(struct cme_lines *lines)
{
	for (struct cme_line *line = lines->list, *next; line; line = next) {
		next = line->next;
		if (line->state == EXPECTED)
			check_handshake(lines, line);
		else if (line->state == DRAINING || line->paused)
			go_on(lines, line);
	}
}
