/* SPDX-License-Identifier: MIT
 *
 * What a request said, copied out of the HTTP library so that it can outlive its connection: method,
 * path, raw query, headers. Nothing is decoded or normalised, since signatures are verified on these
 * very bytes; only the white space around header values is not theirs. Plain memory, no I/O.
 *
 * Filled in the order the server learns it: uri, then method, then headers.
 */
#ifndef CME_HTTPD_MESSAGE_H
#define CME_HTTPD_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

struct cme_httpd_message {
	struct cme_buf text; /* path NUL query NUL method NUL (name NUL value NUL)* */
	size_t query;        /* where the query starts in text */
	size_t method;       /* where the method starts */
	size_t headers;      /* where the first header name starts */
};

/* limit bounds the copied bytes. */
void cme_httpd_message_init(struct cme_httpd_message *message, size_t limit);
void cme_httpd_message_fini(struct cme_httpd_message *message);

/* Splits the request target at its first '?'. All three return 0, or -1 past the limit or out of memory. */
int cme_httpd_message_set_uri(struct cme_httpd_message *message, const char *uri);
int cme_httpd_message_set_method(struct cme_httpd_message *message, const char *method);
int cme_httpd_message_add_header(struct cme_httpd_message *message, const char *name, size_t name_len,
				 const char *value, size_t value_len);

/* The parts as they were received; "" for what is not there. Valid while the message lives. */
const char *cme_httpd_message_path(const struct cme_httpd_message *message);
const char *cme_httpd_message_query(const struct cme_httpd_message *message);
const char *cme_httpd_message_method(const struct cme_httpd_message *message);

/* The next value of a header, names compared without case; NULL after the last one. Start with
 * *cursor = 0. Repeated headers come in the order they were received. */
const char *cme_httpd_message_find(const struct cme_httpd_message *message, const char *name, size_t *cursor);

/* The body's size by Content-Length, 0 when there is none, CME_HTTPD_BODY_UNKNOWN (limits.h) when it is
 * chunked. */
uint64_t cme_httpd_message_declared(const struct cme_httpd_message *message);

#endif
