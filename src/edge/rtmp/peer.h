/* SPDX-License-Identifier: MIT
 *
 * A connection of somebody who wants to publish or to watch: its socket, and the server's half of RTMP on it
 * (rtmp/server). What may be done is its owner's business: ingest_rtmp.h. One that is dismissed still gets
 * the words that are queued for it, and what it sends meanwhile is thrown away, for a connection that is
 * closed with bytes unread takes the words with it. One thread.
 */
#ifndef CME_EDGE_RTMP_PEER_H
#define CME_EDGE_RTMP_PEER_H

#include <stdint.h>
#include <sys/socket.h>

#include "common/err.h"
#include "edge/poll.h"
#include "edge/publisher.h"
#include "edge/rtmp/viewer.h"
#include "rtmp/link.h"
#include "rtmp/server/server.h"

#define CME_PEER_READ ((size_t)64 * 1024)

struct cme_peer;

/* What a peer tells its owner. */
struct cme_peer_calls {
	void (*connected)(struct cme_peer *peer);
	void (*publish)(struct cme_peer *peer, const struct cme_rtmp_key *key);
	void (*play)(struct cme_peer *peer, const struct cme_rtmp_key *name);
	void (*media)(struct cme_peer *peer, const struct cme_chunk_message *message);
	void (*unpublish)(struct cme_peer *peer);
	void (*stop)(struct cme_peer *peer);  /* it has seen enough */
	void (*over)(struct cme_peer *peer);  /* what it watches has ended, or it is too slow for it */
	void (*batch)(struct cme_peer *peer); /* all bytes of a read have been looked at */
	void (*gone)(struct cme_peer *peer,
		     const struct cme_err *err); /* it ended: by itself, or by a fault */
};

struct cme_peer {
	struct cme_watch watch;
	struct cme_publisher base;
	struct cme_poll *poll;
	const struct cme_peer_calls *calls;
	struct cme_link link;
	struct cme_rtmp_server server;
	struct cme_viewer *viewer; /* of one that watches, or did; else NULL */
	bool securing;             /* in the TLS handshake */
	bool dismissed;            /* only its last words are of interest */
	bool waiting;              /* for room in the socket */
};

/* Takes the descriptor over, even when it fails. tls may be NULL. NULL: no memory, or no watch. */
struct cme_peer *cme_peer_new(struct cme_poll *poll, int fd, const struct sockaddr *address, SSL_CTX *tls);

struct cme_peer *cme_peer_of(struct cme_publisher *publisher);

/* It gets what runs through a channel from now on. 0, or -1: no memory. */
int cme_peer_watch(struct cme_peer *peer, struct cme_channel *channel);

/* It gets what is queued for it, then the end; it is the owner's to close it when limit_us has come. */
void cme_peer_dismiss(struct cme_peer *peer);

/* Hangs up; freed after the batch. The owner is not told. */
void cme_peer_close(struct cme_peer *peer);

#endif
