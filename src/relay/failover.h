/* SPDX-License-Identifier: MIT
 *
 * When to leave the active input: it is without packets for the stall limit and the other one is
 * live. The limit counts from the last packet, or from when the input became the active one, so a
 * source that is dead from the start is left after the limit too. One that is still in its first try
 * to open gets CME_FAILOVER_FIRST_US more: servers send nothing until the next keyframe, and a start
 * must not end on the backup for that. One that is played out is left at once. One that lost a stream is left
 * only for an input that has it, and has no less of the rest. An input that has fallen silent for longer than
 * its pictures are apart is waited for: when both sources die at once, the one that was noticed last would
 * else show its last pictures once more. And when to go back from there, if that is wished: once the input
 * that was asked for has been live for the hold time, so that one that comes and goes is not followed. Pure:
 * the clock is an argument.
 */
#ifndef CME_RELAY_FAILOVER_H
#define CME_RELAY_FAILOVER_H

#include <stdbool.h>
#include <stdint.h>

#define CME_FAILOVER_FIRST_US       3000000
#define CME_FAILOVER_QUIET_US       500000 /* of an input that is well, at least */
#define CME_FAILOVER_QUIET_PICTURES 3
#define CME_FAILOVER_AGAIN_US       50000
#define CME_FAILBACK_AGAIN_US       10000000

struct cme_failover_view {
	bool enabled;
	int active; /* index into input */
	int64_t now_us;
	int64_t limit_us;
	int64_t active_since_us; /* when the active input became that */
	struct {
		bool present;
		bool first_try;         /* nothing came of it yet, neither packets nor a failure */
		bool live;              /* open, and its picture decodable from what is cached */
		bool over;              /* played out: nothing comes any more */
		int64_t last_packet_us; /* that shows it to be alive; 0: none yet */
		bool picture;           /* comes now */
		bool sound;             /* the same */
		bool sound_lost;        /* for the limit: it was promised */
		int64_t pace_us;        /* between two pictures, as measured; 0: not known */
	} input[2];
};

struct cme_failover_verdict {
	int to;              /* the input to switch to; -1: stay */
	int64_t check_at_us; /* when to ask again if no packet comes; INT64_MAX: not before something changes
			      */
};

struct cme_failover_verdict cme_failover_decide(const struct cme_failover_view *view);

struct cme_failback_view {
	int64_t hold_us;       /* -1: never by itself */
	bool away;             /* another input than the one asked for is active */
	bool busy;             /* a switch is under way */
	int64_t live_since_us; /* of the one asked for; 0: it is not */
	int64_t tried_us;      /* when it was tried last; 0: never */
};

/* When to go back; INT64_MAX: not before something changes. A try that failed is made again after the hold
 * time, and never sooner than CME_FAILBACK_AGAIN_US: what stood in its way (other codecs) is still there. */
int64_t cme_failback_at_us(const struct cme_failback_view *view);

/* The input has been without packets for the limit. */
bool cme_failover_stalled(int64_t now_us, int64_t last_packet_us, int64_t limit_us);

#endif
