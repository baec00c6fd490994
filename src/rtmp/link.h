/* SPDX-License-Identifier: MIT
 *
 * A non-blocking TCP connection to a destination, with TLS on it where the URL asks for it. Nothing here
 * waits: a call that cannot go on says so, and the owner comes back when epoll reports the descriptor.
 *
 * TLS is 1.2 at least, and the chain and the host name (or address) are always verified, against the
 * system's authorities and those of the CA file. TLS data pass through one record's worth of staging
 * memory, because OpenSSL wants the same bytes again after it could not write them.
 * One thread per link.
 */
#ifndef CME_RTMP_LINK_H
#define CME_RTMP_LINK_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "common/err.h"
#include "rtmp/message.h"
#include "rtmp/progress.h"

#define CME_LINK_RECORD 16384 /* the most a TLS record holds */

struct cme_link {
	int fd; /* -1: none */
	SSL *ssl;
	uint8_t *staged;  /* CME_LINK_RECORD bytes, with TLS only */
	size_t staged_at; /* what of them OpenSSL has taken */
	size_t staged_len;
	uint64_t written; /* bytes the kernel took since the connect */
	bool ended;       /* the peer said that it sends no more */
	bool more;        /* after a read or a handshake that gave 0: there may be more, and an event that is
			   * edge-triggered will not say so. TLS stops after records without data */
	int reads;        /* that the call at hand may still make; TLS alone */
};

void cme_link_init(struct cme_link *link);

/* What a TLS link needs beforehand: the authorities (shared: client/authorities.h). ca_file may be NULL. NULL
 * with err (network.tls). */
SSL_CTX *cme_link_tls_context(const char *ca_file, struct cme_err *err);

/* What a server's TLS links need: its certificate chain and key, PEM files. NULL with err (network.tls). */
SSL_CTX *cme_link_tls_server_context(const char *certificate, const char *key, struct cme_err *err);

/* Begins to connect. 0, or -1 with err; then the link is closed again. */
int cme_link_connect(struct cme_link *link, const struct sockaddr *address, socklen_t len,
		     struct cme_err *err);

/* 1: connected; 0: not yet; -1 with err (network.connect, network.timeout). */
int cme_link_connected(struct cme_link *link, struct cme_err *err);

/* Puts TLS on a connected link. 0 or -1 with err. */
int cme_link_secure(struct cme_link *link, SSL_CTX *context, const char *host, struct cme_err *err);

/* Puts TLS on a connection that was accepted: we are the server. 0 or -1 with err. */
int cme_link_serve_tls(struct cme_link *link, SSL_CTX *context, struct cme_err *err);

/* Goes on with the TLS handshake. 1: done; 0: not yet (`more`); -1 with err (network.tls, network.reset). */
int cme_link_handshake(struct cme_link *link, struct cme_err *err);

/* Bytes read; 0: none there (`more`); -1 with err (network.reset). */
ssize_t cme_link_read(struct cme_link *link, uint8_t *data, size_t size, struct cme_err *err);

/* Bytes taken from the front of the plan; 0: it takes none now; -1 with err (network.reset). */
ssize_t cme_link_write(struct cme_link *link, struct cme_plan *plan, struct cme_err *err);

/* 1: the kernel has all that was written; 0: not yet; -1 with err. */
int cme_link_flush(struct cme_link *link, struct cme_err *err);

/* Fills in what the kernel knows of the bytes written: all but `answered` and `waiting`. */
void cme_link_look(const struct cme_link *link, struct cme_progress_look *look);

/* Nothing more will be written: tells the peer. */
void cme_link_end(struct cme_link *link);

void cme_link_close(struct cme_link *link);

/* Closes it so that nothing of what the kernel still has to send goes out. */
void cme_link_reset(struct cme_link *link);

#endif
