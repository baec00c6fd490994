/* SPDX-License-Identifier: MIT */
#include "relay/source/player.h"

#include <stdlib.h>

#include "relay/base/backoff.h"
#include "relay/base/sys.h"
#include "relay/source/player_state.h"

#define LATE_US CME_SECOND_US /* behind the clock by this: the rest is played later, not faster */

/* 8 s ahead; up to the other limits where sound and picture lie further apart in the file. */
static const struct cme_shelf_limits shelf_limits = { .ahead_us = 8 * CME_SECOND_US,
						      .bytes = (size_t)32 * 1024 * 1024,
						      .items = 8192 };

static void init_wait(struct cme_player *player)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&player->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&player->wake, &attr);
	pthread_condattr_destroy(&attr);
}

struct cme_player *cme_player_new(const struct cme_input_spec *spec, const char *ca_file)
{
	struct cme_player *player = calloc(1, sizeof *player);

	if (!player)
		return NULL;
	cme_shelf_init(&player->shelf, shelf_limits);
	for (size_t i = 0; i < CME_SPARES; i++)
		player->spares.child[i] = (struct cme_child)CME_CHILD_NONE;
	player->spec = spec;
	player->ca_file = ca_file;
	player->now.url = spec->urls[0];
	cme_cancel_init(&player->cancel);
	cme_life_init(&player->life);
	cme_playlist_init(&player->list, spec->count, spec->loop);
	init_wait(player);
	return player;
}

/* ---- the shelf; with the lock held */

static struct cme_shelf_item take(struct cme_player *player)
{
	struct cme_shelf_item item = cme_shelf_take(&player->shelf);

	player->now = item.where;
	player->now.offset_us += item.at_us;
	if (player->now.offset_us < 0) /* sound may begin a frame before its entry does */
		player->now.offset_us = 0;
	player->now.played_us = item.at_us;
	pthread_cond_broadcast(&player->wake);
	return item;
}

/* How long until an item of this list time is due. The list's time never jumps. */
static int64_t delay_us(struct cme_player *player, int64_t at_us)
{
	int64_t now_us = cme_now_us(), delay_us;

	if (!player->pacer.anchored)
		return cme_pacer_delay_us(&player->pacer, at_us, now_us);
	delay_us = -cme_pacer_behind_us(&player->pacer, at_us, now_us);
	return delay_us > 0 ? delay_us : 0;
}

/* ---- the input's thread */

enum act {
	CANCELLED,
	FAULT,  /* an entry was left */
	BARREN, /* and there is nothing to play */
	READY,  /* there is something to play */
	PLAY,   /* the item is due */
	LATE,   /* the same, and it comes later than the list's time says */
};

static bool next_fault(struct cme_player *player, struct cme_err *err)
{
	if (!player->fault.code[0])
		return false;
	*err = player->fault;
	player->fault.code[0] = '\0';
	pthread_cond_broadcast(&player->wake);
	return true;
}

static bool becomes_ready(struct cme_player *player, struct cme_shelf_item *item)
{
	const struct cme_shelf_item *head = cme_shelf_head(&player->shelf);

	if (player->ready || !head || !head->packet)
		return false;
	player->ready = true;
	*item = *head;
	return true;
}

static bool next_item(struct cme_player *player, struct cme_shelf_item *item)
{
	const struct cme_shelf_item *head;

	while (player->playing && (head = cme_shelf_head(&player->shelf))) {
		if (head->packet && player->skip && !head->packet->start) {
			cme_packet_unref(take(player).packet);
			player->dropped++;
			continue;
		}
		player->skip = false;
		if (delay_us(player, head->at_us) > 0)
			return false;
		*item = take(player);
		return true;
	}
	return false;
}

/* The clock is well past the time of what comes next, of both streams: the pacer begins anew. */
static void check_late(struct cme_player *player)
{
	if (!player->playing || !cme_shelf_head(&player->shelf) ||
	    cme_pacer_behind_us(&player->pacer, cme_shelf_latest_us(&player->shelf), cme_now_us()) < LATE_US)
		return;
	player->pacer.anchored = false;
	player->late = true;
}

/* When to look again, if nothing signals. */
static int64_t look_again_us(struct cme_player *player)
{
	const struct cme_shelf_item *head = cme_shelf_head(&player->shelf);

	if (!player->playing || !head)
		return cme_now_us() + 60 * CME_SECOND_US;
	return cme_now_us() + delay_us(player, head->at_us);
}

static enum act next_act(struct cme_player *player, struct cme_shelf_item *item, struct cme_err *err)
{
	enum act act = CANCELLED;

