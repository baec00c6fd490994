/* SPDX-License-Identifier: MIT
 *
 * The DTS rebase: turns the timestamps of whatever input is active into one output timeline. The DTS of a
 * stream never steps back on it, over switches, reconnects, jumps and loops of the source.
 *
 * A segment is a run of packets of one input under one offset, the same for picture and sound, so they
 * stay together. A new segment starts where the clock is by then: `base` is what lies between the two, as
 * the first seconds showed it. So an outage of two seconds is two seconds on the timeline, a cached GOP
 * that arrived during the outage fills it, and what a segment has to run ahead in order not to step back
 * is not handed on to the next one. Where it would have to by no more than a few frames (the old input went
 * on while the new one's keyframe was late) it does not: those frames stand closer together instead.
 *
 * Where the clock is for a packet is told by when it was due: it comes in with that (cadence.h), so that
 * a keyframe that was late, being large, does not move its segment. Within a segment the offset follows
 * the clock by at most CME_TIMELINE_SLEW of the time that passes: what ran ahead at a switch is given
 * back in seconds (more than three are left), and a source whose clock is fast or slow stays with ours, too
 * slowly for an ear.
 *
 *     in   main  | 71.0 71.04 71.08 |                  backup | 5.0 5.04 ...
 *     out        | 10.0 10.04 10.08 |<- arrival gap -> | 10.1 10.14 ...
 *
 * Sound that does not step forward (frames that share a timestamp, or step back a little) follows the frame
 * before by its duration; pictures stand a millisecond apart then. A picture's PTS may lie before its DTS by
 * as much as it did in the source, and no more.
 *
 * A stream that jumps inside a segment (encoder restarted, file looped) starts a new offset; the other
 * stream follows when its own jump arrives, onto the same offset. Pure: no clock, no lock. Microseconds.
 */
#ifndef CME_STREAM_TIMELINE_H
#define CME_STREAM_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

enum { CME_VIDEO, CME_AUDIO, CME_STREAMS };

struct cme_timeline_in {
	int stream; /* CME_VIDEO or CME_AUDIO */
	int64_t dts;
	int64_t pts;
	int64_t arrival;  /* monotonic clock when the packet came */
	int64_t due;      /* and when it would have, had it been delayed as little as its stream ever is */
	int64_t duration; /* of a sound frame; 0: not known */
};

#define CME_TIMELINE_SLEW 200 /* the offset moves by one part in this of the time at most */

struct cme_timeline_out {
	int64_t dts;
	int64_t pts; /* not further before dts than it came in */
};

struct cme_timeline {
	bool started;         /* something was mapped */
	bool cut;             /* the next packet starts a segment */
	int64_t offset;       /* of the segment: out = in + offset */
	int64_t last_out;     /* highest DTS mapped, over both streams */
	int64_t last_arrival; /* arrival of that packet */
	int64_t settled;      /* arrival from which on the bases stand */
	struct {
		bool in_segment;  /* has had a packet since the cut */
		bool placed;      /* has had one mapped since the cut or its last jump */
		int64_t offset;   /* its own, until it has followed a jump */
		int64_t last_in;  /* DTS as it came in */
		int64_t arrival;  /* and when */
		int64_t last_out; /* INT64_MIN before the first */
		int64_t base;     /* least due - DTS mapped, of the first seconds; INT64_MAX: none */
		int64_t interval; /* between its last two DTS, within bounds */
	} stream[CME_STREAMS];
};

/* Whether a stream's DTS that moved by so much, while the clock moved by `elapsed_us`, is a jump of the
 * source and not a gap or jitter. */
bool cme_timeline_jumps(int64_t moved_us, int64_t elapsed_us);

void cme_timeline_init(struct cme_timeline *timeline);

/* The next packet comes from another input, or from the same one after a reconnect. */
void cme_timeline_cut(struct cme_timeline *timeline);

/* false: leave the packet out: sound from before the picture that everything started with, from before what
 * was sent when a segment begins or the source jumps, or of a source that has far more frames than time. */
bool cme_timeline_map(struct cme_timeline *timeline, const struct cme_timeline_in *in,
		      struct cme_timeline_out *out);

#endif
