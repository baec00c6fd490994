/* SPDX-License-Identifier: MIT */
#include "relay/source/rtmp/source_rtmp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/redact.h"
#include "relay/base/life.h"
#include "relay/base/sys.h"
#include "relay/source/flv_reader.h"
#include "rtmp/client/authorities.h"
#include "rtmp/client/dial.h"
#include "rtmp/session.h"
#include "stream/hold.h"

#define OPEN_S    10
#define SILENCE_S 10
#define SLICE_US  (100 * CME_MS_US) /* how often a waiting thread looks up */
#define IN_SIZE   ((size_t)64 * 1024)
#define SHOWN_MAX 256
#define MOVES_MAX 4 /* requests for another connection, each within MOVE_US of the one before */
#define MOVE_US   (5 * CME_SECOND_US)

struct cme_rtmp_source {
	struct cme_feed *feed;
	struct cme_rtmp_url url;
	struct cme_login login;
	bool redirected;
	SSL_CTX *tls; /* client/authorities.h; NULL: not needed yet */
	int wake_fd;  /* of the lookup */
	struct cme_dial dial;
	struct cme_link link;
	struct cme_rtmp_session session;
	struct cme_flv_reader reader;
	struct cme_hold hold;
	struct cme_err err; /* why the last call failed */
	int64_t limit_us;   /* when the call at hand ends; monotonic */
	size_t at;          /* of the bytes received, the first that is not used up */
	size_t len;
	bool drained; /* the socket has had no more */
	bool over;    /* it is read no further; err says why */
	bool joining; /* the server is another one now: pictures before its first keyframe are left out */
	unsigned moves;
	int64_t left_us;  /* when the last connection gave its last message, until the next one gives its
			     first; 0 */
	int64_t moved_us; /* when it was asked for another connection last; monotonic */
	uint8_t in[IN_SIZE];
};

/* ---- waiting */

static bool cancelled(const struct cme_rtmp_source *source)
{
	return cme_cancelled(source->feed->cancel);
}

/* For how long to wait at most, in milliseconds. */
static int slice_ms(int64_t until_us)
{
	int64_t left_us = until_us - cme_now_us();

	left_us = left_us < SLICE_US ? left_us : SLICE_US;
	return left_us > 0 ? (int)(left_us / CME_MS_US) + 1 : 0;
}

static bool wait_on(struct cme_rtmp_source *source, struct pollfd *fds, nfds_t count, int64_t until_us)
{
	int wait_ms = slice_ms(until_us < source->limit_us ? until_us : source->limit_us);

	cme_life_sign();
	cme_wait_for_peer(fds, count, wait_ms, &source->limit_us);
	return !cancelled(source) && cme_now_us() < source->limit_us;
}

/* Waits for the socket (`events` of poll). false: cancelled, or the limit has come. */
static bool wait_for_socket(struct cme_rtmp_source *source, short events, int64_t until_us)
{
	struct pollfd fd = { .fd = source->link.fd, .events = events };

	return wait_on(source, &fd, 1, until_us);
}

/* Waits for the lookup, or the socket. false: as above. */
static bool wait_for_dial(struct cme_rtmp_source *source)
{
	short events = source->dial.state == CME_DIAL_CONNECTING ? POLLOUT : POLLIN;
	struct pollfd fds[] = { { .fd = source->link.fd, .events = events },
				{ .fd = source->wake_fd, .events = POLLIN } };
	bool go_on = wait_on(source, fds, 2, source->dial.limit_us);
	eventfd_t value;

	if (fds[1].revents)
		eventfd_read(source->wake_fd, &value);
	return go_on;
}

static void set_limit(struct cme_rtmp_source *source, int seconds)
{
	source->limit_us = cme_now_us() + seconds * CME_SECOND_US;
}

static int set_late(struct cme_rtmp_source *source, const char *missing)
{
	return cme_err_set(&source->err, "network.timeout", "%s did not come in time", missing);
}

/* ---- bytes */

/* Sends what the session has to say. 1: all of it; 0: the socket takes no more; -1 with err. */
static int transmit(struct cme_rtmp_source *source)
{
	struct cme_buf *out = &source->session.out;
	struct cme_plan plan;
	ssize_t n = 1;

	while (out->len && n > 0) {
		cme_plan_reset(&plan);
		cme_plan_add_bytes(&plan, out->data, out->len);
		n = cme_link_write(&source->link, &plan, &source->err);
		if (n > 0)
			cme_buf_consume(out, (size_t)n);
	}
	if (n < 0)
		return -1;
	return out->len ? 0 : cme_link_flush(&source->link, &source->err);
}

