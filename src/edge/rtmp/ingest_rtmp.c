/* SPDX-License-Identifier: MIT */
#include "edge/rtmp/ingest_rtmp.h"

#include <string.h>
#include <unistd.h>

#include "stream/packet.h" /* CME_PACKET_BYTES_MAX */

/* ---- what is decided */

static void show(struct cme_peer *peer)
{
	struct cme_err err;

	cme_rtmp_server_play(&peer->server);
	if (cme_peer_watch(peer, peer->base.watched) == 0)
		return;
	cme_err_set(&err, "internal", "out of memory");
	cme_ingest_refuse(&peer->base, &peer->base.watched->key, &err);
}

static void admit(struct cme_publisher *publisher)
{
	struct cme_peer *peer = cme_peer_of(publisher);

	if (publisher->watched)
		show(peer);
	else
		cme_rtmp_server_admit(&peer->server, CME_PACKET_BYTES_MAX);
}

/* It gets its words, and a moment to take them. */
static void refuse(struct cme_publisher *publisher, const struct cme_err *err)
{
	struct cme_peer *peer = cme_peer_of(publisher);

	cme_rtmp_server_refuse(&peer->server, err->message);
	cme_peer_dismiss(peer);
}

static void hang_up(struct cme_publisher *publisher)
{
	cme_peer_close(cme_peer_of(publisher));
}

/* The same with and without TLS, but for what it is called. */
#define OPS(name)                                                                                            \
	{                                                                                                    \
		.protocol = (name), .keys = CME_KEY_RTMP, .admit = admit, .refuse = refuse, .close = hang_up \
	}

static const struct cme_publisher_ops ops = OPS("rtmp");
static const struct cme_publisher_ops tls_ops = OPS("rtmps");

/* ---- what it says */

static void gone(struct cme_peer *peer, const struct cme_err *err)
{
	cme_ingest_unpublish(&peer->base, err);
	if (peer->dismissed || !peer->server.out.len || peer->server.state != CME_RTMP_SERVER_ENDED) {
		cme_ingest_remove(&peer->base);
		return;
	}
	peer->base.limit_us = cme_now_us() + CME_INGEST_WORDS_US;
	cme_peer_dismiss(peer);
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
	struct cme_err err;

	if (same_app(peer->server.app, peer->base.ingest->app)) {
		cme_rtmp_server_accept(&peer->server);
		return;
	}
	cme_err_set(&err, "publish.application", "the application is not known here");
	cme_ingest_refuse(&peer->base, NULL, &err);
}

static void publish(struct cme_peer *peer, const struct cme_rtmp_key *given)
{
	uint8_t hash[CME_KEY_HASH];
	bool good = cme_key_hash(given->text, given->len, query_of(peer->server.app), hash);

	cme_ingest_publish(&peer->base, good ? hash : NULL);
}

static void play(struct cme_peer *peer, const struct cme_rtmp_key *given)
{
	uint8_t hash[CME_KEY_HASH];
	struct cme_play asked;
	bool good;

	if (cme_key_hash(given->text, given->len, query_of(peer->server.app), hash) &&
	    cme_ingest_read(&peer->base, hash))
		return;
	good = cme_play_read(given->text, given->len, query_of(peer->server.app), &asked);

	cme_ingest_watch(&peer->base, good ? &asked : NULL);
}

static void stop(struct cme_peer *peer)
{
	cme_ingest_remove(&peer->base);
}

/* One that is too slow would not read the words either. */
static void over(struct cme_peer *peer)
{
	struct cme_err err;

	if (cme_viewer_lost(peer->viewer)) {
		cme_err_set(&err, "play.slow", "it is too slow for the stream");
		cme_ingest_unpublish(&peer->base, &err);
		cme_ingest_remove(&peer->base);
		return;
	}
	cme_ingest_unpublish(&peer->base, NULL);
	peer->base.limit_us = cme_now_us() + CME_INGEST_WORDS_US;
	cme_rtmp_server_finish(&peer->server);
	cme_peer_dismiss(peer);
}

/* The time of an aggregate message is that of its first tag. */
static void push_aggregate(struct cme_publisher *publisher, const struct cme_chunk_message *message)
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
			cme_ingest_push(publisher, &tag);
	}
}

static void media(struct cme_peer *peer, const struct cme_chunk_message *message)
{
	struct cme_flv_tag tag = { .type = message->type,
				   .timestamp = message->timestamp,
				   .data = message->data,
				   .len = message->len };

	if (message->type == CME_RTMP_AGGREGATE)
		push_aggregate(&peer->base, message);
	else
		cme_ingest_push(&peer->base, &tag);
}

static void unpublish(struct cme_peer *peer)
{
	cme_ingest_unpublish(&peer->base, NULL);
}

static void batch(struct cme_peer *peer)
{
	if (peer->base.channel)
		cme_channel_flush(peer->base.channel);
}

static const struct cme_peer_calls calls = {
	.connected = connected,
	.publish = publish,
	.play = play,
	.media = media,
	.unpublish = unpublish,
	.stop = stop,
	.over = over,
	.batch = batch,
	.gone = gone,
};

void cme_ingest_accept(struct cme_ingest *ingest, int fd, const struct sockaddr *address, SSL_CTX *tls)
{
	struct cme_peer *peer;

	if (tls && !cme_ingest_admit_tls(ingest, cme_gate_address(address))) {
		close(fd);
		return;
	}
	peer = cme_peer_new(ingest->poll, fd, address, tls);
	if (!peer)
		return;
	peer->base.ops = tls ? &tls_ops : &ops;
	peer->calls = &calls;
	if (!cme_ingest_enter(ingest, &peer->base))
		cme_peer_close(peer);
}
