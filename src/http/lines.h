/* SPDX-License-Identifier: MIT
 *
 * A request's header lines as libcurl takes them: a list, here with one block for all texts, which the next
 * request writes over. libcurl only reads it; it is not for curl_slist_free_all.
 */
#ifndef CME_HTTP_LINES_H
#define CME_HTTP_LINES_H

#include <curl/curl.h>
#include <stddef.h>

#include "common/buf.h"
#include "http/request.h"

#define CME_HTTP_LINES_ADDED 2 /* what we say so that libcurl does not say something else */

struct cme_http_lines {
	struct cme_buf text;                                        /* the lines, a NUL after each */
	size_t starts[CME_HTTP_HEADERS_MAX + CME_HTTP_LINES_ADDED]; /* of each line in text */
	struct curl_slist
		list[CME_HTTP_HEADERS_MAX + CME_HTTP_LINES_ADDED]; /* count are in use, linked in order */
	size_t count;
};

void cme_http_lines_init(struct cme_http_lines *lines);
void cme_http_lines_fini(struct cme_http_lines *lines);

/* Takes the request's header lines. Returns 0, or -1 when memory is short. */
int cme_http_lines_set(struct cme_http_lines *lines, const struct cme_http_request *request);

#endif
