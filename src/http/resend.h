/* SPDX-License-Identifier: MIT
 *
 * May a request be sent again? libcurl does so by itself when a kept or shared connection ends before
 * the answer, whatever the request. The server may have acted on the first copy, so a second one is
 * allowed only where the server cannot have acted on the first: HTTP/2's REFUSED_STREAM, GOAWAY with a last
 * stream before ours (RFC 9113, 6.8), which is how a busy connection is retired, and a stream that the
 * server ended before the whole request was written. The last is how gateways refuse; libcurl 7.88 loses
 * their answer when another request's turn reads it.
 *
 * libcurl gives up after five such retries, and on a connection that it opened for the request it makes none.
 * The pool then gives a request that was refused, or whose connection was retired, to libcurl again: up to
 * CME_HTTP_ROUNDS times within its deadline, from the third time on after a pause. One that was not written
 * to its end is left to the caller: a gateway that refuses it would be sent a large body again and again.
 *
 * libcurl tells these apart in its trace only, so the words are read there. Where a version words them
 * otherwise, a refused request is reported as sent: its outcome is looked up instead of taken for
 * granted, slower but never twice. Pure memory, no I/O.
 */
#ifndef CME_HTTP_RESEND_H
#define CME_HTTP_RESEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CME_HTTP_GOAWAYS 128
#define CME_HTTP_ROUNDS  12 /* a server that refuses a request more often than that serves nobody */

/* Connections that servers retired, the latest ones; one table per pool. Retired connections get no new
 * requests, so a port that gets one belongs to a new connection and leaves the table. */
struct cme_http_goaways {
	struct {
		int port;         /* the connection's own port, 0 while the place is free */
		long last_stream; /* the highest stream that the server takes care of */
	} seen[CME_HTTP_GOAWAYS];
	unsigned next; /* the place to use next, modulo its size */
};

/* One request's ways to the server; zeroed for each request. */
struct cme_http_resend {
	unsigned rounds;   /* times the pool gave it to libcurl again */
	unsigned attempts; /* times libcurl handed it to a connection since then */
	int port;          /* that connection's own port, the last time */
	long stream;       /* its HTTP/2 stream there, 0 while not known */
	bool refused;      /* the server refused that stream unread, or the connection before it */
	bool unfinished;   /* the server ended that stream before all of the request was written */
};

/* Reads one line of libcurl's trace about this request. */
void cme_http_resend_trace(struct cme_http_resend *resend, struct cme_http_goaways *goaways, const char *line,
			   size_t len);

/* Can no server have acted on the request? */
bool cme_http_resend_is_unread(const struct cme_http_resend *resend, const struct cme_http_goaways *goaways);

/* The request is about to be written to the connection with this port. Returns false when it must not be. */
bool cme_http_resend_allow(struct cme_http_resend *resend, struct cme_http_goaways *goaways, int port);

/* libcurl lost the connection and gave up. Returns whether the pool shall start the request again, and then
 * forgets the ways it took so far. */
bool cme_http_resend_again(struct cme_http_resend *resend, const struct cme_http_goaways *goaways);

/* How long the pool waits before it starts the request again: 0 for the first two times. */
int64_t cme_http_resend_pause_ms(const struct cme_http_resend *resend);

#endif
