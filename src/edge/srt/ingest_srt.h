/* SPDX-License-Identifier: MIT
 *
 * Encoders that call by SRT: what the door says of them, told to ingest.h. What they send, MPEG-TS, is read
 * by a process of its own for each, cme-pull, which gives it back as FLV; no demuxer runs here.
 *
 *     caller -- SRT --> door.h --> [ TS on a socket ] --> cme-pull --> [ FLV on it ] --> ingest.h
 *
 * One thread.
 */
#ifndef CME_EDGE_SRT_INGEST_SRT_H
#define CME_EDGE_SRT_INGEST_SRT_H

#include "edge/ingest.h"
#include "edge/srt/door.h"

struct cme_caller;

struct cme_ingest_srt {
	struct cme_watch watch; /* of the door's news */
	struct cme_ingest *ingest;
	struct cme_door *door; /* NULL: none */
	struct cme_caller *callers;
};

/* Listens on so many addresses; none is none. 0, or -1 with err (local.listen, internal). */
int cme_ingest_srt_open(struct cme_ingest_srt *srt, struct cme_ingest *ingest, const char *const *addresses,
			size_t count, struct cme_err *err);

/* Parts with processes that have ended since their callers went; now and then. true: some have not yet. */
bool cme_ingest_srt_reap(void);

/* After the ingest's end: nobody is left. */
void cme_ingest_srt_close(struct cme_ingest_srt *srt);

#endif
