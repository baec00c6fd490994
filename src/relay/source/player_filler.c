/* SPDX-License-Identifier: MIT */
#include "relay/source/player_state.h"

#include <time.h>

#include "common/redact.h"
#include "relay/base/backoff.h"
#include "relay/base/sys.h"
#include "relay/source/feed.h"

void cme_player_wait(struct cme_player *player)
{
	pthread_cond_wait(&player->wake, &player->lock);
	cme_life_sign();
}

void cme_player_wait_until(struct cme_player *player, int64_t at_us)
{
	struct timespec until = { .tv_sec = (time_t)(at_us / CME_SECOND_US),
				  .tv_nsec = (long)(at_us % CME_SECOND_US) * 1000 };

	pthread_cond_timedwait(&player->wake, &player->lock, &until);
	cme_life_sign();
}

bool cme_player_pause(struct cme_player *player, double delay_s)
{
	int64_t at_us = cme_now_us() + (int64_t)(delay_s * 1e6);
	bool cancelled;

	pthread_mutex_lock(&player->lock);
	while (!player->cancelled && cme_now_us() < at_us)
		cme_player_wait_until(player, at_us);
	cancelled = player->cancelled;
	pthread_mutex_unlock(&player->lock);
	return !cancelled;
}

/* Waits for room. false, and the packet dropped: cancelled, or no memory, which err says. */
static bool shelve(struct cme_player *player, const struct cme_shelf_item *item, struct cme_err *err)
{
	bool run;

	pthread_mutex_lock(&player->lock);
	while (cme_shelf_full(&player->shelf) && !player->cancelled)
		cme_player_wait(player);
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
	struct cme_shelf_item item;
	int64_t at_us;

	if (!fits(player, packet->media, err)) {
		cme_packet_unref(packet);
		return false;
	}
	at_us = cme_playlist_map(&player->list, packet->stream, packet->dts_us);
	packet->pts_us += at_us - packet->dts_us;
	packet->dts_us = at_us;
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

		note_dropped(player, cme_feed_dropped(&feed));
		if (packet)
			more = on_packet(player, packet, err);
		else
			more = rc >= 0;
		any = any || packet;
	}
	if (rc < 0 && (rc != CME_END_OVER || !any))
		feed.ops->fault(&feed, rc, err);
	cme_feed_close(&feed);
}

/* To the sink; after it has taken what was told before. */
static void tell(struct cme_player *player, const struct cme_err *err, bool barren)
{
	pthread_mutex_lock(&player->lock);
	while (player->fault.code[0] && !player->cancelled)
		cme_player_wait(player);
	if (err->code[0])
		player->fault = *err;
	player->barren = barren;
	pthread_cond_broadcast(&player->wake);
	pthread_mutex_unlock(&player->lock);
}

static void put_end(struct cme_player *player)
{
	struct cme_shelf_item end = make_item(player, NULL, player->list.end_us);
	struct cme_err err = { 0 };

	if (!shelve(player, &end, &err) && err.code[0])
		tell(player, &err, true);
}

void *cme_player_fill(void *arg)
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
			cme_player_pause(player,
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
