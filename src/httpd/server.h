/* SPDX-License-Identifier: MIT
 *
 * An HTTP/1.1 server over libmicrohttpd, driven from outside: whoever owns the loop waits for fd() to
 * become readable or timeout_ms() to pass, calls run(), then takes every request there is from next().
 *
 *    fd readable, timeout ──► run ──► libmicrohttpd ──► request whole ──► parked, queued ──► next
 *                                                                                             │
 *                        reply leaves ◄── run ◄── fd readable ◄── connection resumed ◄── respond
 *
 * Nothing here blocks, and no callback leaves this folder. One thread: the one that opened the server.
 * Clients are strangers: limits.h bounds what each may hold and for how long. A server may listen on several
 * addresses, each plain or with TLS; the limits are of all of them together.
 */
#ifndef CME_HTTPD_SERVER_H
#define CME_HTTPD_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "httpd/identity.h"
#include "httpd/limits.h"
#include "httpd/request.h"

struct cme_httpd_server;

#define CME_HTTPD_LISTENERS_MAX 16

struct cme_httpd_listen {
	const char *host; /* numeric address or "localhost" */
	unsigned port;    /* 0: a free one */
	bool tls;         /* with the server's identity, which must be there */
};

/* Listens nowhere yet. max_connections is lowered to what descriptors allow. Returns NULL with code
 * server.memory or server.listen. */
struct cme_httpd_server *cme_httpd_server_open(const struct cme_httpd_limits *limits, struct cme_err *err);

/* Takes the pair (see identity.h) in place of the one there was; it counts from the next handshake on. */
void cme_httpd_server_identify(struct cme_httpd_server *server, struct cme_httpd_identity *identity);

bool cme_httpd_server_identified(const struct cme_httpd_server *server);

/* Listens on one address more, at once. Returns its number (0 for the first), or -1 with code server.listen.
 */
int cme_httpd_server_listen(struct cme_httpd_server *server, const struct cme_httpd_listen *address,
			    struct cme_err *err);

/* Answers what is parked with 503 as far as that goes without waiting, closes every connection and frees
 * the server. Requests still held stay valid to read and drop. NULL is allowed. */
void cme_httpd_server_close(struct cme_httpd_server *server);

/* The descriptor to watch for reading; an epoll descriptor, never to be read or closed. */
int cme_httpd_server_fd(const struct cme_httpd_server *server);

/* Milliseconds until run() is due even if fd stays silent; 0: now; -1: no such time. Changes with every
 * run() and respond(). */
int64_t cme_httpd_server_timeout_ms(const struct cme_httpd_server *server);

/* Does what can be done now. Returns 0, or -1 with code server.failed when the daemon is beyond use. */
int cme_httpd_server_run(struct cme_httpd_server *server, struct cme_err *err);

/* The oldest request not handed out yet, NULL when there is none. The caller must drop it. */
struct cme_httpd_request *cme_httpd_server_next(struct cme_httpd_server *server);

/* Whether next() has one. */
bool cme_httpd_server_waiting(const struct cme_httpd_server *server);

/* Closes the listening sockets; what is being received or answered goes on, later requests on open
 * connections get 503. The addresses are forgotten. */
void cme_httpd_server_quiesce(struct cme_httpd_server *server);

/* Connections whose request is not answered whole: being received, parked, or being sent. */
unsigned cme_httpd_server_busy(const struct cme_httpd_server *server);

/* Where it listens, by the number of the address (host: CME_HTTPD_ADDRESS_MAX bytes); returns the port. ""
 * and 0 when there is no such number. */
unsigned cme_httpd_server_address(const struct cme_httpd_server *server, int number, char *host);

unsigned cme_httpd_server_connections(const struct cme_httpd_server *server);
unsigned cme_httpd_server_max_connections(const struct cme_httpd_server *server);

#endif
