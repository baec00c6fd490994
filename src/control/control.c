/* SPDX-License-Identifier: MIT */
#include "control/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/accept.h"
#include "common/buf.h"
#include "common/clock.h"
#include "control/line.h"

#define READ_BYTES 65536
#define BACKLOG    16
#define REST_US    (100 * CME_MS_US)

struct connection {
	uint64_t number;
	int fd; /* -1: to be taken off the list */
	struct cme_buf in;
	struct cme_buf out;
};

struct cme_control {
	char path[sizeof((struct sockaddr_un *)0)->sun_path];
	char lock_path[sizeof((struct sockaddr_un *)0)->sun_path + 8];
	int lock_fd;
	int listen_fd;
	int64_t rest_us; /* monotonic: no connections are taken until then */
	uint64_t next_number;
	struct connection *list[CME_CONTROL_CONNECTIONS_MAX];
	size_t count;
};

static int take_lock(struct cme_control *control, struct cme_err *err)
{
	control->lock_fd = open(control->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (control->lock_fd < 0)
		return cme_err_set(err, "control.lock", "open '%s': %s", control->lock_path, strerror(errno));
	if (flock(control->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		close(control->lock_fd);
		return cme_err_set(err, "control.running", "control '%s': already running (the lock is held)",
				   control->path);
	}
	return 0;
}

/* With the lock held nobody serves the path: what lies there is stale. Only a socket is removed. */
static int remove_stale(const char *path, struct cme_err *err)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return cme_err_set(err, "control.bind", "control '%s': exists and is not a socket", path);
	unlink(path);
	return 0;
}

static int bind_path(struct cme_control *control, struct cme_err *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	mode_t old;
	int rc;

	if (remove_stale(control->path, err) != 0)
		return -1;
	memcpy(addr.sun_path, control->path, sizeof addr.sun_path);
	control->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (control->listen_fd < 0)
		return cme_err_set(err, "control.bind", "control '%s': %s", control->path, strerror(errno));
	old = umask(0177); /* the socket is 0600 from its first moment */
	rc = bind(control->listen_fd, (const struct sockaddr *)&addr, sizeof addr);
	umask(old);
	if (rc != 0 || listen(control->listen_fd, BACKLOG) != 0) {
		cme_err_set(err, "control.bind", "control '%s': %s", control->path, strerror(errno));
		close(control->listen_fd);
		return -1;
	}
	return 0;
}

struct cme_control *cme_control_open(const char *path, struct cme_err *err)
{
	struct cme_control *control;

	if (strlen(path) >= sizeof control->path) {
		cme_err_set(err, "control.bind", "control '%s': longer than %zu bytes", path,
			    sizeof control->path - 1);
		return NULL;
	}
	control = calloc(1, sizeof *control);
	if (!control) {
		cme_err_set(err, "internal", "out of memory");
		return NULL;
	}
	snprintf(control->path, sizeof control->path, "%s", path);
	snprintf(control->lock_path, sizeof control->lock_path, "%s.lock", path);
	if (take_lock(control, err) != 0) {
		free(control);
		return NULL;
	}
	if (bind_path(control, err) != 0) {
		close(control->lock_fd);
		free(control);
		return NULL;
	}
	return control;
}

static void hang_up(struct connection *connection)
{
	if (connection->fd >= 0)
		close(connection->fd);
	connection->fd = -1;
}

/* Takes hung-up connections off the list. */
static void sweep(struct cme_control *control)
{
	size_t kept = 0;

	for (size_t i = 0; i < control->count; i++) {
		struct connection *connection = control->list[i];

		if (connection->fd >= 0) {
			control->list[kept++] = connection;
			continue;
		}
		cme_buf_fini(&connection->in);
		cme_buf_fini(&connection->out);
		free(connection);
	}
	control->count = kept;
}

/* The lock file stays: removing it would let two processes hold locks on two files of one name. */
void cme_control_close(struct cme_control *control)
{
	for (size_t i = 0; i < control->count; i++)
		hang_up(control->list[i]);
	sweep(control);
	unlink(control->path);
	close(control->listen_fd);
	close(control->lock_fd);
	free(control);
}

size_t cme_control_poll(const struct cme_control *control, struct pollfd *fds)
{
	bool rests = cme_now_us() < control->rest_us;

	fds[0] = (struct pollfd){ .fd = control->listen_fd, .events = rests ? 0 : POLLIN };
	for (size_t i = 0; i < control->count; i++) {
		short events = control->list[i]->out.len ? POLLIN | POLLOUT : POLLIN;

		fds[i + 1] = (struct pollfd){ .fd = control->list[i]->fd, .events = events };
	}
	return control->count + 1;
}

static void accept_one(struct cme_control *control)
{
	struct connection *connection;
	bool full;
	int fd = cme_accept(control->listen_fd, NULL, &full);

	if (full)
		control->rest_us = cme_now_us() + REST_US;
	if (fd < 0)
		return;
	connection = control->count < CME_CONTROL_CONNECTIONS_MAX ? calloc(1, sizeof *connection) : NULL;
	if (!connection) {
		close(fd);
		return;
	}
	connection->number = ++control->next_number;
	connection->fd = fd;
	cme_buf_init(&connection->in, CME_LINE_MAX + READ_BYTES);
	cme_buf_init(&connection->out, CME_CONTROL_UNSENT_MAX);
	control->list[control->count++] = connection;
}

static void send_some(struct connection *connection)
{
	while (connection->fd >= 0 && connection->out.len) {
		ssize_t n = send(connection->fd, connection->out.data, connection->out.len, MSG_NOSIGNAL);

		if (n > 0)
			cme_buf_consume(&connection->out, (size_t)n);
		else if (n < 0 && errno == EINTR)
			continue;
		else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		else
			hang_up(connection);
	}
}

static void queue_text(struct connection *connection, const char *text)
{
	if (connection->fd < 0)
		return;
	if (cme_buf_puts(&connection->out, text) != 0 || cme_buf_puts(&connection->out, "\n") != 0)
		hang_up(connection); /* it does not read: rather lost than in the way */
	else
		send_some(connection);
}

static char *dump(const json_t *message)
{
	return message ? json_dumps(message, JSON_COMPACT | JSON_REAL_PRECISION(16)) : NULL;
}

void cme_control_send(struct cme_control *control, uint64_t number, json_t *message)
{
	char *text = dump(message);

	for (size_t i = 0; text && i < control->count; i++)
		if (control->list[i]->number == number)
			queue_text(control->list[i], text);
	free(text);
	json_decref(message);
}

void cme_control_broadcast(struct cme_control *control, const json_t *message)
{
	char *text = dump(message);

	for (size_t i = 0; text && i < control->count; i++)
		queue_text(control->list[i], text);
	free(text);
}

/* Hands out the complete lines; a line without end past the limit gets an answer and the door. */
static void hand_out(struct connection *connection, cme_control_line *line, void *ctx)
{
	const char *end;
	size_t begin = 0;

	while (connection->fd >= 0 &&
	       (end = memchr(connection->in.data + begin, '\n', connection->in.len - begin))) {
		size_t len = (size_t)(end - connection->in.data) - begin;

		if (len > 0)
			line(ctx, connection->number, connection->in.data + begin, len);
		begin += len + 1;
	}
	cme_buf_consume(&connection->in, begin);
	if (connection->fd >= 0 && connection->in.len > CME_LINE_MAX) {
		line(ctx, connection->number, connection->in.data, connection->in.len);
		hang_up(connection);
	}
}

static void receive(struct connection *connection, cme_control_line *line, void *ctx)
{
	char bytes[READ_BYTES];
	ssize_t n = recv(connection->fd, bytes, sizeof bytes, 0);

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n <= 0 || cme_buf_append(&connection->in, bytes, (size_t)n) != 0) {
		hang_up(connection);
		return;
	}
	hand_out(connection, line, ctx);
}

