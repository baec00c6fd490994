/* SPDX-License-Identifier: MIT */
#include "edge/ingest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream/packet.h" /* CME_PACKET_BYTES_MAX */

/* What is said of a key that is not good. */
static int set_verdict(enum cme_key_verdict verdict, struct cme_err *err)
{
	switch (verdict) {
	case CME_KEY_EXPIRED:
		return cme_err_set(err, "publish.key_expired", "this key has expired");
	case CME_KEY_ENDED:
		return cme_err_set(err, "publish.key_ended", "the broadcast has ended");
	case CME_KEY_MALFORMED:
		return cme_err_set(err, "publish.key_unknown", "this is no stream key");
	default:
		return cme_err_set(err, "publish.key_unknown", "this key is not known here");
	}
}

int cme_ingest_init(struct cme_ingest *ingest, struct cme_poll *poll,
		    const struct cme_ingest_options *options)
{
	*ingest = (struct cme_ingest){ .poll = poll, .options = *options };
	return cme_gate_init(&ingest->gate, options->limits);
}

static void report(struct cme_ingest *ingest, enum cme_ingest_state state, const struct cme_peer *peer,
		   const struct cme_key *key, const struct cme_err *err)
{
	struct cme_ingest_event event = { .state = state,
					  .id = key ? key->id : NULL,
					  .address = peer->address,
					  .bytes = state == CME_INGEST_ENDED ? peer->received : 0,
					  .err = err };

	ingest->options.report(ingest->options.ctx, &event);
}

/* ---- the ways out */

/* It publishes no longer. err: why; NULL: it wanted to. */
static void leave_channel(struct cme_peer *peer, const struct cme_err *err)
{
	struct cme_ingest *ingest = peer->owner;
	struct cme_channel *channel = peer->channel;

	if (!channel)
		return;
	peer->channel = NULL;
	channel->publisher = NULL;
	cme_gate_dismiss(&ingest->gate);
	report(ingest, CME_INGEST_ENDED, peer, &channel->key, err);
	cme_channel_end(channel);
}

static void remove_peer(struct cme_peer *peer)
{
	struct cme_ingest *ingest = peer->owner;

	cme_gate_leave(&ingest->gate, peer->gate_address, true);
	if (peer->previous)
		peer->previous->next = peer->next;
	else
		ingest->peers = peer->next;
	if (peer->next)
		peer->next->previous = peer->previous;
	cme_peer_close(peer);
}

/* It gets its words, and a moment to take them. */
static void dismiss(struct cme_peer *peer)
{
	peer->limit_us = cme_now_us() + CME_INGEST_WORDS_US;
	cme_peer_dismiss(peer);
}

static void gone(struct cme_peer *peer, const struct cme_err *err)
{
	leave_channel(peer, err);
	if (!peer->dismissed && peer->server.out.len && peer->server.state == CME_RTMP_SERVER_ENDED)
		dismiss(peer);
	else
		remove_peer(peer);
}

/* Sends an encoder away in words, which are the err's. */
static void send_away(struct cme_peer *peer, const struct cme_err *err)
{
	leave_channel(peer, err);
	cme_rtmp_server_refuse(&peer->server, err->message);
	dismiss(peer);
}

/* ---- the way in */

static void refuse(struct cme_peer *peer, const struct cme_key *key, const struct cme_err *err)
{
	struct cme_ingest *ingest = peer->owner;

	ingest->refused++;
	report(ingest, CME_INGEST_REFUSED, peer, key, err);
	send_away(peer, err);
}

/* What stands behind the '?' of an application; "": nothing. */
static const char *query_of(const char *app)
{
	const char *mark = strchr(app, '?');

	return mark ? mark + 1 : "";
}

/* Applications are told apart without their query, and without a slash at their end. */
static bool same_app(const char *given, const char *wanted)
{
	size_t len = strcspn(given, "?");

	while (len && given[len - 1] == '/')
		len--;
	return strlen(wanted) == len && memcmp(given, wanted, len) == 0;
}

static void connected(struct cme_peer *peer)
{
	struct cme_ingest *ingest = peer->owner;
	struct cme_err err;

	if (same_app(peer->server.app, ingest->app))
		return;
	cme_err_set(&err, "publish.application", "the application is not known here");
	refuse(peer, NULL, &err);
}

