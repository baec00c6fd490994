/* SPDX-License-Identifier: MIT
 *
 * Turns the timestamps of whatever input is active into one output timeline whose DTS never steps
 * back per stream, over switches, reconnects, jumps and loops of the source.
 *
 * A segment is a run of packets of one input under one offset, the same for picture and sound, so they
 * stay together. A new segment starts at the last DTS of the same stream, plus the time by which its
 * first packet arrived later than that one: an outage of two seconds is two seconds on the timeline, and
 * a cached GOP that arrived during the outage fills it instead of running ahead of the clock. Where it
 * has to run ahead, so as not to step back, the next segment starts earlier by as much: over any number
 * of switches the timeline keeps the clock's time.
 *
 *     in   main  | 71.0 71.04 71.08 |                  backup | 5.0 5.04 ...
 *     out        | 10.0 10.04 10.08 |<- arrival gap -> | 10.1 10.14 ...
 *
 * A stream that jumps inside a segment (encoder restarted, file looped) starts a new offset; the other
 * stream follows when its own jump arrives, onto the same offset. Pure: no clock, no lock. Microseconds.
 */
#ifndef CME_RELAY_TIMELINE_H
#define CME_RELAY_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

enum { CME_VIDEO, CME_AUDIO, CME_STREAMS };

struct cme_timeline_in {
	int stream; /* CME_VIDEO or CME_AUDIO */
	int64_t dts;
	int64_t pts;
	int64_t arrival; /* monotonic clock when the packet came */
};

struct cme_timeline_out {
	int64_t dts;
	int64_t pts; /* never before dts */
};

struct cme_timeline {
	bool started;         /* something was mapped */
	bool cut;             /* the next packet starts a segment */
	int64_t offset;       /* of the segment: out = in + offset */
	int64_t last_out;     /* highest DTS mapped, over both streams */
	int64_t last_arrival; /* arrival of that packet */
	int64_t lead;         /* how far the segment runs ahead of the clock; 0 or more */
	struct {
		bool in_segment;  /* has had a packet since the cut */
		int64_t offset;   /* its own, until it has followed a jump */
		int64_t last_in;  /* DTS as it came in */
		int64_t arrival;  /* and when */
		int64_t last_out; /* INT64_MIN before the first */
		int64_t sent;     /* arrival of the packet that was mapped to it */
		int64_t interval; /* between its last two DTS, within bounds */
	} stream[CME_STREAMS];
};

/* Whether a stream's DTS that moved by so much, while the clock moved by `elapsed_us`, is a jump of the
 * source and not a gap or jitter. */
bool cme_timeline_jumps(int64_t moved_us, int64_t elapsed_us);

void cme_timeline_init(struct cme_timeline *timeline);

/* The next packet comes from another input, or from the same one after a reconnect. */
void cme_timeline_cut(struct cme_timeline *timeline);

/* false: leave the packet out (sound from before the picture the segment started with). */
bool cme_timeline_map(struct cme_timeline *timeline, const struct cme_timeline_in *in,
		      struct cme_timeline_out *out);

#endif