/* 1: bytes came; 0: none are there; -1 with err. TLS may hold more than it gave. */
static int receive(struct cme_rtmp_source *source)
{
	ssize_t n = cme_link_read(&source->link, source->in, IN_SIZE, &source->err);

	source->at = 0;
	source->len = n > 0 ? (size_t)n : 0;
	source->drained = n == 0 || (!source->link.ssl && (size_t)n < IN_SIZE);
	return n > 0 ? 1 : (int)n;
}

/* The next message among the bytes received. 1: *message is it; 0: more bytes are needed; -1 with err. */
static int parse(struct cme_rtmp_source *source, struct cme_chunk_message *message)
{
	const uint8_t *data = source->in + source->at;
	size_t len = source->len - source->at;
	int rc = cme_rtmp_session_read(&source->session, &data, &len, message, &source->err);

	source->at = source->len - len;
	return rc;
}

/* Tells the owner, who then sends what came. */
static void rest(struct cme_rtmp_source *source)
{
	cme_hold_release(&source->hold);
	cme_feed_rest(source->feed);
}

/* Rests, unless something may come that goes with what came: returns until when to wait for that. */
static int64_t rest_or_hold(struct cme_rtmp_source *source)
{
	int64_t until_us = cme_hold_until(&source->hold);

	if (until_us > cme_now_us())
		return until_us;
	rest(source);
	return INT64_MAX;
}

/* Gets more bytes, or waits for them. 1: go on; 0: the limit has come, or the input was cancelled; -1. A
 * server that hung up may have said why before. */
static int get_bytes(struct cme_rtmp_source *source)
{
	int sent = transmit(source);
	int64_t until_us = rest_or_hold(source);

	cme_life_sign(); /* a server may have more for as long as it likes, so that nothing is waited for */
	if (sent < 0)
		return receive(source) > 0 ? 1 : -1;
	if (source->drained && !wait_for_socket(source, sent ? POLLIN : POLLIN | POLLOUT, until_us))
		return 0;
	if (receive(source) < 0)
		return -1;
	return !cancelled(source) && cme_now_us() < source->limit_us;
}

/* The next message of media or data, waited for up to the limit. 1: *message is it; 0: the limit has come, or
 * the input was cancelled; -1 with err, from here on. */
static int read_message(struct cme_rtmp_source *source, struct cme_chunk_message *message)
{
	int rc = source->over ? -1 : 0, more = 1;

	while (rc == 0 && more > 0) {
		rc = parse(source, message);
		if (rc == 0)
			more = get_bytes(source);
	}
	source->over = rc < 0 || more < 0;
	return source->over ? -1 : rc;
}

/* ---- opening */

static int prepare_tls(struct cme_rtmp_source *source)
{
	if (source->url.tls && !source->tls)
		source->tls = cme_authorities_acquire(source->feed->ca_file, &source->err);
	return source->url.tls && !source->tls ? -1 : 0;
}

static int dial(struct cme_rtmp_source *source)
{
	struct cme_dial_target target = { .url = &source->url,
					  .tls = source->tls,
					  .public = source->feed->public,
					  .wake_fd = source->wake_fd };
	int rc;

	cme_dial_begin(&source->dial, cme_now_us());
	while ((rc = cme_dial_step(&source->dial, &target, &source->link, cme_now_us(), &source->err)) == 0)
		if (!wait_for_dial(source))
			return cme_err_set(&source->err, "network.timeout", "no answer within %d s", OPEN_S);
	return rc < 0 ? -1 : 0;
}

static void begin_session(struct cme_rtmp_source *source)
{
	struct cme_rtmp_session_config config = {
		.url = &source->url,
		.login = source->login.query,
		.play = true,
		.message_max = CME_PACKET_BYTES_MAX,
		.seed = (uint64_t)(cme_random_unit() * 9e15) ^ (uint64_t)cme_now_us(),
	};

	cme_rtmp_session_fini(&source->session);
	cme_rtmp_session_init(&source->session, &config);
	cme_rtmp_session_start(&source->session);
	source->at = source->len = 0;
	source->drained = source->over = false;
	source->hold = (struct cme_hold){ 0 };
}

/* Servers say no without words, too: they hang up in place of an answer. */
static void judge_hang_up(struct cme_rtmp_source *source, enum cme_rtmp_state state)
{
	if (strcmp(source->err.code, "network.reset") == 0 && state >= CME_RTMP_CONNECT)
		cme_err_set(&source->err, "source.refused", "the server hung up instead of %s",
			    cme_rtmp_session_waiting(&source->session));
}