static void admit(struct cme_peer *peer, struct cme_channel *channel)
{
	struct cme_ingest *ingest = peer->owner;

	cme_gate_admit(&ingest->gate);
	peer->channel = channel;
	peer->received = 0;
	peer->media_us = cme_now_us();
	peer->limit_us = peer->media_us + CME_INGEST_SILENCE_US;
	channel->publisher = peer;
	cme_channel_start(channel, cme_wall_now());
	cme_rtmp_server_admit(&peer->server, CME_PACKET_BYTES_MAX);
	report(ingest, CME_INGEST_ADMITTED, peer, &channel->key, NULL);
}

/* Another encoder has the key: it goes on, or if it is silent makes room. true: it did. */
static bool make_room(struct cme_ingest *ingest, struct cme_channel *channel)
{
	struct cme_peer *other = channel->publisher;
	struct cme_err err;

	if (!other)
		return true;
	if (cme_now_us() - other->media_us < ingest->options.takeover_us)
		return false;
	cme_err_set(&err, "publish.taken_over", "another encoder took over");
	send_away(other, &err);
	return true;
}

static void publish(struct cme_peer *peer, const struct cme_rtmp_key *given)
{
	struct cme_ingest *ingest = peer->owner;
	enum cme_key_verdict verdict = CME_KEY_MALFORMED;
	struct cme_key *key = NULL;
	uint8_t hash[CME_KEY_HASH];
	struct cme_err err;

	if (cme_key_hash(given->text, given->len, query_of(peer->server.app), hash))
		verdict = cme_keys_find(ingest->keys, ingest->keys_count, hash, cme_wall_now(), &key);
	if (verdict != CME_KEY_GOOD) {
		set_verdict(verdict, &err);
		refuse(peer, key, &err);
	} else if (!make_room(ingest, cme_channel_of(key))) {
		cme_err_set(&err, "publish.busy", "another encoder is publishing");
		refuse(peer, key, &err);
	} else {
		admit(peer, cme_channel_of(key));
	}
}

/* ---- media */

static void push(struct cme_channel *channel, const struct cme_flv_tag *tag)
{
	struct cme_frame *frame = cme_frame_new(tag);

	if (frame)
		cme_channel_push(channel, frame);
}

/* The time of an aggregate message is that of its first tag. */
static void push_aggregate(struct cme_channel *channel, const struct cme_chunk_message *message)
{
	const uint8_t *data = message->data;
	size_t len = message->len;
	struct cme_flv_tag tag;
	uint32_t offset = 0;
	bool first = true;

	while (cme_flv_next_tag(&data, &len, &tag)) {
		if (first)
			offset = message->timestamp - tag.timestamp;
		first = false;
		tag.timestamp += offset;
		if (tag.type == CME_FLV_AUDIO || tag.type == CME_FLV_VIDEO || tag.type == CME_FLV_SCRIPT)
			push(channel, &tag);
	}
}

/* Picture and sound are signs of life, data are not. */
static void media(struct cme_peer *peer, const struct cme_chunk_message *message)
{
	struct cme_flv_tag tag = { .type = message->type,
				   .timestamp = message->timestamp,
				   .data = message->data,
				   .len = message->len };

	if (message->type != CME_RTMP_DATA) {
		peer->media_us = cme_now_us();
		peer->limit_us = peer->media_us + CME_INGEST_SILENCE_US;
	}
	if (message->type == CME_RTMP_AGGREGATE)
		push_aggregate(peer->channel, message);
	else
		push(peer->channel, &tag);
}

static void unpublish(struct cme_peer *peer)
{
	leave_channel(peer, NULL);
	peer->limit_us = cme_now_us() + CME_INGEST_GREETING_US;
}

static void batch(struct cme_peer *peer)
{
	if (peer->channel)
		cme_channel_flush(peer->channel);
}

static const struct cme_peer_calls calls = {
	.connected = connected,
	.publish = publish,
	.media = media,
	.unpublish = unpublish,
	.batch = batch,
	.gone = gone,
};

