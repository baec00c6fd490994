/* SPDX-License-Identifier: MIT */
#include "relay/source/input.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "relay/base/backoff.h"
#include "relay/base/life.h"
#include "relay/base/sys.h"
#include "relay/source/feed.h"
#include "relay/source/paced.h"
#include "relay/source/player.h"
#include "relay/source/silence.h"

struct cme_input {
	struct cme_input_spec spec; /* has secrets */
	char *ca_file;              /* may be NULL */
	struct cme_input_sink sink;
	struct cme_events *events;
	struct cme_player *player; /* of a list; else NULL */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake; /* with lock; CLOCK_MONOTONIC; signalled by cancel */
	struct cme_cancel cancel;
	struct cme_life life;
	_Atomic bool done;
	int track[CME_STREAMS]; /* as a feed has it */
	struct cme_silence silence;
};

/* Sleeps until then or until cancelled. false: cancelled. */
static bool sleep_us(struct cme_input *input, int64_t delay_us)
{
	int64_t at_us = cme_now_us() + delay_us;
	struct timespec until = { .tv_sec = (time_t)(at_us / CME_SECOND_US),
				  .tv_nsec = (long)(at_us % CME_SECOND_US) * 1000 };
	bool run;

	pthread_mutex_lock(&input->lock);
	while (!cme_cancelled(&input->cancel) &&
	       pthread_cond_timedwait(&input->wake, &input->lock, &until) == 0)
		cme_life_sign();
	run = !cme_cancelled(&input->cancel);
	pthread_mutex_unlock(&input->lock);
	return run;
}

static void tell_promise(struct cme_input *input, const struct cme_feed *feed, struct cme_promise *told)
{
	struct cme_promise promise;

	cme_feed_promise(feed, &promise);
	if (memcmp(&promise, told, sizeof promise) == 0)
		return;
	*told = promise;
	input->sink.promise(input->sink.ctx, input, &promise);
}

static void tell_dropped(struct cme_input *input, struct cme_feed *feed)
{
	unsigned count = cme_feed_dropped(feed);

	if (count)
		input->sink.dropped(input->sink.ctx, input, count);
}

void cme_input_put(struct cme_input *input, struct cme_packet *packet)
{
	struct cme_packet *silent;

	while (input->spec.silence && (silent = cme_silence_next(&input->silence, packet)))
		input->sink.packet(input->sink.ctx, input, silent);
	cme_silence_mark(&input->silence, packet);
	input->sink.packet(input->sink.ctx, input, packet);
}

void cme_input_rest(struct cme_input *input)
{
	if (input->sink.rest)
		input->sink.rest(input->sink.ctx, input);
}

static void rest(void *input)
{
	cme_input_rest(input);
}

/* Hands packets to the sink until the source ends: returns why. */
static int read_source(struct cme_input *input, struct cme_feed *feed)
{
	bool paced = feed->ops->paced(feed);
	struct cme_paced ahead;
	struct cme_promise told = { 0 };
	int rc = 0;

	cme_paced_init(&ahead, feed);
	while (rc >= 0 && !cme_cancelled(&input->cancel)) {
		int64_t delay_us = 0;
		struct cme_packet *packet =
			paced ? cme_paced_next(&ahead, &delay_us, &rc) : feed->ops->next(feed, &rc);

		tell_promise(input, feed, &told);
		tell_dropped(input, feed);
		if (!packet && rc >= 0 && !cme_feed_foreign(feed))
			input->sink.alive(input->sink.ctx, input);
		if (!packet)
			continue;
		if (delay_us > 0)
			sleep_us(input, delay_us);
		packet->arrival_us = cme_now_us();
		cme_input_put(input, packet);
		if (paced)
			cme_input_rest(input);
	}
	cme_input_rest(input);
	cme_paced_fini(&ahead);
	return rc;
}

/* Opens the source and reads it to its end. Fills err; returns for how many seconds it was open. */
static double cycle(struct cme_input *input, struct cme_err *err)
{
	struct cme_feed feed = { .url = input->spec.urls[0],
				 .ca_file = input->ca_file,
				 .track = input->track,
				 .public = input->spec.public,
				 .cancel = &input->cancel,
				 .rest = rest,
				 .owner = input };
	int64_t opened_us = 0;

	if (cme_feed_open(&feed, err) == 0) {
		opened_us = cme_now_us();
		feed.ops->fault(&feed, read_source(input, &feed), err);
	}
	cme_feed_close(&feed);
	return opened_us ? (double)(cme_now_us() - opened_us) / 1e6 : 0;
}

