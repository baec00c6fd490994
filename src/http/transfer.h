/* SPDX-License-Identifier: MIT
 *
 * One HTTP exchange on one libcurl easy handle. A transfer is opened for a request, driven by the
 * pool's multi handle, ended with libcurl's verdict, read, and then reset for the next request: the
 * easy handle with its options and the buffers are kept, so a call in a sequence allocates little.
 *
 * libcurl calls back only into easy.c, which touches nothing but the transfer's own memory.
 * A request that a server may have read is never sent again (see resend.h): a connection lost before the
 * answer is network.reset. One that no server can have read is sent again within its time.
 *
 * Not shared between threads.
 */
#ifndef CME_HTTP_TRANSFER_H
#define CME_HTTP_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/err.h"
#include "http/head.h"
#include "http/lines.h"
#include "http/parts.h"
#include "http/request.h"
#include "http/resend.h"

/* What the transfers of a pool have in common; the pool owns it. */
struct cme_http_shared {
	size_t used;  /* bytes charged by transfers that are not reset yet */
	size_t limit; /* the most `used` may become */
	bool bundle;  /* the system has its CAs in one file where libcurl looks for it */
	struct cme_http_goaways goaways;
	struct cme_http_transfer *news, *last_news; /* streams that have something to tell, in order */
};

struct cme_http_transfer {
	int64_t id;                  /* the pool's number for it, from 1; 0 while free */
	int64_t deadline_ms;         /* monotonic time at which the pool ends it; INT64_MAX: never */
	struct cme_err err;          /* why it failed; empty code: it did not */
	bool sent;                   /* a byte of the request may have reached a server */
	long status;                 /* of the response; 0 when it failed */
	const char *version;         /* "1.0", "1.1" or "2": what the server spoke; a constant */
	long connects;               /* connections opened for it */
	double seconds;              /* that libcurl had it, from submit to end */
	struct cme_http_head head;   /* of the response */
	struct cme_buf body;         /* of the response */
	bool lazy_headers;           /* as the request has it */
	bool stream;                 /* its body is read in parts; then `body` is what nobody has read yet */
	struct cme_http_parts parts; /* of a stream */

	/* Private to transfer.c, easy.c and parts.c. */
	CURL *easy;
	CURLU *url; /* given to easy; NULL: it has the text */
	struct cme_http_shared *shared;
	size_t charged;              /* bytes of shared->used that are ours */
	struct cme_http_lines lines; /* the request's headers, given to easy */
	struct cme_buf request_body; /* our copy, given to easy */
	struct cme_buf shape;        /* what easy is set up for; empty: nothing */
	struct cme_buf wanted;       /* what the request needs it set up for */
	struct cme_http_resend resend;
	bool proxied;   /* every connection goes to a proxy */
	bool shares;    /* HTTP/2 is offered: others may use its connection */
	double timeout; /* seconds it was given, for the message */
	char host[CME_HTTP_HOST_MAX];
	char text[CURL_ERROR_SIZE]; /* libcurl's words on a failure */

	/* Private to pool.c. */
	struct cme_http_transfer *prev, *next; /* neighbours in the pool's list */
	bool held;                             /* active, but not given to libcurl yet */
	int64_t resume_ms; /* monotonic time to give it to libcurl again; 0: it does not pause */
	int64_t nudge_ms;  /* monotonic time to have libcurl look at it; 0: never */
};

/* Returns NULL when memory is short. shared must outlive the transfer. */
struct cme_http_transfer *cme_http_transfer_new(struct cme_http_shared *shared);
void cme_http_transfer_free(struct cme_http_transfer *transfer);

/* Copies the request and sets the easy handle up for it. Returns 0, or -1 with transfer->err set. */
int cme_http_transfer_open(struct cme_http_transfer *transfer, const struct cme_http_request *request);

/* Would this transfer, if not connected yet, open a connection that the other can use? */
bool cme_http_transfer_leads(const struct cme_http_transfer *transfer, const struct cme_http_transfer *other);

/* libcurl ended it with this result. Returns whether it shall be started again, as if it were new, because no
 * server can have acted on it. */
bool cme_http_transfer_again(struct cme_http_transfer *transfer, CURLcode result);

/* Records how it went: fills the response fields or err. The easy handle must be out of its multi handle. */
void cme_http_transfer_end(struct cme_http_transfer *transfer, CURLcode result);

/* Of a stream: a head has ended, an interim one or the answer's. */
void cme_http_transfer_answered(struct cme_http_transfer *transfer);

/* Of a stream: forgets what `body` has, which was read, and lets more come. */
void cme_http_transfer_take(struct cme_http_transfer *transfer);

/* Makes it ready for another request; gives back what it charged. */
void cme_http_transfer_reset(struct cme_http_transfer *transfer);

#endif
