/* SPDX-License-Identifier: MIT */
#include "relay/output/rtmp/destination.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "common/redact.h"
#include "relay/base/sys.h"
#include "rtmp/flight.h"
#include "rtmp/link.h"
#include "rtmp/progress.h"
#include "rtmp/resolver.h"
#include "rtmp/session.h"
#include "rtmp/url.h"

#define NEXT_ADDRESS_US (2 * CME_SECOND_US) /* before another address is tried, where there is one */
#define HANDSHAKE_US    (4 * CME_SECOND_US)
#define ANSWER_US       (8 * CME_SECOND_US) /* to a command: behind it a server may ask another one */
#define LOOK_US         (500 * CME_MS_US)   /* how often progress is looked at, on a grid common to all */
#define READS_MAX       16                  /* per step, so that a chatty peer does not hold up the others */
#define READ_SIZE       8192
#define SHOWN_MAX       256

enum phase { WAITING, RESOLVING, CONNECTING, SECURING, GREETING, LIVE, LEAVING, CLOSING, RETRYING, GONE };

enum verdict {
	WAIT,   /* for the socket, the queue or the limit */
	NEXT,   /* another phase began: go on there */
	FAILED, /* destination->err says why */
};

struct cme_destination {
	struct cme_output *out;
	_Atomic int64_t end_by_us; /* a stop has to be over then */
	_Atomic bool done;
	_Atomic int64_t unsent; /* what the kernel had at the last look; -1: not connected */

	/* settled before the publisher has it */
	struct cme_rtmp_url url;
	struct cme_err url_err; /* code empty: the URL is good */
	SSL_CTX *tls;           /* of rtmps */
	int epoll_fd;
	int wake_fd;

	/* of the publisher's thread alone */
	enum phase phase;
	bool stopping;             /* as last seen */
	int64_t now_us;            /* of this step */
	int64_t limit_us;          /* the phase's; INT64_MAX: none */
	int64_t at_us;             /* when to step at the latest */
	bool ready;                /* the socket has news since the last step */
	bool news;                 /* it had when this step began */
	bool blocked;              /* it takes nothing until there are some */
	bool redirected;           /* the server of url is not the one that out->url names */
	bool again;                /* leaving only to come back: the media changed */
	struct cme_err err;        /* why the last verdict was FAILED */
	struct cme_lookup *lookup; /* may outlive a failure: there is one at a time */
	const struct addrinfo *address;
	struct cme_link link;
	struct cme_rtmp_session session;
	struct cme_flight flight;
	struct cme_media *opened; /* what the connection is for */
	int64_t accepted_us;      /* when the peer took the publish; 0: not yet */
	int64_t proven_us;        /* when it has held long enough to count as live; INT64_MAX: it does */
	struct cme_progress progress;
};

/* ---- phases */

struct rule {
	enum verdict (*handle)(struct cme_destination *d);
	int64_t limit_us; /* 0: none, or set by the handler */
	const char *code; /* past the limit the connection has failed with this; NULL: the handler decides */
	const char *missing; /* what did not come in time; NULL: the session knows */
};

static const struct rule rules[GONE + 1];

static enum verdict go(struct cme_destination *d, enum phase phase)
{
	d->phase = phase;
	d->limit_us = rules[phase].limit_us ? d->now_us + rules[phase].limit_us : INT64_MAX;
	return NEXT;
}

static bool overdue(const struct cme_destination *d)
{
	return d->now_us >= d->limit_us;
}

/* ---- bytes */

/* Reads what is there and feeds the session. -1 with d->err. */
static int receive(struct cme_destination *d)
{
	uint8_t data[READ_SIZE];

	for (int i = 0; i < READS_MAX; i++) {
		ssize_t n = cme_link_read(&d->link, data, sizeof data, &d->err);

		if (n <= 0)
			return (int)n;
		if (cme_rtmp_session_feed(&d->session, data, (size_t)n, &d->err) != 0)
			return -1;
	}
	d->ready = true; /* there may be more, and no event will say so */
	return 0;
}

static void count_sent(void *ctx, const struct cme_packet *packet)
{
	cme_output_sent(ctx, packet);
}

