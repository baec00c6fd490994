/* SPDX-License-Identifier: MIT
 *
 * The control socket: JSON lines over a unix stream socket, many connections, none of which can make
 * the program wait. Only bytes and lines here; what a line means is the program's.
 *
 * The path is locked by flock on PATH.lock for as long as the process lives, so one process serves it.
 * What a connection does not read is kept up to CONTROL_UNSENT_MAX; past that it is disconnected. While no
 * descriptors are left, it looks for connections ten times a second.
 * Main thread only; all descriptors are non-blocking.
 */
#ifndef CME_CONTROL_CONTROL_H
#define CME_CONTROL_CONTROL_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "common/err.h"

#define CME_CONTROL_CONNECTIONS_MAX 64
#define CME_CONTROL_UNSENT_MAX      ((size_t)4 * 1024 * 1024)

struct cme_control;

/* A line from a connection, without its end. The number names the connection for cme_control_send. */
typedef void cme_control_line(void *ctx, uint64_t connection, const char *line, size_t len);

/* Locks, binds (0600, a stale socket removed), listens. NULL with err: "control.running" when another
 * process holds the lock. */
struct cme_control *cme_control_open(const char *path, struct cme_err *err);

/* Closes all, removes the socket and gives up the lock; the lock file stays, or two processes could lock two
 * files of one name. */
void cme_control_close(struct cme_control *control);

/* Fills at most CME_CONTROL_CONNECTIONS_MAX + 1 entries; the number filled. The first is for connections: it
 * waits for nothing while it rests, and is to be asked for again within a second. */
size_t cme_control_poll(const struct cme_control *control, struct pollfd *fds);

/* After poll with the same entries: accepts, reads, calls `line` for each, sends. */
void cme_control_serve(struct cme_control *control, const struct pollfd *fds, size_t count,
		       cme_control_line *line, void *ctx);

/* Queues a line; takes the reference over. To a connection that has gone: nothing. NULL: no memory, nothing.
 */
void cme_control_send(struct cme_control *control, uint64_t connection, json_t *message);

/* The same to every connection; does not take the reference. */
void cme_control_broadcast(struct cme_control *control, const json_t *message);

/* Sends what is queued, for at most this long: for the last words. */
void cme_control_flush(struct cme_control *control, int64_t limit_us);

#endif
