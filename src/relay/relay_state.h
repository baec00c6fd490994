/* SPDX-License-Identifier: MIT
 *
 * The relay's own state, shared by relay.c (what runs: main thread), relay_inputs.c (what inputs tell: their
 * threads), relay_media.c (where packets go: input threads, and the main thread for failover), relay_merge.c
 * (two inputs as one), relay_watch.c (what time brings), relay_slate.c and relay_stat.c. Not for other files.
 */
#ifndef CME_RELAY_RELAY_STATE_H
#define CME_RELAY_RELAY_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "relay/base/rate.h"
#include "relay/liveness.h"
#include "relay/output/output.h"
#include "relay/programme.h"
#include "relay/relay.h"
#include "relay/source/input.h"
#include "stream/cadence.h"
#include "stream/gop.h"
#include "stream/timeline.h"

/* Pointers of one kind. */
struct cme_list {
	void **items;
	size_t count;
	size_t cap;
};

/* One input, or the slate, and what the relay knows of it. */
struct cme_source {
	struct cme_input *input; /* NULL: there is none; set by the main thread under the lock */
	bool list;               /* of files: goes out only while it plays */
	bool playing;            /* on the air, or about to be; false of what is no list */
	enum cme_source_state state;
	double since;               /* unix seconds of the last state change */
	int64_t live_us;            /* monotonic, from when on it could be on the air; 0: it cannot */
	unsigned opens;             /* times it came live */
	bool fresh;                 /* opened again: its next packet starts a segment */
	int64_t last_packet_us;     /* monotonic; 0: none yet */
	struct cme_liveness life;   /* of its picture and its sound */
	struct cme_promise promise; /* what of them cannot be passed on, and why */
	bool started;               /* a keyframe came since it was opened, or there is no picture */
	int64_t picture_us;         /* monotonic, of the last picture of any kind; 0: none yet */
	bool mute;                  /* its sound is lost, and that was told */
	struct cme_gop gop;         /* of struct cme_packet, source time */
	struct cme_media *media;    /* of the last packet; NULL before the first */
	struct cme_rate rate;
	struct cme_cadence cadence; /* what its timestamps show */
	uint64_t packets;           /* that could be read */
	uint64_t dropped;     /* that could not, and of `packets` those left out while it was on the air */
	struct cme_err error; /* the last one */
	double error_at;
};

struct cme_relay {
	struct cme_events *events;
	struct cme_fence fence; /* of all destinations */
	char *ca_file;
	struct cme_spec spec; /* main thread only */
	int settled;          /* the input last asked for that came; what is desired again after a switch
				 that failed, and where a failback goes; main thread only */
	double started_at;    /* unix seconds of the first spec; main thread only */

	_Atomic bool prints;  /* packets need their prints; changed under the lock */
	pthread_mutex_t lock; /* guards everything below */
	struct cme_source source[CME_SOURCES];
	int active; /* an input, also while the slate is on the air in its place */
	int64_t active_since_us;
	int64_t stall_limit_us;
	bool failover;
	int64_t failback_us;       /* how long the input that was asked for has to be live; -1: never */
	int64_t failback_tried_us; /* monotonic, when that was tried last; 0: never */
	bool need_start;           /* the active input has to deliver a keyframe first */
	struct cme_timeline timeline;
	struct cme_media *delivered; /* media of the last keyframe delivered; NULL: none yet */
	int64_t last_delivered_us;   /* monotonic; 0: nothing yet */

	struct {
		bool pending; /* asked for, waits for a keyframe of `to` */
		int to;
		const char *reason; /* "request", "failback" */
		int64_t deadline_us;
		bool has_result[CME_INPUTS];                 /* not told by cme_relay_switch_result yet */
		struct cme_switch_result result[CME_INPUTS]; /* of the last switch to each input */
	} change;
	struct {
		bool pending; /* a switch was made; the event waits for the first packet delivered */
		int from;
		const char *reason; /* "request", "failover", "failback", "merge" */
	} announce;

	struct {
		bool on;            /* the air */
		bool announce;      /* its beginning or end; waits for the first packet delivered */
		bool unfit;         /* it cannot be used, and that was told */
		int64_t after_us;   /* without a picture, until it comes */
		int64_t since_us;   /* monotonic, of the first spec */
		int64_t picture_us; /* monotonic, of the last picture that went out, or packet where there
				     * are no pictures; 0: none yet */
	} slate;
	struct cme_programme programme; /* of what inputs gave; the slate does not count */
	struct cme_uplink uplink;
	struct cme_relay_merge *merging; /* NULL: main and backup are not merged */

	struct cme_list outputs; /* of struct cme_output, running; changed by the main thread */
	bool carrying;           /* an input's thread has the lock, and will carry */
	void (*carry)(void);     /* what it has to; NULL: nothing. One kind of output has it (output.h) */

