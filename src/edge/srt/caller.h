/* SPDX-License-Identifier: MIT
 *
 * One encoder that calls by SRT, and the process that reads what it sends (child/spawn.h): TS goes to the
 * process by the door's thread, FLV comes back here. The process may be taken over by what it reads: its FLV
 * is bounded, and so is what it says of itself. One thread.
 */
#ifndef CME_EDGE_SRT_CALLER_H
#define CME_EDGE_SRT_CALLER_H

#include "child/report.h"
#include "child/spawn.h"
#include "edge/keys/keys.h"
#include "edge/poll.h"
#include "edge/publisher.h"
#include "stream/flv/file.h"

struct cme_caller;
struct cme_ingest_srt;

/* What it tells its owner. */
struct cme_caller_calls {
	void (*media)(struct cme_caller *caller, const struct cme_flv_tag *tag);
	void (*batch)(struct cme_caller *caller); /* all bytes of a read have been looked at */
	void (*ended)(struct cme_caller *caller, const struct cme_err *err); /* err NULL: it wanted to */
};

struct cme_caller {
	struct cme_watch watch; /* of the process's socket */
	struct cme_publisher base;
	struct cme_ingest_srt *owner;
	const struct cme_caller_calls *calls;
	struct cme_poll *poll;
	int socket;                 /* libsrt's; names it */
	bool asking;                /* it waits for an answer to its handshake */
	uint8_t hash[CME_KEY_HASH]; /* of its key */
	struct cme_child child;
	struct cme_report_reader reports;
	struct cme_flv_file flv;
	struct cme_err err; /* why its process ended; code empty: not known */
	struct cme_caller *next;
};

/* NULL: no memory. */
struct cme_caller *cme_caller_new(struct cme_poll *poll, int socket, const struct cme_caller_calls *calls);

/* Ends its process, whose end nobody waits for; freed after the batch. */
void cme_caller_close(struct cme_caller *caller);

struct cme_caller *cme_caller_of(struct cme_publisher *publisher);

/* Starts the process. 0, or -1 with err (internal). */
int cme_caller_start(struct cme_caller *caller, struct cme_err *err);

/* What it sends is read from now on. */
void cme_caller_begin(struct cme_caller *caller);

#endif
