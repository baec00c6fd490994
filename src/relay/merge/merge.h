/* SPDX-License-Identifier: MIT
 *
 * Makes one programme of two connections that carry the same encoder's packets: takes each packet from
 * whichever brings it first, drops it when the other brings it too, and waits for the other where one is
 * missing. What SMPTE ST 2022-7 does with the sequence numbers of RTP is done here without any, by order,
 * payload and time (align.h).
 *
 *                      lead                     same packets
 *     CLOSED --> APART -----> JOINED     APART -------------> JOINED
 *        ^                                 ^                     |
 *        +------ close, from any           +---------------------+ other packets, or its time jumps
 *
 * A path that is JOINED feeds the programme; one that is APART is held beside it, as far as `window_us` goes
 * back, so that nothing of it is missing once it joins. The first is made to lead by the owner (which
 * failover chose it); the second joins by itself. The programme's time is the leader's, and stays that when
 * the leader goes: the others' times are mapped onto it, and their clocks too, so that a path that is slower
 * by a second does not move the timeline by that.
 *
 * A packet waits only behind a gap that the other path can still fill: it lies further than the usual step
 * from the one before it, and the other path has not come so far. A damaged one waits in the same way for the
 * other path to bring a whole one in its place. So while both are there and whole the programme
 * follows the faster one without delay. When that one ends, the programme stands still until the slower has
 * caught up. It waits no longer than `window_us` and a quarter more, and not while more waits than
 * CME_MERGE_HELD_BYTES.
 *
 * Pure: the clock is an argument, packets are pointers; no lock, memory only from init. Microseconds.
 */
#ifndef CME_RELAY_MERGE_MERGE_H
#define CME_RELAY_MERGE_MERGE_H

#include "relay/merge/align.h"
#include "relay/merge/line.h"
#include "relay/merge/prints.h"

#define CME_MERGE_PATHS      2
#define CME_MERGE_JITTER     4                          /* a packet waits for this part of the window more */
#define CME_MERGE_HELD_BYTES ((size_t)32 * 1024 * 1024) /* that wait, or of a path that is apart */
#define CME_MERGE_HELD_MAX   4096

enum cme_merge_state {
	CME_MERGE_ALONE,     /* packets come by one path at most */
	CME_MERGE_ALIGNING,  /* by both; whether they are the same is not known yet */
	CME_MERGE_REPEATS,   /* so much repeats that nothing tells how they lie to each other */
	CME_MERGE_FAR,       /* they are the same, further apart than the window */
	CME_MERGE_DIFFERENT, /* they are not the same */
	CME_MERGE_ALIGNED,
	CME_MERGE_STATES
};

enum cme_merge_place { CME_MERGE_CLOSED, CME_MERGE_APART, CME_MERGE_JOINED };

/* One packet. In: dts, pts and due are the path's own; out: the programme's. */
struct cme_merge_packet {
	int path;
	int stream;
	int64_t dts;
	int64_t pts;
	int64_t due;     /* monotonic, when it should have come (stream/cadence.h) */
	int64_t arrival; /* monotonic */
	uint64_t hash;   /* print.h */
	bool key;        /* a keyframe of a picture */
	bool damaged;    /* part of it may be missing: the other path's is better */
	bool waited;     /* out: it was held for the other path */
	size_t bytes;
	void *packet;
};

struct cme_merge_sink {
	void *ctx;
	/* Takes the packet over: it is the programme's next. */
	void (*send)(void *ctx, const struct cme_merge_packet *packet);
	/* Frees a packet that is left out. */
	void (*drop)(void *ctx, void *packet);
};

struct cme_merge_count {
	uint64_t taken;   /* sent from this path */
	uint64_t doubled; /* it brought them after the other */
	uint64_t late;    /* what the other lost, too late to be put in its place */
};

struct cme_merge_path {
	enum cme_merge_place place;
	struct cme_prints prints[CME_STREAMS];
	bool known;               /* the next two are those of a connection before, or of this one */
	int64_t offset;           /* programme = dts + offset */
	int64_t lag[CME_STREAMS]; /* due - programme, of what came last */
	int64_t shift;            /* programme's clock = due - shift */
	int64_t last_arrival;     /* monotonic; 0: nothing yet */
	int64_t first_arrival;
	uint64_t cursor[CME_STREAMS];  /* number of the entry expected next */
	int64_t reached[CME_STREAMS];  /* programme time of the last packet; INT64_MIN: none */
	uint64_t verdicts;             /* of the last 64 that the other had sent: 1 where it had not */
	unsigned judged;               /* how many of them, up to 64 */
	struct cme_merge_packet *held; /* ring of CME_MERGE_HELD_MAX, while apart */
	size_t held_head;
	size_t held_count;
	size_t held_bytes;
	struct cme_merge_count count;
};

struct cme_merge {
	struct cme_merge_sink sink;
	int64_t window_us;
	int leader; /* stays when the two turn out not to be the same */
	struct cme_line line[CME_STREAMS];
	struct cme_merge_path path[CME_MERGE_PATHS];
	int64_t tried_us; /* when alignment was tried last */
	enum cme_align_found found;
	int64_t distance_us; /* of FAR */
	bool parted;         /* they were the same and are not: the leader began anew */
	int64_t waits_until; /* INT64_MAX: nothing waits */
};

/* 0, or -1: no memory; fini after either. */
int cme_merge_init(struct cme_merge *merge, const struct cme_merge_sink *sink, int64_t window_us);

/* Drops what it holds. */
void cme_merge_fini(struct cme_merge *merge);

/* Makes the path the one that stays if the two part. true: it was not joined and feeds the programme alone
 * from here on, which begins anew with its next packet, or with those since its last keyframe, which the
 * owner has to send by itself. */
bool cme_merge_lead(struct cme_merge *merge, int path);

/* Takes the packet over. */
void cme_merge_put(struct cme_merge *merge, const struct cme_merge_packet *packet);

/* The connection is over: what waited for it goes on. */
void cme_merge_close(struct cme_merge *merge, int path, int64_t now_us);

/* What waited long enough goes on. Returns when to call again; INT64_MAX: not before something comes. */
int64_t cme_merge_tick(struct cme_merge *merge, int64_t now_us);

bool cme_merge_joined(const struct cme_merge *merge, int path);

enum cme_merge_state cme_merge_state(const struct cme_merge *merge, int64_t now_us);

/* How much later the second path's packets come than the first's; while aligned, or FAR. */
int64_t cme_merge_distance_us(const struct cme_merge *merge);

#endif