void cme_ingest_accept(struct cme_ingest *ingest, int fd, const struct sockaddr *address, SSL_CTX *tls)
{
	struct cme_peer *peer = cme_peer_new(ingest->poll, fd, address, tls);

	if (!peer)
		return;
	if (!cme_gate_enter(&ingest->gate, peer->gate_address)) {
		ingest->turned_away++;
		cme_peer_close(peer);
		return;
	}
	peer->calls = &calls;
	peer->owner = ingest;
	peer->limit_us = cme_now_us() + CME_INGEST_GREETING_US;
	peer->next = ingest->peers;
	if (peer->next)
		peer->next->previous = peer;
	ingest->peers = peer;
}

/* ---- time */

static void send_away_silent(struct cme_peer *peer)
{
	struct cme_err err;

	cme_err_set(&err, "network.timeout", "no media within %d s",
		    (int)(CME_INGEST_SILENCE_US / CME_SECOND_US));
	send_away(peer, &err);
}

void cme_ingest_sweep(struct cme_ingest *ingest, int64_t now_us)
{
	for (struct cme_peer *peer = ingest->peers, *next; peer; peer = next) {
		next = peer->next;
		if (now_us < peer->limit_us)
			continue;
		if (peer->channel)
			send_away_silent(peer);
		else
			remove_peer(peer);
	}
}

/* ---- keys */

static struct cme_key *find_id(struct cme_key *const *keys, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(keys[i]->id, id) == 0)
			return keys[i];
	return NULL;
}

static void end_broadcast(struct cme_channel *channel)
{
	struct cme_err err;

	if (!channel->publisher)
		return;
	set_verdict(CME_KEY_ENDED, &err);
	send_away(channel->publisher, &err);
}

/* Channels for the keys that have none yet. 0, or -1 with err, and those made are gone again. */
static int open_new(struct cme_ingest *ingest, const struct cme_ingest_spec *spec, struct cme_key **next,
		    struct cme_err *err)
{
	for (size_t i = 0; i < spec->count; i++) {
		struct cme_channel *channel;

		next[i] = find_id(ingest->keys, ingest->keys_count, spec->keys[i].id);
		if (next[i])
			continue;
		channel = cme_channel_new(ingest->poll, ingest->options.folder, &spec->keys[i], err);
		if (channel) {
			next[i] = &channel->key;
			continue;
		}
		while (i-- > 0)
			if (!find_id(ingest->keys, ingest->keys_count, next[i]->id))
				cme_channel_free(cme_channel_of(next[i]));
		return -1;
	}
	return 0;
}

static void close_old(struct cme_ingest *ingest, struct cme_key *const *next, size_t count)
{
	for (size_t i = 0; i < ingest->keys_count; i++) {
		struct cme_channel *channel = cme_channel_of(ingest->keys[i]);

		if (find_id(next, count, channel->key.id))
			continue;
		end_broadcast(channel);
		cme_channel_free(channel);
	}
}

int cme_ingest_apply(struct cme_ingest *ingest, const struct cme_ingest_spec *spec, struct cme_err *err)
{
	struct cme_key **next = calloc(spec->count + 1, sizeof(struct cme_key *));

	if (!next)
		return cme_err_set(err, "internal", "out of memory");
	if (open_new(ingest, spec, next, err) != 0) {
		free(next);
		return -1;
	}
	close_old(ingest, next, spec->count);
	for (size_t i = 0; i < spec->count; i++) {
		*next[i] = spec->keys[i];
		if (next[i]->ended)
			end_broadcast(cme_channel_of(next[i]));
	}
	free(ingest->keys);
	ingest->keys = next;
	ingest->keys_count = spec->count;
	ingest->revision = spec->revision;
	snprintf(ingest->app, sizeof ingest->app, "%s", spec->app);
	return 0;
}

void cme_ingest_fini(struct cme_ingest *ingest)
{
	while (ingest->peers) {
		leave_channel(ingest->peers, NULL);
		remove_peer(ingest->peers);
	}
	for (size_t i = 0; i < ingest->keys_count; i++)
		cme_channel_free(cme_channel_of(ingest->keys[i]));
	free(ingest->keys);
	cme_gate_fini(&ingest->gate);
}
