/* SPDX-License-Identifier: MIT */
#include "relay/source/playlist.h"

#define BACK_US   500000   /* stepping back this far is a jump, less is jitter */
#define AHEAD_US  10000000 /* and so is this far ahead */
#define STEP_US   40000    /* the length of a packet of which nothing is known */
#define LENGTH_US 1000000  /* no packet is longer */

static void begin_entry(struct cme_playlist *list)
{
	list->begin_us = list->end_us;
	list->fresh = true;
	for (int i = 0; i < CME_STREAMS; i++) {
		list->stream[i].seen = false;
		list->stream[i].step_us = STEP_US;
	}
}

void cme_playlist_init(struct cme_playlist *list, size_t count, int64_t loop)
{
	*list = (struct cme_playlist){ .count = count, .loop = loop };
	begin_entry(list);
}

enum cme_playlist_step cme_playlist_next(struct cme_playlist *list)
{
	bool last = list->index + 1 == list->count, barren = last && !list->played;

	if (last && !barren && list->loop != CME_PLAYLIST_FOREVER && list->round >= list->loop)
		return CME_PLAYLIST_OVER;
	begin_entry(list);
	list->index = last ? 0 : list->index + 1;
	if (!last)
		return CME_PLAYLIST_ENTRY;
	list->played = false;
	list->round += !barren;
	return barren ? CME_PLAYLIST_BARREN : CME_PLAYLIST_ENTRY;
}

/* The stream jumps: to where the list has ended, or to where the other stream jumped before. */
static void rebase(struct cme_playlist *list, int stream, int64_t dts_us)
{
	if (list->fresh || list->stream[stream].offset_us == list->offset_us)
		list->offset_us = list->end_us - dts_us;
	list->stream[stream].offset_us = list->offset_us;
}

int64_t cme_playlist_map(struct cme_playlist *list, int stream, int64_t dts_us)
{
	bool seen = list->stream[stream].seen;
	int64_t moved = seen ? dts_us - list->stream[stream].dts_us : 0;
	int64_t mapped;

	if (list->fresh || moved < -BACK_US || moved > AHEAD_US)
		rebase(list, stream, dts_us);
	else if (!seen)
		list->stream[stream].offset_us = list->offset_us;
	else if (moved > 0 && moved < LENGTH_US)
		list->stream[stream].step_us = moved;
	list->fresh = false;
	list->played = true;
	list->stream[stream].seen = true;
	list->stream[stream].dts_us = dts_us;
	mapped = dts_us + list->stream[stream].offset_us;
	if (mapped + list->stream[stream].step_us > list->end_us)
		list->end_us = mapped + list->stream[stream].step_us;
	return mapped;
}
