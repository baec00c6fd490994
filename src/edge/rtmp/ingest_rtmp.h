/* SPDX-License-Identifier: MIT
 *
 * Encoders and viewers that speak RTMP: what their connections say, told to ingest.h. One thread.
 */
#ifndef CME_EDGE_RTMP_INGEST_RTMP_H
#define CME_EDGE_RTMP_INGEST_RTMP_H

#include "edge/ingest.h"
#include "edge/rtmp/peer.h"

/* A connection came; takes the descriptor over. tls: NULL without. */
void cme_ingest_accept(struct cme_ingest *ingest, int fd, const struct sockaddr *address, SSL_CTX *tls);

#endif
