/* SPDX-License-Identifier: MIT */
#include "relay/output/rtmp/destination.h"

#include <stdlib.h>
#include <string.h>

#include "common/redact.h"
#include "relay/base/sys.h"
#include "relay/output/rtmp/destination_state.h"
#include "rtmp/client/authorities.h"

#define SHOWN_MAX 256
#define MOVES_MAX 4u

/* ---- phases */

struct rule {
	enum cme_verdict (*handle)(struct cme_destination *d);
	int64_t limit_us; /* 0: none, or set by the handler */
	const char *code; /* past the limit the connection has failed with this; NULL: the handler decides */
	const char *missing; /* what did not come in time; NULL: the session knows */
};

static enum cme_verdict retry(struct cme_destination *d)
{
	return cme_destination_overdue(d) ? cme_destination_go(d, CME_PHASE_WAITING) : CME_VERDICT_WAIT;
}

/* Until something from outside changes the phase. */
static enum cme_verdict rest(struct cme_destination *d)
{
	(void)d;
	return CME_VERDICT_WAIT;
}

static const struct rule rules[CME_PHASES] = {
	[CME_PHASE_WAITING] = { cme_phase_wait_for_media, 0, NULL, NULL },
	[CME_PHASE_DIALLING] = { cme_phase_dial, 0, NULL, NULL },
	[CME_PHASE_GREETING] = { cme_phase_greet, CME_HANDSHAKE_US, "network.timeout", NULL },
	[CME_PHASE_LIVE] = { cme_phase_live, 0, NULL, NULL },
	[CME_PHASE_LEAVING] = { cme_phase_leave, CME_SECOND_US, NULL, NULL },
	[CME_PHASE_CLOSING] = { cme_phase_close, CME_SECOND_US, NULL, NULL },
	[CME_PHASE_RETRYING] = { retry, 0, NULL, NULL },
	[CME_PHASE_FENCED] = { rest, 0, NULL, NULL },
	[CME_PHASE_GONE] = { rest, 0, NULL, NULL },
};

enum cme_verdict cme_destination_go(struct cme_destination *d, enum cme_phase phase)
{
	d->phase = phase;
	d->limit_us = rules[phase].limit_us ? d->now_us + rules[phase].limit_us : INT64_MAX;
	return CME_VERDICT_NEXT;
}

bool cme_destination_overdue(const struct cme_destination *d)
{
	return d->now_us >= d->limit_us;
}

/* ---- the fence */

/* Without a lease nothing more goes out, not even what the kernel has, and nothing is tried. */
static bool check_fence(struct cme_destination *d)
{
	bool open = cme_output_open(d->out);

	if (d->phase == CME_PHASE_FENCED && open) {
		cme_output_opened(d->out);
		cme_output_set_state(d->out, CME_OUTPUT_WAITING, NULL);
		cme_destination_go(d, CME_PHASE_WAITING);
	} else if (d->phase != CME_PHASE_FENCED && d->phase != CME_PHASE_GONE && !open) {
		cme_link_reset(&d->link);
		cme_destination_disconnect(d, false);
		cme_destination_forget_redirect(d);
		d->again = false;
		d->moves = 0;
		cme_output_set_state(d->out, CME_OUTPUT_FENCED, NULL);
		cme_destination_go(d, CME_PHASE_FENCED);
	}
	return open;
}

/* ---- failures and stops */

static bool hung_up(const struct cme_destination *d)
{
	return strcmp(d->err.code, "network.reset") == 0;
}

/* From now on the server that the other one named. */
static bool redirect(struct cme_destination *d)
{
	struct cme_err ignored;

	if (!d->session.redirect[0] || cme_rtmp_url_redirect(&d->url, d->session.redirect, &ignored) != 0 ||
	    (d->url.tls && !d->tls && !(d->tls = cme_authorities_acquire(d->out->ca_file, &ignored))))
		return false;
	d->redirected = true;
	return true;
}

/* The server asks for a login: the next connect has the answer. */
static bool log_in(struct cme_destination *d)
{
	return d->session.words[0] && cme_login_answer(&d->login, &d->url, d->session.words,
						       (uint32_t)(cme_random_unit() * UINT32_MAX));
}

/* A refusal that leads to another attempt: at another server, once, or with a login. */
static bool try_again(struct cme_destination *d)
{
	struct cme_media *opened;

	if (d->phase != CME_PHASE_GREETING || d->stopping || !cme_output_open(d->out) ||
	    !((!d->redirected && redirect(d)) || log_in(d)))
		return false;
	opened = cme_media_ref(d->opened);
	cme_destination_disconnect(d, true);
	d->opened = opened;
	cme_destination_dial(d);
	return true;
}

