/* SPDX-License-Identifier: MIT */
#include "edge/rtmp/peer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "edge/channel/channel.h"
#include "edge/ingest.h"

#define USER_TIMEOUT_MS 10000
#define TLS_READS       4 /* of one record each, before others have their turn */

/* The bytes of a read: one thread, one read at a time. */
static uint8_t in[CME_PEER_READ];

static void free_peer(struct cme_watch *watch)
{
	struct cme_peer *peer = (struct cme_peer *)watch;

	cme_rtmp_server_fini(&peer->server);
	free(peer);
}

struct cme_peer *cme_peer_of(struct cme_publisher *publisher)
{
	return (struct cme_peer *)((char *)publisher - offsetof(struct cme_peer, base));
}

void cme_peer_close(struct cme_peer *peer)
{
	cme_viewer_free(peer->viewer);
	peer->viewer = NULL;
	cme_link_close(&peer->link);
	cme_poll_bury(peer->poll, &peer->watch);
}

static void end(struct cme_peer *peer, const struct cme_err *err)
{
	if (!peer->watch.gone)
		peer->calls->gone(peer, err);
}

/* ---- sending */

static void wait_for_room(struct cme_peer *peer, bool wanted)
{
	if (peer->waiting == wanted)
		return;
	peer->waiting = wanted;
	cme_poll_watch(peer->poll, peer->link.fd, &peer->watch, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* Whether there is anything to be sent, which is in the plan then. */
static bool fill(const struct cme_peer *peer, struct cme_plan *plan)
{
	const struct cme_buf *out = &peer->server.out;

	cme_plan_reset(plan);
	if (peer->viewer)
		cme_viewer_plan(peer->viewer, out, plan);
	else
		cme_plan_add_bytes(plan, out->data, out->len);
	return plan->bytes > 0;
}

/* So many bytes of it were taken. Who takes what it watches lives; what is left of a stream that has ended is
 * to be taken in the time that there was. */
static void advance(struct cme_peer *peer, size_t n)
{
	if (!peer->viewer) {
		cme_buf_consume(&peer->server.out, n);
		return;
	}
	cme_viewer_advance(peer->viewer, &peer->server.out, n);
	peer->base.sent += n;
	if (!peer->dismissed && !peer->viewer->base.ending)
		peer->base.limit_us = cme_now_us() + CME_INGEST_VIEWER_US;
}

/* 0, or -1 with err. */
static int transmit(struct cme_peer *peer, struct cme_err *err)
{
	static struct cme_plan plan;
	ssize_t n = 1;
	int flushed = 1;
	bool left;

	while ((left = fill(peer, &plan)) && n > 0) {
		n = cme_link_write(&peer->link, &plan, err);
		if (n > 0)
			advance(peer, (size_t)n);
	}
	if (n >= 0 && !left)
		flushed = cme_link_flush(&peer->link, err);
	if (n < 0 || flushed < 0)
		return -1;
	wait_for_room(peer, left || flushed == 0);
	return 0;
}

/* Ends what is over for one that watches. */
static void settle(struct cme_peer *peer)
{
	if (cme_viewer_done(peer->viewer) || cme_viewer_lost(peer->viewer))
		peer->calls->over(peer);
}

/* Sends what there is, and ends what is over. */
static void go_on(struct cme_peer *peer)
{
	struct cme_err err;

	if (transmit(peer, &err) != 0)
		end(peer, &err);
	else if (peer->dismissed && !peer->waiting)
		cme_link_end(&peer->link);
	else if (peer->viewer && !peer->dismissed)
		settle(peer);
}

/* ---- what it watches, from channel.h */

/* One that waits costs its encoder's batches nothing: the socket says when there is room. */
static void flush_viewer(struct cme_reader *reader)
{
	struct cme_peer *peer = cme_viewer_of(reader)->owner;

	if (peer->waiting)
		settle(peer);
	else
		go_on(peer);
}

static void close_viewer(struct cme_reader *reader)
{
	struct cme_peer *peer = cme_viewer_of(reader)->owner;

	reader->ending = true;
	cme_viewer_stop(peer->viewer);
	peer->calls->over(peer);
}

static const struct cme_reader_ops viewer_ops = { .kind = CME_READER_VIEWER,
						  .flush = flush_viewer,
						  .close = close_viewer };
static const struct cme_reader_ops remote_ops = { .kind = CME_READER_REMOTE,
						  .flush = flush_viewer,
						  .close = close_viewer };

int cme_peer_watch(struct cme_peer *peer, struct cme_channel *channel)
{
	const struct cme_reader_ops *ops = peer->base.reader ? &remote_ops : &viewer_ops;

	peer->viewer = cme_viewer_new(ops, &channel->readers, peer->server.chunk_size, peer);
	if (!peer->viewer)
		return -1;
	cme_channel_join(channel, &peer->viewer->base);
	return 0;
}

void cme_peer_dismiss(struct cme_peer *peer)
{
	struct cme_err ignored;

	peer->dismissed = true;
	if (peer->viewer)
		cme_viewer_stop(peer->viewer);
	if (!peer->securing && transmit(peer, &ignored) == 0 && !peer->waiting)
		cme_link_end(&peer->link);
}

/* ---- receiving */

static void tell(struct cme_peer *peer, int heard, const struct cme_rtmp_heard_what *what)
{
	switch (heard) {
	case CME_RTMP_HEARD_CONNECT:
		peer->calls->connected(peer);
		break;
	case CME_RTMP_HEARD_PUBLISH:
		peer->calls->publish(peer, &what->key);
		break;
	case CME_RTMP_HEARD_PLAY:
		peer->calls->play(peer, &what->key);
		break;
	case CME_RTMP_HEARD_MEDIA:
		peer->calls->media(peer, &what->message);
		break;
	case CME_RTMP_HEARD_STOP:
		peer->calls->stop(peer);
		break;
	default:
		peer->calls->unpublish(peer);
	}
}

/* Words may be queued for one that is in the wrong: it is the owner who closes or dismisses it. */
static void take(struct cme_peer *peer, const uint8_t *data, size_t len)
{
	struct cme_rtmp_heard_what what;
	struct cme_err err;
	int heard = 0;

	peer->base.received += len;
	while (!peer->dismissed && !peer->watch.gone &&
	       (heard = cme_rtmp_server_read(&peer->server, &data, &len, &what, &err)) > 0)
		tell(peer, heard, &what);
	if (!peer->watch.gone)
		peer->calls->batch(peer);
	if (heard < 0)
		end(peer, &err);
}

/* 1: bytes came; 0: none are there; -1: it is over. */
static int receive(struct cme_peer *peer)
{
	struct cme_err err;
	ssize_t n = cme_link_read(&peer->link, in, sizeof in, &err);

	if (n < 0)
		end(peer, peer->link.ended ? NULL : &err);
	else if (n > 0 && !peer->dismissed)
		take(peer, in, (size_t)n);
	return peer->watch.gone ? -1 : n > 0;
}

/* A step of the handshake, which waits while strangers have had their time. 1: done; 0: not yet; -1: it is
 * over. */
static int shake_hands(struct cme_peer *peer)
{
	struct cme_pace *pace = &peer->base.ingest->pace;
	int64_t begin_us = cme_now_us(), end_us;
	struct cme_err err;
	int rc;

	if (!cme_pace_has_time(pace, begin_us)) {
		cme_poll_rest(peer->poll, peer->link.fd, &peer->watch);
		return 0;
	}
	rc = cme_link_handshake(&peer->link, &err);
	end_us = cme_now_us();
	cme_pace_take_time(pace, end_us - begin_us, end_us);
	if (rc < 0)
		end(peer, &err);
	peer->securing = rc == 0;
	return rc;
}

/* 1: it is secure, or is not to be. What broke meanwhile waits for nothing. */
static int secure(struct cme_peer *peer, uint32_t events)
{
	if (!peer->securing)
		return 1;
	if (!(events & (EPOLLHUP | EPOLLERR)))
		return shake_hands(peer);
	end(peer, NULL);
	return -1;
}

static void ready(struct cme_watch *watch, uint32_t events)
{
	struct cme_peer *peer = (struct cme_peer *)watch;
	int rc, reads = peer->link.ssl ? TLS_READS : 1;

	if (secure(peer, events) <= 0)
		return;
	do
		rc = receive(peer);
	while (rc > 0 && --reads > 0);
	if (rc >= 0)
		go_on(peer);
}

/* ---- life */

static int prepare(struct cme_peer *peer, SSL_CTX *tls)
{
	struct cme_err ignored;

	(void)setsockopt(peer->link.fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	(void)setsockopt(peer->link.fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &(int){ USER_TIMEOUT_MS },
			 sizeof(int));
	if (tls && cme_link_serve_tls(&peer->link, tls, &ignored) != 0)
		return -1;
	peer->securing = tls != NULL;
	return cme_poll_watch(peer->poll, peer->link.fd, &peer->watch, EPOLLIN);
}

struct cme_peer *cme_peer_new(struct cme_poll *poll, int fd, const struct sockaddr *address, SSL_CTX *tls)
{
	struct cme_peer *peer = calloc(1, sizeof *peer);

	if (!peer) {
		close(fd);
		return NULL;
	}
	peer->watch = (struct cme_watch){ .ready = ready, .free = free_peer };
	peer->poll = poll;
	cme_link_init(&peer->link);
	peer->link.fd = fd;
	cme_rtmp_server_init(&peer->server, (uint64_t)cme_now_us() ^ (uint64_t)(uintptr_t)peer);
	peer->base.gate_address = cme_gate_address(address);
	cme_endpoint_show(peer->base.address, address);
	if (prepare(peer, tls) == 0)
		return peer;
	cme_link_close(&peer->link);
	free_peer(&peer->watch);
	return NULL;
}