	/* Told to stop, not joined yet; main thread only. Room for what runs is kept, so that stopping
	 * never needs memory. */
	struct cme_list leaving_outputs;
	struct cme_list leaving_inputs;
};

/* relay_inputs.c */

extern const struct cme_input_sink cme_relay_sink;

/* relay_media.c; called with the lock held */

/* A packet of an input: to its GOP, and on the air if the input is. print: cme_relay_merge_print of it. */
void cme_relay_take(struct cme_relay *relay, int i, struct cme_packet *packet, uint64_t print);

void cme_source_set_state(struct cme_relay *relay, int i, enum cme_source_state state,
			  const struct cme_err *err);

/* Posts the input's state as an event, with the error where there is one. */
void cme_source_announce(struct cme_relay *relay, int i, const struct cme_err *err);

/* Tells of a fault that leaves the state as it is; err NULL: it is over. */
void cme_source_tell(struct cme_relay *relay, int i, const struct cme_err *err);

/* Lets lists play that are on the air or waited for, and no others: after every change of either. */
void cme_relay_gate(struct cme_relay *relay);

/* Makes `to` active. With `replay` its cached GOP goes out at once. */
void cme_relay_change_to(struct cme_relay *relay, int to, const char *reason, bool replay);

/* From now on the next keyframe of `to` makes it active. */
void cme_relay_await_change(struct cme_relay *relay, int to, const char *reason);

/* The switch asked for is over without having happened. */
void cme_relay_change_failed(struct cme_relay *relay, const struct cme_err *err);

/* The next packet delivered is the first of this source's on the output timeline. */
void cme_relay_begin_segment(struct cme_relay *relay, int i);

/* 0, or -1: the destinations' connections cannot carry what `to` has. */
int cme_relay_check_change(const struct cme_relay *relay, int to, struct cme_err *err);

/* relay_tap.c; with the lock held: gives a packet of input i to the recordings of that input. */
void cme_relay_tap(struct cme_relay *relay, int i, struct cme_packet *packet,
		   const struct cme_timeline_in *in);

/* relay_slate.c; with the lock held */

/* The source whose packets go out. */
int cme_relay_on_air(const struct cme_relay *relay);

/* Puts the slate on the air, or takes it off, if that is due; when to look again. */
int64_t cme_relay_check_slate(struct cme_relay *relay, int64_t now_us);

/* The slate is on the air, and ends with this packet of input i. */
bool cme_relay_slate_yields(const struct cme_relay *relay, int i, const struct cme_packet *packet);
void cme_relay_end_slate(struct cme_relay *relay, int i);

/* Posts that it is on the air, or no more. */
void cme_relay_announce_slate(struct cme_relay *relay, int64_t gap_ms);

/* The active input takes its place, by a switch. */
void cme_relay_leave_slate(struct cme_relay *relay);

/* relay_media.c; with the lock held, but for the first */
struct cme_timeline_in cme_packet_time(const struct cme_packet *packet);

/* Maps the packet onto the output timeline by the times in `in` and gives it to every output. `came_us`: when
 * it came, for its outputs. */
void cme_relay_deliver(struct cme_relay *relay, struct cme_packet *packet, const struct cme_timeline_in *in,
		       int64_t came_us);

/* relay_merge.c; all but print with the lock held */

/* The packet's print, if it needs one. On the input's thread, without the lock. */
uint64_t cme_relay_merge_print(struct cme_relay *relay, const struct cme_packet *packet);

/* Begins or ends merging. Without memory inputs are not merged. */
void cme_relay_merge_set(struct cme_relay *relay, bool on, int64_t window_us);
void cme_relay_merge_free(struct cme_relay *relay);

/* The slate took the air: what the inputs bring after it begins anew. */
void cme_relay_merge_reset(struct cme_relay *relay);

/* A packet of an input, while relay->merging and no slate is on the air. */
void cme_relay_merge_take(struct cme_relay *relay, int i, struct cme_packet *packet, uint64_t print);

/* The input's connection ended. */
void cme_relay_merge_end(struct cme_relay *relay, int i);

/* The input is to be the active one. false: it feeds the programme already, which goes on as it is. */
bool cme_relay_merge_lead(struct cme_relay *relay, int to);

/* When to look again; INT64_MAX: not before something comes. */
int64_t cme_relay_merge_watch(struct cme_relay *relay, int64_t now_us);

void cme_relay_merge_stat(const struct cme_relay *relay, int64_t now_us, struct cme_merge_stat *stat);

/* relay_uplink.c; with the lock held */

/* Looks at how much outputs hold, and tells when that is too much. */
void cme_relay_check_uplink(struct cme_relay *relay, int64_t now_us);

/* relay_watch.c; with the lock held */

/* Does what is due; when to look again, next_us at the latest. */
int64_t cme_relay_watch(struct cme_relay *relay, int64_t now_us, int64_t next_us);

/* The input that was asked for is the one on the air and has nothing more. */
bool cme_relay_is_played_out(const struct cme_relay *relay);

#endif