void cme_control_serve(struct cme_control *control, const struct pollfd *fds, size_t count,
		       cme_control_line *line, void *ctx)
{
	for (size_t i = 1; i < count; i++) {
		struct connection *connection = control->list[i - 1];

		if (connection->fd >= 0 && (fds[i].revents & POLLOUT))
			send_some(connection);
		if (connection->fd >= 0 && (fds[i].revents & (POLLIN | POLLHUP | POLLERR)))
			receive(connection, line, ctx);
	}
	sweep(control);
	if (fds[0].revents & POLLIN)
		accept_one(control);
}

static size_t unsent(const struct cme_control *control, struct pollfd *fds)
{
	size_t n = 0;

	for (size_t i = 0; i < control->count; i++)
		if (control->list[i]->fd >= 0 && control->list[i]->out.len)
			fds[n++] = (struct pollfd){ .fd = control->list[i]->fd, .events = POLLOUT };
	return n;
}

void cme_control_flush(struct cme_control *control, int64_t limit_us)
{
	int64_t end_us = cme_now_us() + limit_us;
	struct pollfd fds[CME_CONTROL_CONNECTIONS_MAX];
	size_t n;

	while ((n = unsent(control, fds)) > 0 && cme_now_us() < end_us) {
		poll(fds, n, (int)((end_us - cme_now_us()) / CME_MS_US) + 1);
		for (size_t i = 0; i < control->count; i++)
			send_some(control->list[i]);
	}
}
