/* SPDX-License-Identifier: MIT
 *
 * The edge: one thread, one epoll loop over the encoders' connections, the readers' sockets and the control
 * socket. SRT alone has threads of its own (srt/door.h).
 *
 *     encoders -- RTMP, RTMPS --> peer -> ingest -> channel -> reader -- FLV, unix:FOLDER/ID.flv --> engines
 *              -- SRT --> door -> caller   keys      gop    -> viewer -- RTMP, RTMPS (its peer) ----> players
 *                       (cme-pull)         gate
 *     service  -- JSON lines ---> control -> order
 */
#ifndef CME_EDGE_EDGE_H
#define CME_EDGE_EDGE_H

#include "common/err.h"
#include "edge/gate.h"

#define CME_EDGE_ADDRESSES_MAX 4 /* of each kind */

struct cme_edge_options {
	const char *control;                       /* path of the control socket */
	const char *folder;                        /* of the readers' sockets */
	const char *rtmp[CME_EDGE_ADDRESSES_MAX];  /* HOST:PORT; NULL: no more */
	const char *rtmps[CME_EDGE_ADDRESSES_MAX]; /* with the next two */
	const char *srt[CME_EDGE_ADDRESSES_MAX];
	const char *certificate; /* PEM, the chain */
	const char *key;         /* PEM */
	double takeover_s;       /* INFINITY: never */
	struct cme_gate_limits limits;
};

/* Runs until it is told to stop, or by SIGINT or SIGTERM. 0, or -1 with err: it could not start. */
int cme_edge_run(const struct cme_edge_options *options, struct cme_err *err);

#endif
