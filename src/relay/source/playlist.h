/* SPDX-License-Identifier: MIT
 *
 * A list of files played one after the other: which entry comes next, and where on the list's own time,
 * which begins at 0 and never jumps, the packets of an entry lie.
 *
 *     entry       0             1          0 (round 1)
 *     its DTS  |7.0 ... 12.0| |0 ... 3.0| |7.0 ...
 *     list     |0   ...  5.0|  5 ... 8.0| |8.0 ...
 *
 * Where picture and sound of an entry do not end together the next one begins when the later has ended.
 * A jump inside an entry is closed up. Pure: no clock, no lock. Microseconds.
 */
#ifndef CME_RELAY_SOURCE_PLAYLIST_H
#define CME_RELAY_SOURCE_PLAYLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream/timeline.h" /* CME_VIDEO, CME_AUDIO */

#define CME_PLAYLIST_FOREVER (-1)

struct cme_playlist {
	size_t count;      /* entries */
	int64_t loop;      /* times to play all of it again; CME_PLAYLIST_FOREVER */
	size_t index;      /* the entry at hand, from 0 */
	int64_t round;     /* rounds that are complete */
	bool played;       /* something of this round could be */
	int64_t begin_us;  /* list time at which the entry at hand begins */
	int64_t end_us;    /* and at which what was mapped so far has ended */
	int64_t offset_us; /* list time = DTS + this */
	bool fresh;        /* the entry has had no packet yet */
	struct {
		bool seen; /* in this entry */
		int64_t offset_us;
		int64_t dts_us;  /* as it came in */
		int64_t step_us; /* between the last two: how long the last packet lasts, if it does not say
				  */
	} stream[CME_STREAMS];
};

enum cme_playlist_step {
	CME_PLAYLIST_ENTRY,  /* play the entry at hand */
	CME_PLAYLIST_BARREN, /* the same, after a pause: nothing of a whole round could be played */
	CME_PLAYLIST_OVER,   /* the last entry stays at hand */
};

void cme_playlist_init(struct cme_playlist *list, size_t count, int64_t loop);

/* The entry at hand is through, or of no use: on to the next. A round of which nothing could be played is
 * not counted, and played anew. */
enum cme_playlist_step cme_playlist_next(struct cme_playlist *list);

/* The DTS of a packet of the entry at hand on the list's time. */
int64_t cme_playlist_map(struct cme_playlist *list, int stream, int64_t dts_us);

#endif
