/* SPDX-License-Identifier: MIT
 *
 * The process that reads one source (source_pull.h): its start, what it says, its media as bytes, and its
 * end. Belongs to the input's thread, which it keeps waiting at most as long as it was told.
 */
#ifndef CME_RELAY_SOURCE_PULL_READER_PROCESS_H
#define CME_RELAY_SOURCE_PULL_READER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "child/report.h"
#include "child/spawn.h"
#include "common/err.h"
#include "relay/source/feed.h"

#define CME_READER_IN ((size_t)64 * 1024)

struct cme_reader_process {
	struct cme_child child;
	struct cme_report_reader reports;
	bool opened; /* it said that the source is open, and of that: */
	bool paced;
	bool flv;                   /* the media are the source's own bytes */
	bool streams;               /* it said which streams come */
	bool expected[CME_STREAMS]; /* those */
	struct cme_promise promise; /* what it said last */
	unsigned dropped;           /* packets that it left out, since the owner looked */
	bool sign;                  /* it said that the source lives, since the owner looked */
	bool ended;                 /* no more media come */
	bool hung_up;               /* because it has closed its end */
	bool over;                  /* because all was read */
	struct cme_err err;         /* why; code empty: not known yet */
	int64_t heard_us;           /* when it was last heard of */
	const uint8_t *at;          /* media that are not used up */
	size_t len;
	uint8_t in[CME_READER_IN];
};

/* Starts it and tells it what to read. 0, or -1 with process->err; end after either. */
int cme_reader_process_start(struct cme_reader_process *process, const struct cme_feed *feed);

/* Asks it to end, waits for that a little, and ends it; one that has read all becomes a spare where those are
 * wanted. */
void cme_reader_process_end(struct cme_reader_process *process, struct cme_spares *spares);

/* Takes what it says and, when all that came before is used up, media. Waits for either, at most that long.
 */
void cme_reader_process_take(struct cme_reader_process *process, int wait_ms);

/* It is over: finds out why, which process->err says then. */
void cme_reader_process_judge(struct cme_reader_process *process);

#endif