/* The message has a picture that is a keyframe, or one that is none. */
static bool has_picture(const struct cme_chunk_message *message, bool keyframe)
{
	struct cme_flv_body body;
	struct cme_flv_unit unit;

	if (message->type != CME_RTMP_VIDEO)
		return false;
	cme_flv_body_init(&body, true, message->data, message->len);
	return cme_flv_body_next(&body, &unit) == 1 && unit.part == CME_FLV_FRAMES &&
	       unit.keyframe == keyframe;
}

static void expect_more(struct cme_rtmp_source *source, const struct cme_chunk_message *message)
{
	enum cme_hold_kind kind = message->type == CME_RTMP_VIDEO ? CME_HOLD_PICTURE : CME_HOLD_SOUND;

	if (message->type == CME_RTMP_VIDEO || message->type == CME_RTMP_AUDIO)
		cme_hold_add(&source->hold, kind, message->timestamp, cme_now_us());
}

/* Gives the reader a message. */
static void feed(struct cme_rtmp_source *source, const struct cme_chunk_message *message)
{
	if (source->joining && has_picture(message, false))
		return;
	if (source->left_us)
		cme_flv_reader_rejoin(&source->reader, (cme_now_us() - source->left_us) / CME_MS_US);
	source->left_us = 0;
	source->joining = source->joining && !has_picture(message, true);
	expect_more(source, message);
	cme_flv_reader_feed(&source->reader, message->type, message->timestamp, message->data, message->len);
}

/* Up to the first message: a server may let anybody play what nobody publishes. */
static int greet(struct cme_rtmp_source *source)
{
	struct cme_chunk_message message;
	int rc;

	begin_session(source);
	rc = read_message(source, &message);
	if (rc < 0)
		judge_hang_up(source, source->session.state);
	if (rc == 0)
		set_late(source, cme_rtmp_session_waiting(&source->session));
	if (rc == 1)
		feed(source, &message);
	return rc == 1 ? 0 : -1;
}

static int attempt(struct cme_rtmp_source *source)
{
	if (prepare_tls(source) != 0 || dial(source) != 0)
		return -1;
	return greet(source);
}

/* The server names another one: off to it, once. */
static bool follow_redirect(struct cme_rtmp_source *source)
{
	struct cme_err ignored;

	if (source->redirected || !source->session.redirect[0] ||
	    cme_rtmp_url_redirect(&source->url, source->session.redirect, &ignored) != 0)
		return false;
	source->redirected = true;
	return true;
}

/* It asks for a login: its challenge is answered by the next connect. */
static bool log_in(struct cme_rtmp_source *source)
{
	return source->session.words[0] &&
	       cme_login_answer(&source->login, &source->url, source->session.words,
				(uint32_t)(cme_random_unit() * UINT32_MAX));
}

/* A refusal that leads to another attempt. */
static bool again(struct cme_rtmp_source *source)
{
	if (cancelled(source) || (!follow_redirect(source) && !log_in(source)))
		return false;
	cme_link_close(&source->link);
	cme_dial_fini(&source->dial);
	return true;
}

/* Opens the connection, in as many attempts as its servers ask for. */
static int open_connection(struct cme_rtmp_source *source)
{
	set_limit(source, OPEN_S);
	while (attempt(source) != 0)
		if (!again(source))
			return -1;
	set_limit(source, SILENCE_S);
	return 0;
}

static int open_source(struct cme_rtmp_source *source)
{
	if (cme_rtmp_url_parse(&source->url, source->feed->url, &source->err) != 0)
		return -1;
	if (source->wake_fd < 0)
		return cme_err_set(&source->err, "internal", "no descriptor left");
	return open_connection(source);
}

/* Ends the connection in order, if it got so far. */
static void hang_up(struct cme_rtmp_source *source)
{
	if (source->link.fd >= 0 && source->session.state == CME_RTMP_LIVE) {
		cme_rtmp_session_goodbye(&source->session);
		transmit(source);
		cme_link_end(&source->link);
	}
	cme_link_close(&source->link);
	cme_dial_fini(&source->dial);
}

/* The server asked for another connection, here or elsewhere. -1 with err: it does so again and again, or the
 * other one could not be had. */
