/* SPDX-License-Identifier: MIT
 *
 * What libcurl is told about a transfer, and what it calls back with: the options of the easy handle, the
 * head and the body of the answer as they come. For transfer.c alone.
 */
#ifndef CME_HTTP_EASY_H
#define CME_HTTP_EASY_H

#include <curl/curl.h>
#include <stddef.h>

#include "http/transfer.h"

/* Takes memory from the pool's budget. Returns 0, or -1 with transfer->err set. */
int cme_http_easy_charge(struct cme_http_transfer *transfer, size_t bytes);

/* Sets the easy handle up for a request, whose body and lines the transfer has copied. */
CURLcode cme_http_easy_set(struct cme_http_transfer *transfer, const struct cme_http_request *request);

#endif
