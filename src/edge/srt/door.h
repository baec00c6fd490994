/* SPDX-License-Identifier: MIT
 *
 * The addresses that SRT callers come to, by libsrt: a thread of ours on its epoll, beside libsrt's own. What
 * happens is told to the main thread, which decides; nothing but bytes is moved here.
 *
 *     libsrt's receiver --> ASKED --------> main: who may come in, and the passphrase
 *       waits for the answer   <--answer--
 *     handshake ends -----> ARRIVED, or FAILED
 *     door's thread  <-------- pump(fd) ---
 *       moves what the caller sends to the fd, and when it ends: GONE
 *
 * Bytes wait in libsrt's buffer while the fd takes none. All calls are the main thread's, and none of them
 * waits but cme_door_close.
 */
#ifndef CME_EDGE_SRT_DOOR_H
#define CME_EDGE_SRT_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "common/err.h"
#include "edge/endpoint.h"
#include "edge/srt/stream_id.h"

#define CME_DOOR_ADDRESSES_MAX  4
#define CME_DOOR_PASSPHRASE_MAX 80 /* as SRT has it, with a NUL */

enum cme_door_what {
	CME_DOOR_ASKED,   /* somebody calls, and waits for cme_door_answer */
	CME_DOOR_ARRIVED, /* one that was let in is there, and waits for cme_door_pump */
	CME_DOOR_FAILED,  /* the handshake of one that was let in did not end well: it is gone */
	CME_DOOR_GONE,    /* it ended, or its connection broke; the fd has all that came, or will have */
};

struct cme_door_news {
	enum cme_door_what what;
	int socket;                      /* libsrt's; names the caller */
	struct sockaddr_storage address; /* ASKED: the caller's */
	char stream_id[CME_STREAM_ID_MAX];
};

struct cme_door;

/* Listens on so many addresses (endpoint.h). NULL with err (local.listen, internal). */
struct cme_door *cme_door_open(const char *const *addresses, size_t count, struct cme_err *err);

/* Hangs up on all. Waits for the threads. NULL is nothing. */
void cme_door_close(struct cme_door *door);

/* Where it listens; NULL: no more. */
const char *cme_door_shown(const struct cme_door *door, size_t index);

/* Readable while there is news. */
int cme_door_fd(const struct cme_door *door);

/* false: there is none now. */
bool cme_door_next(struct cme_door *door, struct cme_door_news *news);

/* What becomes of one that asked. reject: one of SRT's reject codes; 0: it may come in, with this passphrase
 * ("": it must have none). */
void cme_door_answer(struct cme_door *door, int socket, int reject, const char *passphrase);

/* Takes the fd over, a socket, and what an arrived caller sends goes there from now on. When the caller ends,
 * the fd's writing half is shut down. */
void cme_door_pump(struct cme_door *door, int socket, int fd);

/* Hangs up on one, wherever it stands. */
void cme_door_hang_up(struct cme_door *door, int socket);

#endif
