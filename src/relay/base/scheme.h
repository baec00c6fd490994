/* SPDX-License-Identifier: MIT
 *
 * Which URLs the engine takes, and what each scheme means for it. Everything that is not in the table
 * (pipe:, concat:, gopher: ...) is refused before anything is opened. Pure.
 *
 * The table is the program's (relay/schemes.c), which alone knows every kind of source and output: a new one
 * is a folder and a row.
 */
#ifndef CME_RELAY_BASE_SCHEME_H
#define CME_RELAY_BASE_SCHEME_H

#include <stdbool.h>

struct cme_feed_ops;   /* source/feed.h */
struct cme_output_ops; /* output/output.h */

enum cme_scheme_trait {
	CME_SCHEME_LIVE = 1,   /* data come at their own pace; never paced by us */
	CME_SCHEME_HOST = 2,   /* a host follows the prefix */
	CME_SCHEME_MODE = 4,   /* the query may ask for another mode than calling: "mode=listener" */
	CME_SCHEME_TRACKS = 8, /* one stream may have several tracks of each kind */
	CME_SCHEME_PORT = 16,  /* no port is usual: one has to follow the host */
};

struct cme_scheme {
	const char *prefix;                  /* "rtmp://"; "" is a file name */
	const struct cme_feed_ops *source;   /* what reads it; NULL: cannot be a source */
	const struct cme_output_ops *output; /* what writes to it; NULL: cannot be a destination */
	unsigned traits;                     /* of enum cme_scheme_trait */
	const char *container; /* of a destination, by libavformat's name; NULL: no destination */
};

extern const struct cme_scheme cme_schemes[];                  /* the row of file names is the last */
extern const struct cme_output_ops *const cme_scheme_recorder; /* writes recordings, which have no scheme */
extern const char cme_schemes_of_sources[];                    /* "rtmp://, ... expected" */
extern const char cme_schemes_of_destinations[];               /* the same */

/* The scheme of a URL; NULL for one that the engine does not take. */
const struct cme_scheme *cme_scheme_find(const char *url);

/* It is of the network. */
bool cme_scheme_has_host(const char *url);

/* It is a socket of this machine. */
bool cme_scheme_is_socket(const char *url);

/* What is wrong with a URL as a source, or as a destination, in words without the URL; NULL: nothing. */
const char *cme_scheme_fault(const char *url, bool input);

/* The same as an entry of a list, which has an end: HTTP(S) or a file. */
const char *cme_scheme_file_fault(const char *url);

#endif