bool cme_destination_move(struct cme_destination *d)
{
	if (++d->moves > MOVES_MAX) {
		cme_err_set(&d->err, "publish.refused",
			    "the server asked for another connection %u times in a row", MOVES_MAX);
		return false;
	}
	redirect(d);
	cme_dial_fini(&d->dial);
	d->login = (struct cme_login){ 0 };
	return true;
}

/* How servers say no without words: they close instead of an answer, or soon after a good one. */
static void judge_hang_up(struct cme_destination *d, int64_t lived_us)
{
	bool accepted = d->session.state == CME_RTMP_LIVE;

	if (!accepted && d->phase == CME_PHASE_GREETING && d->session.state >= CME_RTMP_CONNECT)
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
	cme_destination_disconnect(d, false);
	cme_destination_forget_redirect(d);
	d->again = false;
	d->moves = 0;
	d->login = (struct cme_login){ 0 };
	cme_err_prefix(&d->err, "publish to '%s'", cme_redact_url(d->out->url, shown, sizeof shown));
	delay_us = cme_output_failed(d->out, lived_us, closed, &d->err);
	cme_destination_go(d, CME_PHASE_RETRYING);
	d->limit_us = d->now_us + delay_us;
}

/* False: the phase is past its limit, and that is a failure. */
static bool check_limit(struct cme_destination *d)
{
	const struct rule *rule = &rules[d->phase];
	const char *missing = rule->missing ? rule->missing : cme_rtmp_session_waiting(&d->session);

	if (!rule->code || !cme_destination_overdue(d))
		return true;
	cme_err_set(&d->err, rule->code, "%s did not come in time", missing);
	return false;
}

/* Carries out a stop as far as it can be done at once: only a live connection has something to drain. */
static void check_stop(struct cme_destination *d, bool fresh)
{
	bool leaving =
		d->phase == CME_PHASE_LIVE || d->phase == CME_PHASE_LEAVING || d->phase == CME_PHASE_CLOSING;

	if (fresh) {
		pthread_mutex_lock(&d->out->lock);
		d->stopping = d->out->stopping;
		pthread_mutex_unlock(&d->out->lock);
	}
	if (!d->stopping || d->phase == CME_PHASE_GONE)
		return;
	if (!leaving || d->now_us >= atomic_load(&d->end_by_us)) {
		cme_destination_disconnect(d, false);
		cme_destination_go(d, CME_PHASE_GONE);
	}
}

static int64_t live_look(const struct cme_destination *d)
{
	return d->proven_us < d->at_us ? d->proven_us : d->at_us;
}

static int64_t next_look(const struct cme_destination *d)
{
	int64_t at_us = d->phase == CME_PHASE_LIVE ? live_look(d) : d->limit_us;
	int64_t end_by_us = d->stopping ? atomic_load(&d->end_by_us) : INT64_MAX;
	int64_t fence_us = cme_output_open_until_us(d->out, d->now_us);

	if (d->ready)
		return d->now_us;
	if (d->phase != CME_PHASE_FENCED && fence_us < at_us)
		at_us = fence_us;
	return at_us < end_by_us ? at_us : end_by_us;
}

bool cme_destination_step(struct cme_destination *d, bool fresh, int64_t now_us)
{
	enum cme_verdict verdict;

	if (!fresh && !d->ready && now_us < d->at_us)
		return true;
	d->now_us = now_us;
	d->news = d->ready;
	d->ready = false;
	if (d->news)
		d->blocked = false;
	check_fence(d);
	check_stop(d, fresh);
	do {
		verdict = rules[d->phase].handle(d);
		if (verdict == CME_VERDICT_FAILED && try_again(d))
			verdict = CME_VERDICT_NEXT;
	} while (verdict == CME_VERDICT_NEXT);
	if (verdict == CME_VERDICT_WAIT && !check_limit(d))
		verdict = CME_VERDICT_FAILED;
	if (verdict == CME_VERDICT_FAILED && check_fence(d))
		fail(d);
	d->at_us = next_look(d);
	return d->phase != CME_PHASE_GONE;
}

/* ---- life */

static void check_url(struct cme_destination *d)
{
	if (cme_rtmp_url_parse(&d->url, d->out->url, &d->url_err) != 0)
		return;
	if (d->url.tls)
		d->tls = cme_authorities_acquire(d->out->ca_file, &d->url_err);
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
	cme_dial_fini(&d->dial);
	cme_rtmp_session_fini(&d->session);
	cme_authorities_release(d->tls);
	OPENSSL_cleanse(&d->url, sizeof d->url);
	OPENSSL_cleanse(&d->login, sizeof d->login);
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
