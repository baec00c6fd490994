/* SPDX-License-Identifier: MIT
 *
 * What the caller asks for, and the pure checks that keep a request one request: a CR, LF or NUL in a
 * URL, a method or a header line would let its writer smuggle a second one in. Everything here is
 * misuse when it fails: the binding raises with the returned words.
 *
 * A struct cme_http_request only points: its strings belong to the caller and are copied by submit.
 */
#ifndef CME_HTTP_REQUEST_H
#define CME_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CME_HTTP_HEADERS_MAX 64
#define CME_HTTP_HOST_MAX    280 /* a name of 253 bytes, a colon, a port, and room */
#define CME_HTTP_METHOD_MAX  16  /* the NUL included */

struct cme_http_request {
	const char *url;                           /* http:// or https:// */
	const char *method;                        /* a token: "POST" */
	const char *headers[CME_HTTP_HEADERS_MAX]; /* "Name: value" lines without their end */
	size_t nheaders;
	const char *body; /* body_len bytes, NULs allowed; NULL sends none */
	size_t body_len;
	long timeout_ms;         /* for the whole transfer, waiting for a connection included; > 0 */
	long connect_timeout_ms; /* name, TCP, TLS and proxy together; > 0 */
	size_t max_response;     /* bytes of body accepted; > 0 */
	const char *ca_file;     /* PEM file trusted besides the system's CAs, or NULL */
	const char *cert_file; /* PEM file with the client's certificate, and those that signed it, or NULL */
	const char *key_file;  /* PEM file with its key, or NULL: cert_file has it */
	const char *proxy;     /* URL of a proxy, or NULL for none */
	const char *no_proxy;  /* hosts reached without it, "a.example,.b.example", or NULL */
	bool http1;            /* HTTP/1.1 even where HTTP/2 is offered */
	bool lazy_headers;     /* the answer's headers may be made at the first look */
	bool stream;           /* the body is read in parts as it comes, over HTTP/1.1; timeout_ms is until
				* the head, and max_response does not count */
};

/* Each returns NULL when the text is fit to send, else what is wrong with it (a constant that never
 * quotes the text). len is the text's length, so that a NUL inside is seen. */
const char *cme_http_check_url(const char *url, size_t len);
const char *cme_http_check_method(const char *method, size_t len);
const char *cme_http_check_header(const char *line, size_t len);
const char *cme_http_check_plain(const char *text, size_t len);

/* True for an https:// URL. */
bool cme_http_is_https(const char *url);

/* Writes host and port of a checked URL to out, without userinfo, path and query: what an error may show. */
void cme_http_host_of(const char *url, char *out, size_t size);

/* True when the header line has this (lower-case) name. */
bool cme_http_header_is(const char *line, const char *name);

#endif
