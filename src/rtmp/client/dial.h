/* SPDX-License-Identifier: MIT
 *
 * The way to a server that speaks: its name looked up, its addresses tried one after the other, TLS put on
 * the connection where the URL asks for it. Nothing here waits: who dials steps again when the descriptor or
 * the eventfd of the lookup has news, or when the limit has come.
 *
 *     RESOLVING -> CONNECTING (each address) -> [SECURING] -> connected
 *        5 s        2 s while there is another, else 4 s; 4 s
 *
 * One thread per dial.
 */
#ifndef CME_RTMP_CLIENT_DIAL_H
#define CME_RTMP_CLIENT_DIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "rtmp/link.h"
#include "rtmp/resolver.h"
#include "rtmp/url.h"

#define CME_HANDSHAKE_US (4 * CME_SECOND_US) /* of TLS, and of RTMP */

/* What is dialled; all of it the owner's. */
struct cme_dial_target {
	const struct cme_rtmp_url *url;
	SSL_CTX *tls; /* of rtmps, else not looked at */
	bool public;  /* of its addresses the public ones alone (common/address.h) */
	int wake_fd;  /* an eventfd, written to once the name is looked up */
	/* A descriptor was opened, which the owner has to watch; false: it cannot. NULL: it looks at
	 * link->fd. */
	bool (*watch)(void *ctx, int fd);
	void *ctx;
};

struct cme_dial {
	enum { CME_DIAL_RESOLVING, CME_DIAL_CONNECTING, CME_DIAL_SECURING } state;
	int64_t limit_us;               /* of the state, monotonic: when to step at the latest */
	struct cme_lookup *lookup;      /* may outlive an end: there is one at a time */
	const struct addrinfo *address; /* to be tried next */
};

/* Begins; all zeroes before the first time. */
void cme_dial_begin(struct cme_dial *dial, int64_t now_us);

/* 1: the link is connected; 0: not yet; -1 with err: network.resolve, network.connect, network.timeout,
 * network.tls, network.reset. */
int cme_dial_step(struct cme_dial *dial, const struct cme_dial_target *target, struct cme_link *link,
		  int64_t now_us, struct cme_err *err);

/* No more is dialled. A lookup that still runs is kept for the next time, so that a slow name server has one
 * question at a time. */
void cme_dial_end(struct cme_dial *dial);

/* The same, and the next time may be for another host. */
void cme_dial_fini(struct cme_dial *dial);

#endif
