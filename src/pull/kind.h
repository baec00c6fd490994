/* SPDX-License-Identifier: MIT
 *
 * Which sources this program reads, and what each may open: a source is opened with the protocols and the
 * containers of its kind alone, so that neither a redirect nor a playlist leads further, and none of
 * libavformat's other demuxers is open to whoever answers. What is in no row is not read. Pure.
 */
#ifndef CME_PULL_KIND_H
#define CME_PULL_KIND_H

#include <stdbool.h>

struct cme_kind {
	const char *prefix; /* "srt://"; "" is a file name */
	const char
		*demuxer; /* libavformat's that opens the URL by itself; NULL: its bytes come by our intake */
	const char *settings;  /* what it is opened with, "name=value:name=value"; NULL: nothing */
	const char *protocols; /* libavformat's, itself included */
	const char *formats;   /* its demuxers */
	bool live;             /* data come at their own pace */
	bool local;            /* it is received in this machine's network, whoever sends it */
	bool nameless; /* its bytes follow the order on our socket: what is said of it names nothing */
	bool tls;      /* neither a redirect nor a playlist leaves TLS */
};

extern const struct cme_kind cme_kinds[]; /* the row of file names is the last */

/* Decoders that may look at a source's first packets for its parameters. */
extern const char cme_kind_decoders[];

/* The row of a URL; NULL: it is in none. */
const struct cme_kind *cme_kind_find(const char *url);

/* A source of this kind may be read from there: an absolute URL. */
bool cme_kind_allows(const struct cme_kind *kind, const char *location);

#endif
