/* SPDX-License-Identifier: MIT
 *
 * One answer of HTTP(S) that is being read, from an offset on; a seek asks for it anew. Only for web.c.
 */
#ifndef CME_PULL_HTTP_FETCH_H
#define CME_PULL_HTTP_FETCH_H

#include <curl/curl.h>
#include <libavutil/opt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pull/http/web.h"

#define CME_FETCH_AHEAD ((size_t)256 * 1024)

struct cme_fetch {
	const AVClass *class; /* libavformat asks for `location` by the option of this name */
	char *location;       /* where redirects led; av_malloc'd */
	struct cme_web *web;
	char *url;
	CURL *easy;     /* NULL: nothing is asked for */
	uint8_t *ahead; /* CME_FETCH_AHEAD bytes, of which `len` are filled and `at` handed out */
	size_t at, len;
	int64_t offset; /* of the next byte that is handed out */
	int64_t end;    /* the first that is not asked for; 0: up to the last */
	int64_t size;   /* of the whole; -1: not known */
	bool ranges;    /* the server can begin anywhere */
	bool headed;    /* the head of the last answer is complete */
	bool paused;    /* libcurl waits for room */
	bool done;
	CURLcode result;
	size_t head_bytes; /* of all heads so far */
	unsigned tries;    /* to go on, since bytes last came */
	char error[CURL_ERROR_SIZE];
};

struct cme_fetch *cme_fetch_new(struct cme_web *web, const char *url);
void cme_fetch_free(struct cme_fetch *fetch);

/* Asks for the bytes from `offset` on and waits for the head of the answer. 0, or a libavformat error code.
 */
int cme_fetch_ask(struct cme_fetch *fetch);

/* Bytes, at least one; AVERROR_EOF: that was all; another libavformat error code. */
int cme_fetch_read(struct cme_fetch *fetch, uint8_t *out, int size);

#endif