	cme_life_sign();
	pthread_mutex_lock(&player->lock);
	while (!player->cancelled) {
		bool nothing = player->barren && !cme_shelf_head(&player->shelf);

		check_late(player);
		if (next_fault(player, err)) {
			act = nothing ? BARREN : FAULT;
			player->ready = player->ready && !nothing;
		} else if (becomes_ready(player, item)) {
			act = READY;
		} else if (next_item(player, item)) {
			act = player->late ? LATE : PLAY;
			player->late = false;
		} else {
			cme_player_wait_until(player, look_again_us(player));
			continue;
		}
		break;
	}
	pthread_mutex_unlock(&player->lock);
	return act;
}

/* Beside the next thing that there is to say. */
static void tell_dropped(struct cme_player *player, const struct cme_input_sink *sink,
			 struct cme_input *input)
{
	unsigned count;

	pthread_mutex_lock(&player->lock);
	count = player->dropped;
	player->dropped = 0;
	pthread_mutex_unlock(&player->lock);
	if (count)
		sink->dropped(sink->ctx, input, count);
}

/* false: that was the end. */
static bool hand_out(const struct cme_input_sink *sink, struct cme_input *input,
		     const struct cme_shelf_item *item, bool late)
{
	if (!item->packet) {
		sink->played_out(sink->ctx, input);
		return false;
	}
	if (late)
		sink->late(sink->ctx, input);
	item->packet->arrival_us = cme_now_us();
	cme_input_put(input, item->packet);
	cme_input_rest(input);
	return true;
}

/* A machine may be out of threads for a while. false: cancelled. */
static bool start_filler(struct cme_player *player, const struct cme_input_sink *sink,
			 struct cme_input *input, pthread_t *filler)
{
	struct cme_backoff backoff;
	struct cme_err err;

	cme_backoff_init(&backoff, cme_backoff_inputs);
	for (;;) {
		struct cme_backoff_end end = { .unit = cme_random_unit() };

		sink->opening(sink->ctx, input);
		if (pthread_create(filler, NULL, cme_player_fill, player) == 0)
			return true;
		cme_err_set(&err, "internal", "no thread could be started");
		sink->ended(sink->ctx, input, &err);
		if (!cme_player_pause(player, cme_backoff_next(&backoff, &end)))
			return false;
	}
}

void cme_player_run(struct cme_player *player, const struct cme_input_sink *sink, struct cme_input *input)
{
	pthread_t filler;
	struct cme_shelf_item item = { 0 };
	struct cme_err err;
	enum act act;
	bool more = true;

	if (!start_filler(player, sink, input, &filler))
		return;
	while (more && (act = next_act(player, &item, &err)) != CANCELLED) {
		tell_dropped(player, sink, input);
		if (act == FAULT)
			sink->fault(sink->ctx, input, &err);
		else if (act == BARREN)
			sink->ended(sink->ctx, input, &err);
		else if (act == READY)
			sink->ready(sink->ctx, input, item.packet->media);
		else
			more = hand_out(sink, input, &item, act == LATE);
	}
	pthread_join(filler, NULL);
}

void cme_player_play(struct cme_player *player, bool playing)
{
	pthread_mutex_lock(&player->lock);
	if (playing && !player->playing) {
		player->skip = player->now.played_us > 0;
		player->pacer.anchored = false;
	}
	player->playing = playing;
	pthread_cond_broadcast(&player->wake);
	pthread_mutex_unlock(&player->lock);
}

void cme_player_position(struct cme_player *player, struct cme_position *position)
{
	pthread_mutex_lock(&player->lock);
	*position = player->now;
	pthread_mutex_unlock(&player->lock);
}

int64_t cme_player_ask(struct cme_player *player, int64_t now_us)
{
	int64_t quiet_us = cme_life_ask(&player->life, now_us);

	pthread_mutex_lock(&player->lock);
	pthread_cond_broadcast(&player->wake);
	pthread_mutex_unlock(&player->lock);
	return quiet_us;
}

bool cme_player_resolving(const struct cme_player *player)
{
	return cme_life_resolving(&player->life);
}

void cme_player_cancel(struct cme_player *player)
{
	cme_cancel(&player->cancel);
	pthread_mutex_lock(&player->lock);
	player->cancelled = true;
	pthread_cond_broadcast(&player->wake);
	pthread_mutex_unlock(&player->lock);
}

void cme_player_free(struct cme_player *player)
{
	cme_shelf_fini(&player->shelf);
	cme_media_unref(player->first);
	pthread_cond_destroy(&player->wake);
	pthread_mutex_destroy(&player->lock);
	free(player);
}