/* Writes what is there: 1: all of it; 0: the socket takes no more; -1 with d->err. */
static int transmit(struct cme_destination *d)
{
	struct cme_plan plan;
	int rc;

	while (!d->blocked) {
		ssize_t n;

		cme_flight_plan(&d->flight, &d->session.out, &plan);
		if (plan.bytes == 0)
			break;
		n = cme_link_write(&d->link, &plan, &d->err);
		if (n < 0)
			return -1;
		d->blocked = n == 0;
		cme_flight_advance(&d->flight, &d->session.out, (size_t)n, count_sent, d->out);
	}
	rc = d->blocked ? 0 : cme_link_flush(&d->link, &d->err);
	d->blocked = rc == 0;
	return rc;
}

/* ---- before the connection */

static enum verdict wait_for_media(struct cme_destination *d)
{
	const struct cme_queue_item *head;

	pthread_mutex_lock(&d->out->lock);
	head = cme_queue_peek(&d->out->queue);
	if (head)
		d->opened = cme_media_ref(((struct cme_packet *)head->packet)->media);
	pthread_mutex_unlock(&d->out->lock);
	if (!head)
		return WAIT;
	if (d->url_err.code[0]) {
		d->err = d->url_err;
		return FAILED;
	}
	if (cme_flight_check(d->opened, &d->err) != 0)
		return FAILED;
	cme_output_set_state(d->out, CME_OUTPUT_CONNECTING, NULL);
	return go(d, RESOLVING);
}

static enum verdict connect_next(struct cme_destination *d)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = d };

	cme_link_close(&d->link);
	while (d->address) {
		const struct addrinfo *address = d->address;

		d->address = address->ai_next;
		if (cme_link_connect(&d->link, address->ai_addr, address->ai_addrlen, &d->err) != 0)
			continue;
		if (epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, d->link.fd, &event) != 0) {
			cme_err_set(&d->err, "internal", "the connection could not be watched");
			return FAILED;
		}
		go(d, CONNECTING);
		if (d->address)
			d->limit_us = d->now_us + NEXT_ADDRESS_US;
		return NEXT;
	}
	return FAILED;
}

static enum verdict resolve(struct cme_destination *d)
{
	const struct addrinfo *list;
	int rc;

	if (!d->lookup)
		d->lookup = cme_lookup_start(d->url.host, d->url.port, d->wake_fd, &d->err);
	rc = d->lookup ? cme_lookup_result(d->lookup, &list, &d->err) : -1;
	if (rc == 0)
		return WAIT;
	if (rc < 0)
		return FAILED;
	d->address = list;
	return connect_next(d);
}

static enum verdict greet(struct cme_destination *d)
{
	struct cme_rtmp_session_config config = {
		.url = &d->url,
		.hevc = cme_flight_stream(d->opened, CME_VIDEO).codec == CME_FLV_HEVC,
		.seed = (uint64_t)(cme_random_unit() * 9e15) ^ (uint64_t)d->now_us,
	};

	cme_rtmp_session_fini(&d->session);
	cme_rtmp_session_init(&d->session, &config);
	cme_rtmp_session_start(&d->session);
	return go(d, GREETING);
}

static enum verdict finish_connect(struct cme_destination *d)
{
	int rc = cme_link_connected(&d->link, &d->err);

	if (rc == 0 && !overdue(d))
		return WAIT;
	if (rc == 0)
		cme_err_set(&d->err, "network.timeout", "the host does not answer");
	if (rc <= 0)
		return connect_next(d);
	if (!d->url.tls)
		return greet(d);
	return cme_link_secure(&d->link, d->tls, d->url.host, &d->err) == 0 ? go(d, SECURING) : FAILED;
}

static enum verdict secure(struct cme_destination *d)
{
	int rc = cme_link_handshake(&d->link, &d->err);

	return rc == 1 ? greet(d) : rc == 0 ? WAIT : FAILED;
}

/* ---- the connection */

static enum verdict go_live(struct cme_destination *d)
{
	d->flight.stream_id = d->session.stream_id;
	d->flight.chunk_size = d->session.chunk_size;
	d->accepted_us = d->at_us = d->now_us;
	d->proven_us = d->now_us + cme_output_proof_us(d->out);
	cme_progress_start(&d->progress, d->now_us);
	d->again = false;
	cme_output_connected(d->out);
	return go(d, LIVE);
}

/* Every step of the session has a limit of its own. */
static enum verdict finish_greeting(struct cme_destination *d)
{
	enum cme_rtmp_state before = d->session.state;

