/* SPDX-License-Identifier: MIT
 *
 * One source URL that is being read, whatever reads it. The table of schemes names the kind (base/scheme.h);
 * a kind of source is a folder here that supplies struct cme_feed_ops: packets in the engine's one form
 * (H.264 with length prefixes, AAC raw, times in microseconds), with the media they belong to.
 *
 * Belongs to the thread that opened it. Every call ends by a limit of the kind's own, or sooner when the
 * owner cancels it. `rc` is why it ends (end.h).
 */
#ifndef CME_RELAY_SOURCE_FEED_H
#define CME_RELAY_SOURCE_FEED_H

#include <stdbool.h>

#include "child/spawn.h"
#include "common/err.h"
#include "relay/base/cancel.h"
#include "relay/base/scheme.h"
#include "stream/end.h"
#include "stream/gather.h"
#include "stream/packet.h"

#define CME_SPARES      2
#define CME_TRACK_FIRST (-1) /* the one that shows first */

/* Processes that wait for something to read, the first to be taken first. */
struct cme_spares {
	struct cme_child child[CME_SPARES];
};

struct cme_flv_reader; /* flv_reader.h */

struct cme_feed {
	const char *url;           /* the owner's; has secrets */
	const char *ca_file;       /* the owner's; may be NULL */
	struct cme_cancel *cancel; /* the owner's wish to end */
	const int *track;          /* the owner's: of each stream the track of RTMP, or CME_TRACK_FIRST; NULL:
				    * the first of both */
	bool resume;               /* a file over HTTP: go on where the connection broke */
	bool public;               /* from public addresses alone */
	struct cme_spares *spares; /* the owner's: processes that wait for the feed that follows; NULL: none
				    * are wanted */
	void (*rest)(void *owner); /* told before each wait for more of a source that is not paced, but for
				    * one for what is to go with what came (stream/hold.h); NULL: nobody wants
				    * to know */
	void *owner;
	const struct cme_scheme *scheme; /* from here on set by open */
	const struct cme_feed_ops *ops;
	struct cme_flv_reader *reader; /* what makes its packets; the kind's open sets it */
	void *backend;                 /* the kind's own */
};

struct cme_feed_ops {
	const char *name;
	/* Sets feed->backend. 0, or -1 with err; closed after either. */
	int (*open)(struct cme_feed *feed, struct cme_err *err);
	/* The next packet, the caller's reference. NULL with *rc 0: none right now, call again; NULL with *rc
	 * < 0: the source ended or failed. */
	struct cme_packet *(*next)(struct cme_feed *feed, int *rc);
	/* As the functions below, where the kind knows more than its reader; NULL: it does not. */
	unsigned (*dropped)(struct cme_feed *feed);
	bool (*foreign)(const struct cme_feed *feed);
	void (*promise)(const struct cme_feed *feed, struct cme_promise *promise);
	/* Why `next` ended, in words. */
	void (*fault)(const struct cme_feed *feed, int rc, struct cme_err *err);
	/* What it gives comes faster than real time: a file, or HLS. */
	bool (*paced)(const struct cme_feed *feed);
	void (*close)(struct cme_feed *feed);
};

/* It waits for more now. */
void cme_feed_rest(const struct cme_feed *feed);

/* The members up to `owner` are set. 0, or -1 with err. After 0 the rest is done through feed->ops, and
 * closed with cme_feed_close; after -1 that does nothing. */
int cme_feed_open(struct cme_feed *feed, struct cme_err *err);
void cme_feed_close(struct cme_feed *feed);

/* Packets left out since the last question. */
unsigned cme_feed_dropped(struct cme_feed *feed);

/* What came last is neither picture nor sound. */
bool cme_feed_foreign(const struct cme_feed *feed);

void cme_feed_promise(const struct cme_feed *feed, struct cme_promise *promise);

#endif
