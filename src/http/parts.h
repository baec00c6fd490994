/* SPDX-License-Identifier: MIT
 *
 * A body that is read in parts while it comes: a stream. At most CME_HTTP_WINDOW bytes of it wait to be read;
 * until they were, libcurl reads no more from the connection, and the server feels it.
 *
 *     head has come -> [told] -> read finds nothing -> [hungry] -> bytes, or the end -> news -> read ...
 *
 * Whoever reads is told once when there is something again after a read that found nothing. What there is to
 * tell stands in the pool's queue of news, in the order in which it came.
 */
#ifndef CME_HTTP_PARTS_H
#define CME_HTTP_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#define CME_HTTP_WINDOW \
	262144 /* bytes of a stream that wait to be read; more than libcurl hands over at once */

struct cme_http_transfer;
struct cme_http_shared;

struct cme_http_parts {
	bool answered;                       /* the head of the answer has come */
	bool told;                           /* and was handed out */
	bool hungry;                         /* the last read found nothing */
	bool paused;                         /* libcurl holds bytes back: there is no room */
	bool ended;                          /* nothing more comes */
	bool queued;                         /* it stands in the queue of news */
	struct cme_http_transfer *next_news; /* behind it in the queue */
};

/* The head of the answer has come. From then on the stream has no deadline: its reader has. */
void cme_http_parts_answered(struct cme_http_transfer *transfer);

/* Is there room for len bytes? If not, libcurl is to hold them until there is. */
bool cme_http_parts_have_room(struct cme_http_transfer *transfer, size_t len);

/* Something has come, or the end has. */
void cme_http_parts_came(struct cme_http_transfer *transfer);

/* There is room again. */
void cme_http_parts_taken(struct cme_http_transfer *transfer);

/* Takes the stream out of the queue of news, if it stands there. */
void cme_http_parts_forget(struct cme_http_transfer *transfer);

#endif
