/* SPDX-License-Identifier: MIT
 *
 * A player's own state, shared by player.c (the input's thread, which hands out what is due) and
 * player_filler.c (the filler's thread, which reads ahead). Not for other files.
 *
 *     filler --> shelf --> input's thread --> relay
 */
#ifndef CME_RELAY_SOURCE_PLAYER_STATE_H
#define CME_RELAY_SOURCE_PLAYER_STATE_H

#include <pthread.h>

#include "relay/base/life.h"
#include "relay/source/pacer.h"
#include "relay/source/player.h"
#include "relay/source/playlist.h"
#include "relay/source/shelf.h"

struct cme_player {
	const struct cme_input_spec *spec;
	const char *ca_file;
	struct cme_cancel cancel; /* of the filler */
	struct cme_life life;     /* of the filler */

	/* the filler's alone */
	struct cme_spares spares; /* one of which reads the next entry */
	struct cme_playlist list;
	struct cme_media *first; /* what the list began with; NULL: nothing yet */

	pthread_mutex_t lock; /* guards everything below */
	pthread_cond_t wake;  /* of both threads; CLOCK_MONOTONIC */
	bool cancelled;
	bool playing;
	bool skip;        /* up to the next keyframe: it was stopped inside a GOP */
	bool ready;       /* the sink knows that there is something to play */
	unsigned dropped; /* packets that cannot go out, which the sink does not know of yet */
	struct cme_shelf shelf;
	struct cme_err fault; /* of the filler, for the sink; code empty: none */
	bool barren;          /* and nothing at all can be played now */
	struct cme_pacer pacer;
	bool late;               /* it began anew: what comes next is later than the list's time says */
	struct cme_position now; /* of what was last handed out */
};

/* Waits until the other thread signals, with the lock held; or until then (monotonic) at most. */
void cme_player_wait(struct cme_player *player);
void cme_player_wait_until(struct cme_player *player, int64_t at_us);

/* Waits that long. false: cancelled. */
bool cme_player_pause(struct cme_player *player, double delay_s);

/* The filler's thread: one entry of the list after the other to the shelf. */
void *cme_player_fill(void *arg);

#endif