	if (receive(d) < 0 || transmit(d) < 0)
		return FAILED;
	if (d->session.state == CME_RTMP_LIVE)
		return go_live(d);
	if (d->session.state != before)
		d->limit_us = d->now_us + (d->session.state >= CME_RTMP_CONNECT ? ANSWER_US : HANDSHAKE_US);
	return WAIT;
}

/* Takes packets from the queue as far as there is room. -1 with d->err. */
static int refill(struct cme_destination *d)
{
	const struct cme_queue_item *head;
	struct cme_queue_item item;
	int rc = 0;

	pthread_mutex_lock(&d->out->lock);
	while (rc == 0 && !d->again && cme_flight_room(&d->flight) &&
	       (head = cme_queue_peek(&d->out->queue))) {
		d->again = !cme_media_fits(d->opened, ((struct cme_packet *)head->packet)->media);
		if (!d->again && cme_queue_pop(&d->out->queue, &item))
			rc = cme_flight_add(&d->flight, item.packet);
	}
	pthread_mutex_unlock(&d->out->lock);
	return rc == 0 ? 0 : cme_err_set(&d->err, "internal", "out of memory");
}

/* Sends what the queue has. 1: all of it; 0: the socket takes no more; -1 with d->err. */
static int drain(struct cme_destination *d)
{
	int rc = 1;

	while (rc == 1) {
		if (refill(d) != 0)
			return -1;
		if (!d->flight.count && !d->session.out.len && !d->news)
			break;
		d->news = false;
		rc = transmit(d);
	}
	return rc;
}

/* The peer has to take something in every CME_PROGRESS_LIMIT_US, or be up to date. */
static int check_progress(struct cme_destination *d)
{
	struct cme_progress_look look = { .answered = d->session.acked, .waiting = d->flight.count > 0 };

	if (d->now_us < d->at_us)
		return 0;
	d->at_us = (d->now_us / LOOK_US + 1) * LOOK_US;
	cme_link_look(&d->link, &look);
	atomic_store(&d->unsent, (int64_t)(look.written - look.delivered));
	if (!cme_progress_stalled(&d->progress, &look, d->now_us))
		return 0;
	return cme_err_set(&d->err, "network.timeout", "the peer took nothing for 4 s");
}

/* Platforms that do not like a key may take the publish and hang up then: the connection has to hold. */
static void check_proof(struct cme_destination *d)
{
	if (d->now_us < d->proven_us)
		return;
	d->proven_us = INT64_MAX;
	cme_output_set_state(d->out, CME_OUTPUT_LIVE, NULL);
}

static enum verdict live(struct cme_destination *d)
{
	int rc;

	if (d->news && receive(d) < 0)
		return FAILED;
	rc = drain(d);
	if (rc < 0 || check_progress(d) != 0)
		return FAILED;
	check_proof(d);
	if (rc == 0 || (!d->again && !d->stopping))
		return WAIT;
	cme_rtmp_session_goodbye(&d->session);
	return go(d, LEAVING);
}

/* A lookup that is still running is kept for the next attempt, so that there is one at a time. */
static void forget_addresses(struct cme_destination *d)
{
	const struct addrinfo *list;
	struct cme_err ignored;

	d->address = NULL;
	if (d->lookup && cme_lookup_result(d->lookup, &list, &ignored) != 0) {
		cme_lookup_drop(d->lookup);
		d->lookup = NULL;
	}
}

static void disconnect(struct cme_destination *d, bool keep)
{
	cme_link_close(&d->link);
	atomic_store(&d->unsent, -1);
	cme_flight_clear(&d->flight);
	cme_media_unref(d->opened);
	d->opened = NULL;
	d->blocked = false;
	d->accepted_us = d->proven_us = 0;
	forget_addresses(d);
	cme_output_disconnected(d->out, keep);
}

/* The next attempt begins where the URL says. */
static void forget_redirect(struct cme_destination *d)
{
	struct cme_err ignored;

	if (!d->redirected)
		return;
	d->redirected = false;
	cme_rtmp_url_parse(&d->url, d->out->url, &ignored);
	cme_lookup_drop(d->lookup); /* of the other server, if it is still running */
	d->lookup = NULL;
}

