/* SPDX-License-Identifier: MIT
 *
 * What the engine tells of itself: the states of its inputs and outputs, and snapshots of all it runs. A
 * snapshot is plain memory, filled under the locks in microseconds and turned into JSON without any of them
 * (control/stat_json.h). It holds no secret: URLs in it are redacted.
 */
#ifndef CME_RELAY_BASE_STAT_H
#define CME_RELAY_BASE_STAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "relay/base/spec.h"
#include "stream/media.h"

#define CME_STAT_URL_MAX  256
#define CME_STAT_FILE_MAX 128

enum cme_source_state {
	CME_SOURCE_CONNECTING, /* being opened, or new and about to be */
	CME_SOURCE_LIVE,
	CME_SOURCE_STALLED,
	CME_SOURCE_DOWN,  /* failed: there is always an error that says why */
	CME_SOURCE_READY, /* a list that is open and not being played */
	CME_SOURCE_ENDED, /* a list that is played out */
	CME_SOURCE_STATES
};

enum cme_output_state {
	CME_OUTPUT_WAITING,    /* no media yet: there is nothing to open a connection with */
	CME_OUTPUT_CONNECTING, /* resolve, connect, handshake, publish */
	CME_OUTPUT_LIVE,       /* the peer takes packets */
	CME_OUTPUT_BACKOFF,    /* failed, will try again */
	CME_OUTPUT_REFUSED,    /* the peer said no: tries again, slower */
	CME_OUTPUT_FENCED,     /* there is no lease to publish with (fence.h) */
	CME_OUTPUT_STATES
};

extern const char *const cme_source_state_names[CME_SOURCE_STATES];
extern const char *const cme_output_state_names[CME_OUTPUT_STATES];

/* An error and when it came. */
struct cme_error_stat {
	struct cme_err err; /* code empty: none yet */
	double at;          /* unix seconds */
};

/* Where a list is. */
struct cme_play_stat {
	bool list;     /* false: the source is none, and the rest means nothing */
	size_t index;  /* of the entry, from 0 */
	int64_t round; /* rounds that are complete */
	char url[CME_STAT_URL_MAX];
	int64_t offset_us; /* into the entry */
	int64_t played_us; /* of all that was played */
};

/* How the packets of main and backup lie to each other, when they are to be merged. */
enum cme_merged {
	CME_MERGED_OFF,       /* not asked for, or there are not two live inputs */
	CME_MERGED_ALONE,     /* packets come by one of them at most */
	CME_MERGED_ALIGNING,  /* whether they are the same is not known yet */
	CME_MERGED_ALIGNED,   /* they are the same: what one loses comes by the other */
	CME_MERGED_REPEATS,   /* nothing tells which packets are the same: picture and sound repeat */
	CME_MERGED_FAR,       /* they are the same, too far apart */
	CME_MERGED_DIFFERENT, /* they are not the same */
	CME_MERGED_STATES
};

extern const char *const cme_merged_names[CME_MERGED_STATES];

struct cme_merge_stat {
	enum cme_merged state;
	struct cme_err err;  /* why they are not merged; code empty: they are, or it is not known yet */
	int64_t distance_us; /* how much later the backup's packets come; of ALIGNED and FAR */
	int64_t held_us;     /* for how long packets wait for the other input now; 0: none does */
	struct {
		uint64_t taken;   /* packets sent from this input */
		uint64_t doubled; /* that the other brought sooner */
		uint64_t late;    /* that neither brought in time */
	} input[CME_INPUTS];
};

struct cme_input_stat {
	bool present; /* false: there is no such input, and the rest means nothing */
	enum cme_source_state state;
	double since;   /* unix seconds of the last state change */
	unsigned opens; /* times it came live */
	struct cme_error_stat error;
	double fps;
	double kbps;
	uint64_t packets;
	uint64_t dropped;
	int64_t age_us; /* since the last packet; -1: none came */
	size_t gop_packets;
	int64_t gop_us; /* of the last whole GOP; 0: none yet */
	unsigned gop_frames;
	uint64_t dts_jumps;
	struct cme_play_stat play;
	struct cme_media_facts codecs; /* without names: not known yet */
};

struct cme_output_stat {
	char id[CME_SPEC_TEXT_MAX + 1];
	char name[CME_SPEC_TEXT_MAX + 1];
	const char *records;          /* "programme", "main" or "backup"; NULL: it is a destination */
	char file[CME_STAT_FILE_MAX]; /* that is written; "": none */
	enum cme_output_state state;
	double since;      /* unix seconds of the last state change */
	unsigned connects; /* times it went live */
	struct cme_error_stat error;
	struct cme_err waits_for; /* of one that is waiting, in words; without a code: it does not wait */
	uint64_t bytes;           /* payload sent */
	uint64_t packets;
	double kbps;
	double fps;
	int64_t unsent_bytes; /* in the kernel, not acknowledged by the peer's; -1: not known */
	bool wrote;           /* something was sent; else the next two mean nothing */
	int64_t write_age_us;
	int64_t last_dts_us;  /* on the output timeline */
	int64_t delay_p50_us; /* -1: nothing was sent lately; as the next */
	int64_t delay_p99_us;
	struct {
		uint64_t dropped;
		uint64_t overflows;
		size_t packets;
		size_t bytes;
		int64_t span_us;
		size_t high_bytes;
		int64_t high_us;
	} queue;
};

/* What the inputs give to the destinations (programme.h). */
struct cme_programme_facts {
	struct cme_media_facts codecs; /* without names: nothing yet */
	double fps;                    /* 0: there is no picture */
};

struct cme_relay_stat {
	const struct cme_spec *spec; /* the desired state; the relay's, until it is given another */
	double started_at;           /* unix seconds */
	int active;
	struct cme_input_stat input[CME_SOURCES];
	bool on_slate; /* in place of the active input */
	struct cme_programme_facts programme;
	struct cme_merge_stat merge;
	bool uplink_full;
	struct {
		bool wanted;     /* false: the engine publishes without one */
		int64_t epoch;   /* the last one; 0: none yet */
		int64_t left_us; /* 0: it is over */
	} lease;
	struct cme_output_stat *output; /* owned */
	size_t outputs;
};

void cme_relay_stat_fini(struct cme_relay_stat *stat);

/* A part whose thread has not moved since a question of before. */
struct cme_stuck {
	const char *kind; /* "input", "output" */
	const char *name; /* the relay's, until the desired state changes */
	bool on_air;      /* viewers miss it */
};

struct cme_alive {
	struct cme_stuck stuck[CME_SOURCES + CME_SPEC_OUTPUTS_MAX];
	size_t count;
};

#endif