static void relay_live(struct cme_input *input)
{
	struct cme_backoff backoff;
	struct cme_err err;
	double lived_s, delay_s;

	/* An encoder that comes again is at the edge's socket by then: it is not to wait for us. */
	cme_backoff_init(&backoff, cme_scheme_is_socket(input->spec.urls[0]) ? cme_backoff_sockets
									     : cme_backoff_inputs);
	do {
		input->sink.opening(input->sink.ctx, input);
		lived_s = cycle(input, &err);
		if (cme_cancelled(&input->cancel))
			break;
		input->sink.ended(input->sink.ctx, input, &err);
		delay_s = cme_backoff_next(&backoff,
					   &(struct cme_backoff_end){ .now_s = (double)cme_now_us() / 1e6,
								      .lived_s = lived_s,
								      .unit = cme_random_unit() });
	} while (sleep_us(input, (int64_t)(delay_s * 1e6)));
}

static void *run(void *arg)
{
	struct cme_input *input = arg;

	cme_life_begin(&input->life);
	if (input->player)
		cme_player_run(input->player, &input->sink, input);
	else
		relay_live(input);
	cme_life_end();
	atomic_store(&input->done, true);
	cme_events_wake(input->events);
	return NULL;
}

static void destroy(struct cme_input *input)
{
	if (input->player)
		cme_player_free(input->player);
	pthread_cond_destroy(&input->wake);
	pthread_mutex_destroy(&input->lock);
	cme_input_spec_fini(&input->spec);
	cme_silence_fini(&input->silence);
	free(input->ca_file);
	free(input);
}

/* -1: out of memory. */
static int copy_options(struct cme_input *input, const struct cme_input_spec *spec, const char *ca_file)
{
	if (cme_input_spec_copy(&input->spec, spec) != 0)
		return -1;
	for (int i = 0; i < CME_STREAMS; i++)
		input->track[i] = spec->has_track[i] ? spec->track[i] : CME_TRACK_FIRST;
	input->ca_file = ca_file ? strdup(ca_file) : NULL;
	if (ca_file && !input->ca_file)
		return -1;
	if (spec->list)
		input->player = cme_player_new(&input->spec, input->ca_file);
	return spec->list && !input->player ? -1 : 0;
}

static struct cme_input *new_input(void)
{
	struct cme_input *input = calloc(1, sizeof *input);
	pthread_condattr_t attr;

	if (!input)
		return NULL;
	pthread_mutex_init(&input->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&input->wake, &attr);
	pthread_condattr_destroy(&attr);
	cme_cancel_init(&input->cancel);
	cme_life_init(&input->life);
	atomic_init(&input->done, false);
	return input;
}

struct cme_input *cme_input_start(const struct cme_input_spec *spec, const char *ca_file,
				  const struct cme_input_sink *sink, struct cme_events *events,
				  struct cme_err *err)
{
	struct cme_input *input = new_input();

	if (!input || copy_options(input, spec, ca_file) != 0) {
		cme_err_set(err, "internal", "out of memory");
		goto fail;
	}
	input->sink = *sink;
	input->events = events;
	if (pthread_create(&input->thread, NULL, run, input) != 0) {
		cme_err_set(err, "internal", "no thread could be started");
		goto fail;
	}
	return input;
fail:
	if (input)
		destroy(input);
	return NULL;
}

void cme_input_play(struct cme_input *input, bool playing)
{
	if (input->player)
		cme_player_play(input->player, playing);
}

bool cme_input_position(const struct cme_input *input, struct cme_position *position)
{
	if (!input->player)
		return false;
	cme_player_position(input->player, position);
	return true;
}

void cme_input_cancel(struct cme_input *input)
{
	if (input->player)
		cme_player_cancel(input->player);
	pthread_mutex_lock(&input->lock);
	cme_cancel(&input->cancel);
	pthread_cond_signal(&input->wake);
	pthread_mutex_unlock(&input->lock);
}

int64_t cme_input_ask(struct cme_input *input, int64_t now_us)
{
	int64_t quiet_us = cme_life_ask(&input->life, now_us);
	int64_t player_us = input->player ? cme_player_ask(input->player, now_us) : 0;

	pthread_mutex_lock(&input->lock);
	pthread_cond_signal(&input->wake);
	pthread_mutex_unlock(&input->lock);
	return quiet_us > player_us ? quiet_us : player_us;
}

bool cme_input_resolving(const struct cme_input *input)
{
	return cme_life_resolving(&input->life) || (input->player && cme_player_resolving(input->player));
}

bool cme_input_done(const struct cme_input *input)
{
	return atomic_load(&input->done);
}

void cme_input_free(struct cme_input *input)
{
	pthread_join(input->thread, NULL);
	destroy(input);
}
