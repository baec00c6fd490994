/* SPDX-License-Identifier: MIT
 *
 * Who reads a stream, whatever the protocol: what it has not taken waits in a queue that is bounded in bytes
 * and in tags; its owner (channel.h) decides what becomes of one that falls behind. A part of the protocol's
 * own struct, which sends what is queued: socket_reader.h, edge/rtmp/viewer.h. One thread.
 */
#ifndef CME_EDGE_CHANNEL_READER_H
#define CME_EDGE_CHANNEL_READER_H

#include <stdint.h>

#include "edge/channel/frame.h"

#define CME_READER_FRAMES_MAX 4096
#define CME_READER_BYTES_MAX  ((size_t)32 * 1024 * 1024)

struct cme_reader;

/* Who it is: each reads by rights of its own. */
enum cme_reader_kind {
	CME_READER_VIEWER,
	CME_READER_REMOTE, /* the engine of another node */
	CME_READER_ENGINE, /* one of this machine: its stream begins with the header of an FLV file */
};

/* What a protocol does of what is decided. */
struct cme_reader_ops {
	enum cme_reader_kind kind;
	/* Sends what the connection takes. The reader may be closed by it: only its `next` is good then. */
	void (*flush)(struct cme_reader *reader);
	/* Hangs up: it leaves its list, and is freed after the batch. */
	void (*close)(struct cme_reader *reader);
};

struct cme_reader {
	const struct cme_reader_ops *ops;
	struct cme_frame **ring; /* CME_READER_FRAMES_MAX places */
	size_t first;            /* place of the oldest */
	size_t count;
	size_t bytes;             /* of all in the queue */
	size_t sent;              /* of the oldest, as the protocol sends it; written by the protocol */
	uint64_t dropped;         /* tags that it was too slow for, or came too early for: before a start */
	unsigned falls;           /* times that it fell behind since it had taken all */
	bool behind;              /* it waits for a start: it lost some, or came where there was none */
	bool ending;              /* it gets no more: closed once it has all */
	struct cme_reader **list; /* of its owner; NULL: it left that */
	struct cme_reader *next;
};

/* Enters the list. 0, or -1: no memory. */
int cme_reader_init(struct cme_reader *reader, const struct cme_reader_ops *ops, struct cme_reader **list);

/* Leaves the list and lets go of what is queued. */
void cme_reader_fini(struct cme_reader *reader);

/* Leaves the list; what is queued stays. Once is enough, more is harmless. */
void cme_reader_leave(struct cme_reader *reader);

/* Adds a reference of its own. false: the queue is full. */
bool cme_reader_push(struct cme_reader *reader, struct cme_frame *frame);

/* The frame at a place of the queue, 0 the oldest; below count. */
struct cme_frame *cme_reader_at(const struct cme_reader *reader, size_t index);

/* The oldest is sent whole: it goes, and `sent` is of the next. */
void cme_reader_pop(struct cme_reader *reader);

/* Empties the queue but for a tag of which a part is sent already, and counts what went. */
void cme_reader_drop(struct cme_reader *reader);

#endif
