/* SPDX-License-Identifier: MIT
 *
 * Callers that were let in, as the door's thread has them: from the handshake on until they have sent all.
 * One thread.
 *
 *     EXPECTED --> ARRIVED --> PUMPING --> DRAINING --> gone
 *            its handshake ends    it ends: what the fd has not taken yet still goes there
 */
#ifndef CME_EDGE_SRT_LINE_H
#define CME_EDGE_SRT_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "edge/srt/door.h"

struct cme_line;

struct cme_lines {
	int poll; /* libsrt's */
	void (*tell)(void *ctx, enum cme_door_what what, int socket);
	void *ctx;
	struct cme_line *list;
};

void cme_lines_init(struct cme_lines *lines, int poll,
		    void (*tell)(void *ctx, enum cme_door_what what, int socket), void *ctx);

/* Hangs up on all. */
void cme_lines_fini(struct cme_lines *lines);

/* It was let in: its handshake may end now. */
void cme_lines_expect(struct cme_lines *lines, int socket);

/* libsrt has accepted it. */
void cme_lines_arrive(struct cme_lines *lines, int socket);

/* What it sends goes to the fd, which is taken over. */
void cme_lines_pump(struct cme_lines *lines, int socket, int fd);

void cme_lines_hang_up(struct cme_lines *lines, int socket);

/* libsrt has news of it. */
void cme_lines_ready(struct cme_lines *lines, int socket);

/* Goes on with those that wait: for the end of a handshake, or for room in an fd. */
void cme_lines_tick(struct cme_lines *lines);

#endif