static enum verdict after_close(struct cme_destination *d)
{
	disconnect(d, d->again);
	forget_redirect(d);
	return go(d, d->stopping ? GONE : WAITING);
}

/* Says goodbye. What fails from here on is the end as well. */
static enum verdict leave(struct cme_destination *d)
{
	int rc = transmit(d);

	if (rc == 0 && !overdue(d))
		return WAIT;
	if (rc <= 0)
		return after_close(d);
	cme_link_end(&d->link);
	return go(d, CLOSING);
}

/* Waits for the peer's end: closing on unread bytes would reset what it has not read yet. */
static enum verdict close_down(struct cme_destination *d)
{
	uint8_t data[READ_SIZE];
	struct cme_err ignored;
	ssize_t n;

	while ((n = cme_link_read(&d->link, data, sizeof data, &ignored)) > 0 && !overdue(d))
		;
	return n < 0 || overdue(d) ? after_close(d) : WAIT;
}

static enum verdict retry(struct cme_destination *d)
{
	return overdue(d) ? go(d, WAITING) : WAIT;
}

static enum verdict gone(struct cme_destination *d)
{
	(void)d;
	return WAIT;
}

static const struct rule rules[GONE + 1] = {
	[WAITING] = { wait_for_media, 0, NULL, NULL },
	[RESOLVING] = { resolve, 5 * CME_SECOND_US, "network.resolve", "an answer of the name server" },
	[CONNECTING] = { finish_connect, 4 * CME_SECOND_US, NULL, NULL },
	[SECURING] = { secure, HANDSHAKE_US, "network.timeout", "the TLS handshake" },
	[GREETING] = { finish_greeting, HANDSHAKE_US, "network.timeout", NULL },
	[LIVE] = { live, 0, NULL, NULL },
	[LEAVING] = { leave, CME_SECOND_US, NULL, NULL },
	[CLOSING] = { close_down, CME_SECOND_US, NULL, NULL },
	[RETRYING] = { retry, 0, NULL, NULL },
	[GONE] = { gone, 0, NULL, NULL },
};

/* ---- failures and stops */

static bool hung_up(const struct cme_destination *d)
{
	return strcmp(d->err.code, "network.reset") == 0;
}

/* The server named another one: off to it, once. */
static bool follow_redirect(struct cme_destination *d)
{
	struct cme_media *opened = cme_media_ref(d->opened);
	struct cme_err ignored;

	if (d->redirected || d->phase != GREETING || !d->session.redirect[0] ||
	    cme_rtmp_url_redirect(&d->url, d->session.redirect, &ignored) != 0 ||
	    (d->url.tls && !d->tls && !(d->tls = cme_link_tls_context(d->out->ca_file, &ignored)))) {
		cme_media_unref(opened);
		return false;
	}
	d->redirected = true;
	disconnect(d, true);
	d->opened = opened;
	go(d, RESOLVING);
	return true;
}

/* How servers say no without words: they close instead of an answer, or soon after a good one. */
static void judge_hang_up(struct cme_destination *d, int64_t lived_us)
{
	bool accepted = d->session.state == CME_RTMP_LIVE;

	if (!accepted && d->phase == GREETING && d->session.state >= CME_RTMP_CONNECT)
		cme_err_set(&d->err, "publish.refused", "the server hung up instead of %s",
			    cme_rtmp_session_waiting(&d->session));
	else if (accepted && d->proven_us != INT64_MAX)
		cme_err_set(&d->err, "publish.refused",
			    "the server accepted the publish and hung up %.1f s later",
			    (double)lived_us / 1e6);
}

static void fail(struct cme_destination *d)
{
	int64_t lived_us = d->accepted_us ? d->now_us - d->accepted_us : 0;
	bool closed = hung_up(d);
	char shown[SHOWN_MAX];
	int64_t delay_us;

	if (closed)
		judge_hang_up(d, lived_us);
	disconnect(d, false);
	forget_redirect(d);
	d->again = false;
	cme_err_prefix(&d->err, "publish to '%s'", cme_redact_url(d->out->url, shown, sizeof shown));
	delay_us = cme_output_failed(d->out, lived_us, closed, &d->err);
	go(d, RETRYING);
	d->limit_us = d->now_us + delay_us;
}

