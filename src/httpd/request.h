/* SPDX-License-Identifier: MIT
 *
 * One request as the application holds it: read it, answer it once, give it up. It may outlive its
 * connection and its server, each of which may also go first; answering then fails and harms nothing.
 * Same thread as its server.
 */
#ifndef CME_HTTPD_REQUEST_H
#define CME_HTTPD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buf.h"
#include "common/err.h"
#include "httpd/message.h"

struct cme_httpd_request;

struct cme_httpd_header {
	const char *name;
	const char *value;
};

struct cme_httpd_reply {
	unsigned status; /* 200 to 599 */
	const struct cme_httpd_header
		*headers; /* copied; without Content-Length, Date and Connection, which are ours */
	size_t header_count;
	const char *body; /* copied; not sent for HEAD, only its length is */
	size_t body_len;
};

/* What was received. The body is empty when it was too large, and once the request is answered. */
const struct cme_httpd_message *cme_httpd_request_message(const struct cme_httpd_request *request);
const struct cme_buf *cme_httpd_request_body(const struct cme_httpd_request *request);
bool cme_httpd_request_too_large(const struct cme_httpd_request *request);

/* What a request can be refused by before its body is anywhere but here: its SHA-256, as hex with a NUL, and
 * whether `byte` stands in it more than `most` times. */
#define CME_HTTPD_DIGEST_SIZE 65
int cme_httpd_request_digest(const struct cme_httpd_request *request, char hex[CME_HTTPD_DIGEST_SIZE],
			     struct cme_err *err);
bool cme_httpd_request_exceeds(const struct cme_httpd_request *request, char byte, size_t most);

/* "ip:port" of the other end. */
const char *cme_httpd_request_peer(const struct cme_httpd_request *request);

/* True once respond was called; an answer that the server gave in its place does not count. */
bool cme_httpd_request_answered(const struct cme_httpd_request *request);

/* Hands the answer over for sending; it leaves with the server's next runs. Call it once. Returns 0, or
 * -1 with code server.client_gone (nobody is there to read it any more) or server.memory. */
int cme_httpd_request_respond(struct cme_httpd_request *request, const struct cme_httpd_reply *reply,
			      struct cme_err *err);

/* Gives the request up; unanswered it gets a 500. */
void cme_httpd_request_drop(struct cme_httpd_request *request);

#endif
