/* SPDX-License-Identifier: MIT
 *
 * What libavformat says while it works for one of our threads. av_log is process-global and its lines
 * carry URLs with stream keys, so none of them is ever printed: each thread that calls libavformat sets
 * a capture, and the callback keeps there the last error line and the facts that only the text tells
 * (a name that did not resolve, a TLS failure). See averr.h for what is made of it.
 */
#ifndef CME_AV_AVLOG_H
#define CME_AV_AVLOG_H

#include <stdbool.h>
#include <stddef.h>

struct cme_avlog {
	const char *url; /* whose parts are scrubbed from the text */
	char error[256]; /* the error line that says why, else the last one; scrubbed; "" while none */
	bool resolve;    /* a host name could not be resolved */
	bool tls;        /* the TLS layer complained */
	bool compressed; /* an HTTP server sends its answer compressed */
	bool restarted;  /* an HLS playlist numbers its segments from a lower number on than before */
	bool unlisted;   /* a container or protocol that the source's scheme does not have */
};

/* Once, before any thread: takes av_log over. */
void cme_avlog_install(void);

/* From now on this thread's lines go into capture, emptied here; NULL: nowhere. The capture has to
 * live until the next call. */
void cme_avlog_capture(struct cme_avlog *capture, const char *url);

/* Writes text to out with every part of the URL that can hold a secret replaced by "***". */
void cme_avlog_scrub(const char *url, const char *text, char *out, size_t size);

#endif
