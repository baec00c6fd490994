/* SPDX-License-Identifier: MIT
 *
 * A stream key's stream: what its encoder sends goes to all readers of the unix socket FOLDER/ID.flv. A
 * reader that comes while the stream runs gets what it has to know first (metadata and sequence headers) and
 * the pictures since the last keyframe; one that comes before waits for it. When the stream ends, so do its
 * readers' connections. One that falls behind loses all up to the next keyframe and is told the headers
 * again. What engines get may wait for what comes next (stream/hold.h), unless an engine publishes: that has
 * done so already. One thread.
 */
#ifndef CME_EDGE_CHANNEL_CHANNEL_H
#define CME_EDGE_CHANNEL_CHANNEL_H

#include "common/err.h"
#include "edge/channel/frame.h"
#include "edge/channel/reader.h"
#include "edge/keys/keys.h"
#include "edge/poll.h"
#include "stream/gop.h"
#include "stream/hold.h"

#define CME_CHANNEL_HEADERS_MAX 16
#define CME_CHANNEL_READERS_MAX 16  /* engines, and as many of other nodes */
#define CME_CHANNEL_PATH_MAX    108 /* of a unix socket */

struct cme_publisher;

struct cme_channel {
	struct cme_watch watch; /* of the socket that readers come to */
	struct cme_key key;
	struct cme_poll *poll;
	int listen_fd;
	char path[CME_CHANNEL_PATH_MAX];
	bool live;
	struct cme_publisher *publisher; /* NULL: nobody; set by who admits (ingest.h) */
	double since;                    /* unix seconds: when it became live */
	uint64_t frames;                 /* tags since then */
	uint64_t bytes;                  /* of them */
	struct cme_frame *file_header;
	struct cme_frame *headers[CME_CHANNEL_HEADERS_MAX];
	size_t headers_count;
	bool pictures; /* it has some: decoding begins at keyframes only */
	struct cme_gop gop;
	struct cme_reader *readers;
	struct cme_hold hold;
	struct cme_delay delay; /* ends the waiting of what engines get */
};

/* Opens the socket (0600), in place of a stale one. NULL with err (local.listen, internal). */
struct cme_channel *cme_channel_new(struct cme_poll *poll, const char *folder, const struct cme_key *key,
				    struct cme_err *err);

/* Hangs up on all and removes the socket. */
void cme_channel_free(struct cme_channel *channel);

struct cme_channel *cme_channel_of(struct cme_key *key);

/* An encoder begins. */
void cme_channel_start(struct cme_channel *channel, double now);

/* Takes the frame over, which came now (monotonic). */
void cme_channel_push(struct cme_channel *channel, struct cme_frame *frame, int64_t now_us);

/* Sends what was pushed, to engines in a moment. */
void cme_channel_flush(struct cme_channel *channel);

/* The encoder ended. */
void cme_channel_end(struct cme_channel *channel);

/* Hangs up on those of a kind that get what is live or wait for it: they may read it no longer. */
void cme_channel_end_readers(struct cme_channel *channel, enum cme_reader_kind kind);

/* A reader that is in the list gets what it has to know and the last pictures, if the stream runs. It may be
 * closed by it. */
void cme_channel_join(struct cme_channel *channel, struct cme_reader *reader);

/* How many of a kind read it. */
size_t cme_channel_readers(const struct cme_channel *channel, enum cme_reader_kind kind);

#endif
