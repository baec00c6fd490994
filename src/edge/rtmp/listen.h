/* SPDX-License-Identifier: MIT
 *
 * The addresses that encoders connect to: RTMP, and RTMPS where there is a certificate. One thread.
 */
#ifndef CME_EDGE_RTMP_LISTEN_H
#define CME_EDGE_RTMP_LISTEN_H

#include "edge/rtmp/ingest_rtmp.h"

#define CME_LISTEN_MAX 8

struct cme_listener {
	struct cme_watch watch;
	struct cme_poll *poll;
	struct cme_ingest *ingest;
	SSL_CTX *tls; /* NULL: RTMP */
	int fd;       /* -1: closed */
	char shown[CME_ENDPOINT_MAX];
};

/* Listens on HOST:PORT (a number; [..] around IPv6; port 0: a free one). 0, or -1 with err (local.listen). */
int cme_listener_open(struct cme_listener *listener, struct cme_poll *poll, struct cme_ingest *ingest,
		      const char *address, SSL_CTX *tls, struct cme_err *err);

void cme_listener_close(struct cme_listener *listener);

#endif