/* False: the phase is past its limit, and that is a failure. */
static bool check_limit(struct cme_destination *d)
{
	const struct rule *rule = &rules[d->phase];
	const char *missing = rule->missing ? rule->missing : cme_rtmp_session_waiting(&d->session);

	if (!rule->code || !overdue(d))
		return true;
	cme_err_set(&d->err, rule->code, "%s did not come in time", missing);
	return false;
}

/* Carries out a stop as far as it can be done at once: only a live connection has something to drain. */
static void check_stop(struct cme_destination *d, bool fresh)
{
	bool leaving = d->phase == LIVE || d->phase == LEAVING || d->phase == CLOSING;

	if (fresh) {
		pthread_mutex_lock(&d->out->lock);
		d->stopping = d->out->stopping;
		pthread_mutex_unlock(&d->out->lock);
	}
	if (!d->stopping || d->phase == GONE)
		return;
	if (!leaving || d->now_us >= atomic_load(&d->end_by_us)) {
		disconnect(d, false);
		go(d, GONE);
	}
}

static int64_t live_look(const struct cme_destination *d)
{
	return d->proven_us < d->at_us ? d->proven_us : d->at_us;
}

static int64_t next_look(const struct cme_destination *d)
{
	int64_t at_us = d->phase == LIVE ? live_look(d) : d->limit_us;
	int64_t end_by_us = d->stopping ? atomic_load(&d->end_by_us) : INT64_MAX;

	if (d->ready)
		return d->now_us;
	return at_us < end_by_us ? at_us : end_by_us;
}

bool cme_destination_step(struct cme_destination *d, bool fresh, int64_t now_us)
{
	enum verdict verdict;

	if (!fresh && !d->ready && now_us < d->at_us)
		return true;
	d->now_us = now_us;
	d->news = d->ready;
	d->ready = false;
	if (d->news)
		d->blocked = false;
	check_stop(d, fresh);
	do {
		verdict = rules[d->phase].handle(d);
		if (verdict == FAILED && follow_redirect(d))
			verdict = NEXT;
	} while (verdict == NEXT);
	if (verdict == WAIT && !check_limit(d))
		verdict = FAILED;
	if (verdict == FAILED)
		fail(d);
	d->at_us = next_look(d);
	return d->phase != GONE;
}

/* ---- life */

static void check_url(struct cme_destination *d)
{
	if (cme_rtmp_url_parse(&d->url, d->out->url, &d->url_err) != 0)
		return;
	if (d->url.login)
		cme_err_set(&d->url_err, "invalid.url", "user and password in the URL are not supported");
	else if (d->url.tls)
		d->tls = cme_link_tls_context(d->out->ca_file, &d->url_err);
}

struct cme_destination *cme_destination_new(struct cme_output *out)
{
	struct cme_destination *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->out = out;
	d->limit_us = INT64_MAX;
	atomic_init(&d->end_by_us, INT64_MAX);
	atomic_init(&d->done, false);
	atomic_init(&d->unsent, -1);
	cme_link_init(&d->link);
	cme_flight_init(&d->flight);
	check_url(d);
	return d;
}

void cme_destination_free(struct cme_destination *d)
{
	cme_link_close(&d->link);
	cme_flight_clear(&d->flight);
	cme_media_unref(d->opened);
	cme_lookup_drop(d->lookup);
	cme_rtmp_session_fini(&d->session);
	SSL_CTX_free(d->tls);
	OPENSSL_cleanse(&d->url, sizeof d->url);
	free(d);
}

void cme_destination_attach(struct cme_destination *d, int epoll_fd, int wake_fd)
{
	d->epoll_fd = epoll_fd;
	d->wake_fd = wake_fd;
}

void cme_destination_ready(struct cme_destination *d)
{
	d->ready = true;
}

int64_t cme_destination_at_us(const struct cme_destination *d)
{
	return d->at_us;
}

void cme_destination_finish(struct cme_destination *d)
{
	struct cme_events *events = d->out->events; /* the output may be freed once done is set */

	atomic_store(&d->done, true);
	cme_events_wake(events);
}

void cme_destination_end_by(struct cme_destination *d, int64_t at_us)
{
	atomic_store(&d->end_by_us, at_us);
}

bool cme_destination_done(const struct cme_destination *d)
{
	return atomic_load(&d->done);
}

int64_t cme_destination_unsent(const struct cme_destination *d)
{
	return atomic_load(&d->unsent);
}