static int move(struct cme_rtmp_source *source)
{
	struct cme_err ignored;

	source->moves = cme_now_us() - source->moved_us < MOVE_US ? source->moves + 1 : 1;
	source->moved_us = cme_now_us();
	if (source->moves > MOVES_MAX)
		return cme_err_set(&source->err, "source.refused",
				   "the server asked for another connection %u times in a row",
				   (unsigned)MOVES_MAX);
	rest(source); /* the other connection may take its time */
	hang_up(source);
	if (source->session.redirect[0])
		cme_rtmp_url_redirect(&source->url, source->session.redirect, &ignored);
	source->login = (struct cme_login){ 0 };
	source->redirected = false;
	source->joining = true;
	source->left_us = source->moved_us;
	return open_connection(source);
}

static void set_fault(const struct cme_rtmp_source *source, const char *doing, struct cme_err *err)
{
	char shown[SHOWN_MAX];

	*err = source->err;
	cme_err_prefix(err, "%s '%s'", doing, cme_redact_url(source->feed->url, shown, sizeof shown));
}

static int open_feed(struct cme_feed *feed, struct cme_err *err)
{
	struct cme_rtmp_source *source = calloc(1, sizeof *source);

	feed->backend = source;
	if (!source)
		return cme_err_set(err, "internal", "out of memory");
	source->feed = feed;
	source->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	cme_link_init(&source->link);
	cme_flv_reader_init(&source->reader, feed->track);
	feed->reader = &source->reader;
	if (open_source(source) == 0)
		return 0;
	set_fault(source, "open", err);
	return -1;
}

/* ---- reading */

/* The connection is over: what was held back for streams that did not show can go out now, if there is any.
 */
static int end_of_source(struct cme_rtmp_source *source)
{
	int rc = cme_gather_end(&source->reader.gather);

	if (source->link.ended)
		cme_err_set(&source->err, "source.ended", "the source ended");
	if (rc == CME_END_PICTURE)
		cme_flv_reader_fault(&source->reader, rc, &source->err);
	return rc;
}

/* A place to leave a connection at, before this message: a keyframe, or sound where there is no picture. */
static bool is_boundary(const struct cme_rtmp_source *source, const struct cme_chunk_message *message)
{
	return source->reader.gather.par[CME_VIDEO] ? has_picture(message, true)
						    : message->type == CME_RTMP_AUDIO;
}

/* Feeds the reader one message more. 0, or why it ends (end.h). */
static int feed_message(struct cme_rtmp_source *source)
{
	struct cme_chunk_message message;
	int rc = read_message(source, &message);

	if (rc < 0)
		return end_of_source(source);
	if (rc == 0) {
		cme_err_set(&source->err, "network.timeout", "no media within %d s", SILENCE_S);
		return CME_END_CUT;
	}
	if (source->session.reconnect && is_boundary(source, &message))
		return move(source) == 0 ? 0 : CME_END_CUT;
	feed(source, &message);
	return 0;
}

static struct cme_packet *next(struct cme_feed *feed, int *rc)
{
	struct cme_rtmp_source *source = feed->backend;
	struct cme_packet *packet = cme_flv_reader_next(&source->reader, rc);

	if (!packet && *rc == 0) {
		if (!source->reader.foreign) /* data of other kinds do not break a silence */
			set_limit(source, SILENCE_S);
		*rc = feed_message(source);
		if (*rc < 0)
			return NULL;
		packet = cme_flv_reader_next(&source->reader, rc);
	}
	if (*rc < 0)
		cme_flv_reader_fault(&source->reader, *rc, &source->err);
	return packet;
}

static void fault(const struct cme_feed *feed, int rc, struct cme_err *err)
{
	(void)rc;
	set_fault(feed->backend, "read", err);
}

static bool paced(const struct cme_feed *feed)
{
	(void)feed;
	return false;
}

static void close_feed(struct cme_feed *feed)
{
	struct cme_rtmp_source *source = feed->backend;

	if (!source)
		return;
	hang_up(source);
	cme_rtmp_session_fini(&source->session);
	cme_flv_reader_fini(&source->reader);
	cme_authorities_release(source->tls);
	if (source->wake_fd >= 0)
		close(source->wake_fd);
	OPENSSL_cleanse(&source->url, sizeof source->url);
	OPENSSL_cleanse(&source->login, sizeof source->login);
	free(source);
	feed->backend = NULL;
}

const struct cme_feed_ops cme_source_rtmp = {
	.name = "RTMP",
	.open = open_feed,
	.next = next,
	.fault = fault,
	.paced = paced,
	.close = close_feed,
};
