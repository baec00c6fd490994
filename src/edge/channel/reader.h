/* SPDX-License-Identifier: MIT
 *
 * Who reads a stream: a connection of a unix socket that gets FLV. What it has not taken waits in a queue
 * that is bounded in bytes and in tags; its owner (channel.h) decides what becomes of one that falls behind.
 * One thread.
 */
#ifndef CME_EDGE_CHANNEL_READER_H
#define CME_EDGE_CHANNEL_READER_H

#include <stdint.h>

#include "edge/channel/frame.h"
#include "edge/poll.h"

#define CME_READER_FRAMES_MAX 4096
#define CME_READER_BYTES_MAX  ((size_t)32 * 1024 * 1024)

struct cme_reader {
	struct cme_watch watch;
	struct cme_poll *poll;
	int fd;
	struct cme_frame **ring; /* CME_READER_FRAMES_MAX places */
	size_t first;            /* place of the oldest */
	size_t count;
	size_t bytes;             /* of all in the queue */
	size_t sent;              /* of the oldest */
	uint64_t dropped;         /* tags that it was too slow for */
	bool behind;              /* it lost some: waits for a start */
	bool ending;              /* it gets no more: closed once it has all */
	bool waiting;             /* for room in the socket */
	struct cme_reader **list; /* of its owner; it leaves that when it is closed */
	struct cme_reader *next;
};

/* Takes the descriptor over, even when it fails, and enters the list. NULL: no memory, or no watch. */
struct cme_reader *cme_reader_new(struct cme_poll *poll, int fd, struct cme_reader **list);

/* Adds a reference of its own. false: the queue is full. */
bool cme_reader_push(struct cme_reader *reader, struct cme_frame *frame);

/* Empties the queue but for a tag of which a part is sent already, and counts what went. */
void cme_reader_drop(struct cme_reader *reader);

/* Sends what the socket takes. The reader may be closed by it: only its `next` is good then. */
void cme_reader_flush(struct cme_reader *reader);

/* Hangs up: it leaves its list, and is freed after the batch. */
void cme_reader_close(struct cme_reader *reader);

#endif
