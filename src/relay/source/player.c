/* SPDX-License-Identifier: MIT */
#include "relay/source/player.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "common/redact.h"
#include "relay/base/backoff.h"
#include "relay/base/life.h"
#include "relay/base/sys.h"
#include "relay/source/feed.h"
#include "relay/source/pacer.h"
#include "relay/source/playlist.h"
#include "relay/source/shelf.h"

#define LATE_US CME_SECOND_US /* behind the clock by this: the rest is played later, not faster */

/* 8 s ahead; up to the other limits where sound and picture lie further apart in the file. */
static const struct cme_shelf_limits shelf_limits = { .ahead_us = 8 * CME_SECOND_US,
						      .bytes = (size_t)32 * 1024 * 1024,
						      .items = 8192 };

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

/* With the lock held. */
static void wait_for_wake(struct cme_player *player)
{
	pthread_cond_wait(&player->wake, &player->lock);
	cme_life_sign();
}

/* With the lock held: until signalled, or until then. */
static void wait_until(struct cme_player *player, int64_t at_us)
{
	struct timespec until = { .tv_sec = (time_t)(at_us / CME_SECOND_US),
				  .tv_nsec = (long)(at_us % CME_SECOND_US) * 1000 };

	pthread_cond_timedwait(&player->wake, &player->lock, &until);
	cme_life_sign();
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

/* ---- the filler */

/* Waits for room. false, and the packet dropped: cancelled, or no memory, which err says. */
static bool shelve(struct cme_player *player, const struct cme_shelf_item *item, struct cme_err *err)
{
	bool run;

	pthread_mutex_lock(&player->lock);
	while (cme_shelf_full(&player->shelf) && !player->cancelled)
		wait_for_wake(player);
	run = !player->cancelled;
	if (!run) {
		cme_packet_unref(item->packet);
	} else if (cme_shelf_put(&player->shelf, item) != 0) {
		cme_err_set(err, "internal", "out of memory");
		run = false;
	}
	pthread_cond_broadcast(&player->wake);
	pthread_mutex_unlock(&player->lock);
	return run;
}

static struct cme_shelf_item make_item(const struct cme_player *player, struct cme_packet *packet,
				       int64_t at_us)
{
	const struct cme_playlist *list = &player->list;

	return (struct cme_shelf_item){ .packet = packet,
					.at_us = at_us,
					.where = { .index = list->index,
						   .round = list->round,
						   .url = player->spec->urls[list->index],
						   .offset_us = -list->begin_us } };
}

static const char *entry_url(const struct cme_player *player, char *out, size_t size)
{
	return cme_redact_url(player->spec->urls[player->list.index], out, size);
}

/* No destination of any kind could take it. */
static bool carried_by_none(const struct cme_media *media, struct cme_err *err)
{
	return cme_media_check(media, "flv", err) != 0 && cme_media_check(media, "mpegts", err) != 0;
}

static bool fits(struct cme_player *player, struct cme_media *media, struct cme_err *err)
{
	char first[64], next[64], url[256];

	if (player->first == media)
		return true;
	if (carried_by_none(media, err)) {
		cme_err_prefix(err, "play '%s'", entry_url(player, url, sizeof url));
		return false;
	}
	err->code[0] = '\0';
	if (!player->first)
		player->first = cme_media_ref(media);
	if (cme_media_fits(player->first, media))
		return true;
	cme_media_text(player->first, first, sizeof first);
	cme_media_text(media, next, sizeof next);
	cme_err_set(err, "media.incompatible",
		    "play '%s': it carries %s, the list began with %s (one publish cannot change its codecs)",
		    entry_url(player, url, sizeof url), next, first);
	return false;
}

/* Takes the packet over. false: no more of this entry, for a reason if err says one. */
static bool on_packet(struct cme_player *player, struct cme_packet *packet, struct cme_err *err)
{
	AVPacket *av = packet->av;
	struct cme_shelf_item item;
	int64_t at_us;

	if (!fits(player, packet->media, err)) {
		cme_packet_unref(packet);
		return false;
	}
	at_us = cme_playlist_map(&player->list, av->stream_index, av->dts, av->duration);
	av->pts += at_us - av->dts;
	av->dts = at_us;
	item = make_item(player, packet, at_us);
	return shelve(player, &item, err);
}

static void note_dropped(struct cme_player *player, unsigned count)
{
	if (!count)
		return;
	pthread_mutex_lock(&player->lock);
	player->dropped += count;
	pthread_mutex_unlock(&player->lock);
}

/* One entry from opening to its end. err says what was wrong with it, if anything. */
static void fill_entry(struct cme_player *player, struct cme_err *err)
{
	struct cme_feed feed = { .url = player->spec->urls[player->list.index],
				 .ca_file = player->ca_file,
				 .cancel = &player->cancel,
				 .spares = &player->spares,
				 .public = player->spec->public,
				 .resume = true };
	bool more = cme_feed_open(&feed, err) == 0, any = false;
	int rc = 0;

	while (more && !cme_cancelled(&player->cancel)) {
		struct cme_packet *packet = feed.ops->next(&feed, &rc);

		note_dropped(player, feed.ops->dropped(&feed));
		if (packet)
			more = on_packet(player, packet, err);
		else
			more = rc >= 0;
		any = any || packet;
	}
	if (rc < 0 && (rc != AVERROR_EOF || !any))
		feed.ops->fault(&feed, rc, err);
	cme_feed_close(&feed);
}

/* To the sink; after it has taken what was told before. */
static void tell(struct cme_player *player, const struct cme_err *err, bool barren)
{
	pthread_mutex_lock(&player->lock);
	while (player->fault.code[0] && !player->cancelled)
		wait_for_wake(player);
	if (err->code[0])
		player->fault = *err;
	player->barren = barren;
	pthread_cond_broadcast(&player->wake);
	pthread_mutex_unlock(&player->lock);
}

static void pause_filling(struct cme_player *player, double delay_s)
{
	int64_t at_us = cme_now_us() + (int64_t)(delay_s * 1e6);

	pthread_mutex_lock(&player->lock);
	while (!player->cancelled && cme_now_us() < at_us)
		wait_until(player, at_us);
	pthread_mutex_unlock(&player->lock);
}

static void put_end(struct cme_player *player)
{
	struct cme_shelf_item end = make_item(player, NULL, player->list.end_us);
	struct cme_err err = { 0 };

	if (!shelve(player, &end, &err) && err.code[0])
		tell(player, &err, true);
}

static void *fill(void *arg)
{
	struct cme_player *player = arg;
	enum cme_playlist_step step = CME_PLAYLIST_ENTRY;
	struct cme_backoff backoff;

	cme_life_begin(&player->life);
	cme_backoff_init(&backoff, cme_backoff_inputs);
	while (step != CME_PLAYLIST_OVER && !cme_cancelled(&player->cancel)) {
		struct cme_err err = { 0 };

		fill_entry(player, &err);
		if (cme_cancelled(&player->cancel))
			break;
		step = cme_playlist_next(&player->list);
		tell(player, &err, step == CME_PLAYLIST_BARREN);
		if (step == CME_PLAYLIST_BARREN)
			pause_filling(player,
				      cme_backoff_next(&backoff, &(struct cme_backoff_end){
									 .unit = cme_random_unit() }));
		else if (!err.code[0])
			cme_backoff_init(&backoff, cme_backoff_inputs);
	}
	for (size_t i = 0; i < CME_SPARES; i++)
		cme_child_close(&player->spares.child[i]);
	if (step == CME_PLAYLIST_OVER)
		put_end(player);
	cme_life_end();
	return NULL;
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
			wait_until(player, look_again_us(player));
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
	return true;
}

void cme_player_run(struct cme_player *player, const struct cme_input_sink *sink, struct cme_input *input)
{
	pthread_t filler;
	struct cme_shelf_item item = { 0 };
	struct cme_err err;
	enum act act;
	bool more = true;

	sink->opening(sink->ctx, input);
	if (pthread_create(&filler, NULL, fill, player) != 0) {
		cme_err_set(&err, "internal", "no thread could be started");
		sink->ended(sink->ctx, input, &err);
		return;
	}
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
