/* SPDX-License-Identifier: MIT
 *
 * Everything that a source reads over HTTP(S): its own address, and whatever a playlist names in turn.
 * libcurl follows redirects, logs in, verifies TLS, keeps cookies and connections, and takes proxies from the
 * environment. What comes is handed out as libavformat wants it, and bounded before: the head of an answer,
 * and what is read ahead of a demuxer.
 *
 *     demuxer <-- AVIOContext <-- [ 256 KB ] <-- libcurl (one multi handle for all of a source) <-- network
 *
 * Every wait ends by the limit. Belongs to one thread.
 */
#ifndef CME_PULL_HTTP_WEB_H
#define CME_PULL_HTTP_WEB_H

#include <curl/curl.h>
#include <libavformat/avio.h>
#include <stdbool.h>

#include "av/avlog.h"
#include "common/err.h"
#include "pull/limit.h"
#include "pull/order.h"

struct cme_web {
	const struct cme_order *order; /* the first four are the owner's */
	struct cme_limit *limit;
	struct cme_avlog *log;   /* gets what libcurl says, scrubbed */
	struct cme_err *refusal; /* gets why an answer is not read; code empty: it is */
	CURLM *multi;            /* NULL: not needed yet */
	CURLSH *share;           /* cookies */
};

/* The owner's members are set. */
void cme_web_init(struct cme_web *web);

/* After everything it opened is closed. */
void cme_web_fini(struct cme_web *web);

/* Reads a URL of HTTP(S) here. */
bool cme_web_takes(const char *url);

/* Waits for the head of the answer. offset, end: bytes of it, from 0 up to before `end`; end 0: all. 0 and
 * *pb, or a libavformat error code. */
int cme_web_open(struct cme_web *web, AVIOContext **pb, const char *url, int64_t offset, int64_t end);

void cme_web_close(AVIOContext *pb);

#endif
