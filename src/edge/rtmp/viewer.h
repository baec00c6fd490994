/* SPDX-License-Identifier: MIT
 *
 * A viewer's queue, as RTMP sends it: the tags of a channel become messages, cut into chunks around their
 * bodies, which are never copied. What the session has to say stands between two of them. One thread.
 */
#ifndef CME_EDGE_RTMP_VIEWER_H
#define CME_EDGE_RTMP_VIEWER_H

#include "common/buf.h"
#include "edge/channel/reader.h"
#include "rtmp/message.h"

struct cme_viewer {
	struct cme_reader base;
	size_t chunk_size;
	void *owner; /* the reader's ops' own */
};

/* Enters the list. NULL: no memory. */
struct cme_viewer *cme_viewer_new(const struct cme_reader_ops *ops, struct cme_reader **list,
				  size_t chunk_size, void *owner);
void cme_viewer_free(struct cme_viewer *viewer);

struct cme_viewer *cme_viewer_of(struct cme_reader *reader);

/* It gets no more but the rest of a message that is begun. */
void cme_viewer_stop(struct cme_viewer *viewer);

/* It is through with a stream that has ended. */
bool cme_viewer_done(const struct cme_viewer *viewer);

/* It fell behind, and again before it had caught up: it will not. */
bool cme_viewer_lost(const struct cme_viewer *viewer);

/* Adds what is to be sent: the rest of a message that is begun, what the session says, and messages. */
void cme_viewer_plan(const struct cme_viewer *viewer, const struct cme_buf *words, struct cme_plan *plan);

/* The front `bytes` of that plan were taken. */
void cme_viewer_advance(struct cme_viewer *viewer, struct cme_buf *words, size_t bytes);

#endif
