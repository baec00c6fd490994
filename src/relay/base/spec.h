/* SPDX-License-Identifier: MIT
 *
 * The desired state of an engine: what `set` carries and what the command line amounts to; and the
 * difference between two of them as a list of changes. Every change to a running engine is "make the
 * new state, apply the difference". Pure. URLs in here have secrets: messages name fields, not values.
 */
#ifndef CME_RELAY_BASE_SPEC_H
#define CME_RELAY_BASE_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relay/base/record.h"
#include "rtmp/client/offer.h"
#include "stream/timeline.h" /* CME_VIDEO, CME_AUDIO */

#define CME_SPEC_OUTPUTS_MAX 256
#define CME_SPEC_URLS_MAX    256
#define CME_SPEC_URL_MAX     4096 /* bytes of a URL, and of any other text */
#define CME_SPEC_TEXT_MAX    256
#define CME_SPEC_LOOP_MAX    1000000
#define CME_SPEC_TRACK_MAX   255

/* The inputs, and with them the slate, which is no input: nothing switches to it (slate.h). */
enum { CME_MAIN, CME_BACKUP, CME_INPUTS, CME_SLATE = CME_INPUTS, CME_SOURCES };

extern const char *const cme_endpoint_names[CME_SOURCES]; /* "main", "backup", "slate" */

struct cme_output_spec {
	char *id;   /* unique in the spec */
	char *name; /* for people; "" when none was given */
	char *url;
	enum cme_codecs codecs; /* that the destination takes */
	bool no_uplink;         /* the destination is on this machine */
	struct cme_record_spec
		*record; /* owned; NULL: it is a destination. url is where files go, for people */
};

struct cme_input_spec {
	char **urls; /* one; of a list: in the order they are played; NULL: there is no such input */
	size_t count;
	bool list;    /* files, played one after the other */
	bool public;  /* read from public addresses alone */
	int64_t loop; /* times to play all of a list again; -1: without end */
	bool silence; /* without sound it gets a silent track (source/silence.h) */
	bool has_track[CME_STREAMS];
	int track[CME_STREAMS]; /* of several in one stream of RTMP; without, the one that shows first */
};

struct cme_spec {
	char *project;    /* "" by hand */
	int64_t revision; /* the caller's; given back in stat */
	struct cme_input_spec input[CME_SOURCES];
	int active; /* the input asked for */
	struct cme_output_spec *outputs;
	size_t outputs_count;
	bool has_stop_at;
	double stop_at; /* unix seconds */
	bool failover;
	double stall_limit_s;
	bool has_failback;       /* goes back to the input asked for by itself */
	double failback_after_s; /* once that has been live for so long */
	double slate_after_s;    /* without a picture, until the slate comes */
	bool merge;              /* main and backup carry the same packets: take each from either */
	double merge_window_s;   /* how far apart in time they may come */
};

/* An empty state: no inputs, no slate, no outputs, failover on, 2 s; 3 s to the slate; no merge, 3 s. */
void cme_spec_init(struct cme_spec *spec);
void cme_spec_fini(struct cme_spec *spec);

/* 0, or -1: no memory, and *to is empty. */
int cme_spec_copy(struct cme_spec *to, const struct cme_spec *from);

void cme_output_spec_fini(struct cme_output_spec *out);

/* Adds a URL, copied. 0, or -1: no memory or too many. */
int cme_input_spec_add(struct cme_input_spec *input, const char *url);
int cme_input_spec_copy(struct cme_input_spec *to, const struct cme_input_spec *from);
void cme_input_spec_fini(struct cme_input_spec *input);

/* The slate: an FLV file, looped. 0, or -1: no memory. */
int cme_spec_set_slate(struct cme_spec *spec, const char *path);

/* Adds the output or replaces the one with its id; copies. 0, or -1: no memory or too many. */
int cme_spec_set_output(struct cme_spec *spec, const struct cme_output_spec *out);

/* false: there is none with that id. */
bool cme_spec_remove_output(struct cme_spec *spec, const char *id);

const struct cme_output_spec *cme_spec_find_output(const struct cme_spec *spec, const char *id);

/* The index of "main" or "backup"; -1 for another text. */
int cme_endpoint(const char *name);

enum cme_change_kind {
	CME_OUTPUT_REMOVED, /* id */
	CME_OUTPUT_MOVED,   /* another URL or recording, or other codecs */
	CME_OUTPUT_RENAMED,
	CME_INPUT_CHANGED, /* input: appeared, went, or another URL or list */
	CME_OUTPUT_ADDED,
	CME_ACTIVE_CHANGED, /* input: the new one */
};

struct cme_change {
	enum cme_change_kind kind;
	int input;
	const struct cme_output_spec *output; /* of the new spec; of the old one when removed */
};

/* Calls `each` for every difference, in the order of the enum. */
void cme_spec_diff(const struct cme_spec *from, const struct cme_spec *to,
		   void (*each)(void *ctx, const struct cme_change *change), void *ctx);

#endif
