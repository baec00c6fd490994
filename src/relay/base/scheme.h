/* SPDX-License-Identifier: MIT
 *
 * Which URLs the engine takes, and what each scheme means for it. Everything that is not in the table
 * (pipe:, concat:, gopher: ...) is refused before libavformat sees it. A source is opened with the
 * protocols and the containers of its scheme alone: neither a redirect nor a playlist leads further, and
 * none of libavformat's other demuxers is open to whoever answers. The playout keeps to the same lists
 * (lua/cme/playout/arguments.lua). Pure.
 */
#ifndef CME_RELAY_BASE_SCHEME_H
#define CME_RELAY_BASE_SCHEME_H

#include <stdbool.h>

struct cme_scheme {
	const char *prefix;    /* "rtmp://"; "" is a file name */
	bool input;            /* may be a source */
	const char *muxer;     /* libavformat's container for a destination; NULL: cannot be one */
	bool live;             /* data come at their own pace; never paced by us */
	const char *protocols; /* libavformat's that a source of this scheme may open, itself included */
	const char *formats;   /* its demuxers that may read it */
};

/* Decoders that may look at a source's first packets for its parameters. */
extern const char cme_scheme_decoders[];

/* The scheme of a URL; NULL for one that the engine does not take. */
const struct cme_scheme *cme_scheme_find(const char *url);

/* What is wrong with a URL as a source, or as a destination, in words without the URL; NULL: nothing. */
const char *cme_scheme_fault(const char *url, bool input);

/* The same as an entry of a list, which has an end: HTTP(S) or a file. */
const char *cme_scheme_file_fault(const char *url);

/* A source of this scheme may be read from where a redirect led: an absolute URL. */
bool cme_scheme_allows(const struct cme_scheme *scheme, const char *location);

#endif
