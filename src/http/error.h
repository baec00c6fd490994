/* SPDX-License-Identifier: MIT
 *
 * From what libcurl says went wrong to what cme says: a code a program can match and a message a
 * person can act on. The mapping is one table; nothing here does I/O or keeps state.
 *
 * A message names the host and, where it helps, the system's or the TLS library's reason. It is made
 * of our own words, strerror and libcurl's TLS texts only: libcurl's other texts may quote a proxy's
 * URL with its password.
 */
#ifndef CME_HTTP_ERROR_H
#define CME_HTTP_ERROR_H

#include <curl/curl.h>
#include <stdbool.h>

#include "common/err.h"

/* What is known about a transfer when it failed. */
struct cme_http_failure {
	CURLcode result;    /* libcurl's verdict */
	int os_errno;       /* the system call's error, 0 when there was none */
	long connect_code;  /* the proxy's answer to CONNECT, 0 when there was none */
	bool proxied;       /* every connection of this transfer goes to a proxy */
	bool sent;          /* the request was handed to a connection */
	const char *host;   /* host and port of the URL, without userinfo */
	const char *detail; /* libcurl's error text, "" when there is none */
	double timeout;     /* seconds the transfer was given */
};

/* Fills err. Never fails: a result the table does not know becomes network.protocol. */
void cme_http_describe(const struct cme_http_failure *failure, struct cme_err *err);

#endif
