/* SPDX-License-Identifier: MIT */
#include "relay/input.h"

#include <libavformat/avformat.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "relay/averr.h"
#include "relay/avlog.h"
#include "relay/backoff.h"
#include "relay/deadline.h"
#include "relay/pacer.h"
#include "relay/reader.h"
#include "relay/scheme.h"
#include "relay/sys.h"

#define OPEN_S     10
#define SILENCE_S  10
#define USER_AGENT "cme-relay/" CME_VERSION

struct cme_input {
	char *url;     /* has secrets */
	char *ca_file; /* may be NULL */
	struct cme_input_sink sink;
	struct cme_events *events;
	const struct cme_scheme *scheme;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake; /* with lock; CLOCK_MONOTONIC; signalled by cancel */
	struct cme_deadline deadline;
	_Atomic bool done;

	/* of the thread alone */
	struct cme_avlog log;
	struct cme_pacer pacer;
	int (*default_open)(AVFormatContext *, AVIOContext **, const char *, int, AVDictionary **);
};

static void tls_options(const struct cme_input *input, AVDictionary **options)
{
	av_dict_set(options, "tls_verify", "1", 0);
	if (input->ca_file)
		av_dict_set(options, "ca_file", input->ca_file, 0);
}

/* HLS opens its segments through this, without the options the playlist was opened with. */
static int open_verified(AVFormatContext *ctx, AVIOContext **pb, const char *url, int flags,
			 AVDictionary **options)
{
	struct cme_input *input = ctx->opaque;
	AVDictionary *own = NULL;
	int rc;

	if (!options)
		options = &own;
	tls_options(input, options);
	rc = input->default_open(ctx, pb, url, flags, options);
	av_dict_free(&own);
	return rc;
}

static int open_source(struct cme_input *input, AVFormatContext **ctx)
{
	AVDictionary *options = NULL;
	int rc;

	*ctx = avformat_alloc_context();
	if (!*ctx)
		return AVERROR(ENOMEM);
	(*ctx)->interrupt_callback = cme_deadline_callback(&input->deadline);
	(*ctx)->opaque = input;
	input->default_open = (*ctx)->io_open;
	(*ctx)->io_open = open_verified;
	tls_options(input, &options);
	av_dict_set(&options, "protocol_whitelist", input->scheme->whitelist, 0);
	av_dict_set(&options, "user_agent", USER_AGENT, 0);
	cme_deadline_set(&input->deadline, OPEN_S * CME_SECOND_US);
	rc = avformat_open_input(ctx, input->url, NULL, &options);
	av_dict_free(&options);
	return rc;
}

/* Live protocols come at their own pace, and so does FLV over HTTP unless it is a file with a length. */
static bool to_be_paced(const struct cme_input *input, AVFormatContext *ctx)
{
	if (input->scheme->live)
		return false;
	return !strstr(ctx->iformat->name, "flv") || (ctx->pb && avio_size(ctx->pb) > 0);
}

/* Sleeps until then or until cancelled. false: cancelled. */
static bool sleep_us(struct cme_input *input, int64_t delay_us)
{
	int64_t at_us = cme_now_us() + delay_us;
	struct timespec until = { .tv_sec = (time_t)(at_us / CME_SECOND_US),
				  .tv_nsec = (long)(at_us % CME_SECOND_US) * 1000 };
	bool run;

	pthread_mutex_lock(&input->lock);
	while (!cme_deadline_cancelled(&input->deadline) &&
	       pthread_cond_timedwait(&input->wake, &input->lock, &until) == 0)
		;
	run = !cme_deadline_cancelled(&input->deadline);
	pthread_mutex_unlock(&input->lock);
	return run;
}

/* Hands packets to the sink until the source ends: returns why. */
static int read_source(struct cme_input *input, AVFormatContext *ctx, struct cme_reader *reader)
{
	bool paced = to_be_paced(input, ctx);
	int rc = 0;

	input->pacer = (struct cme_pacer){ 0 };
	while (rc >= 0 && !cme_deadline_cancelled(&input->deadline)) {
		struct cme_packet *packet;

		cme_deadline_set(&input->deadline, SILENCE_S * CME_SECOND_US);
		packet = cme_reader_next(reader, &rc);
		if (!packet && rc >= 0)
			input->sink.alive(input->sink.ctx, input);
		if (!packet)
			continue;
		if (paced)
			sleep_us(input, cme_pacer_delay_us(&input->pacer, packet->av->dts, cme_now_us()));
		packet->arrival_us = cme_now_us();
		input->sink.packet(input->sink.ctx, input, packet);
	}
	return rc;
}

/* Opens the source and reads it to its end. Fills err; returns for how many seconds it was open. */
static double cycle(struct cme_input *input, struct cme_err *err)
{
	struct cme_averr what = {
		.input = true, .open = true, .limit_s = OPEN_S, .url = input->url, .log = &input->log
	};
	struct cme_reader reader;
	AVFormatContext *ctx;
	int64_t opened_us = 0;

	cme_avlog_capture(&input->log, input->url);
	what.rc = open_source(input, &ctx);
	if (what.rc >= 0) {
		what.rc = cme_reader_init(&reader, ctx);
		if (what.rc >= 0) {
			what.open = false;
			opened_us = cme_now_us();
			what.limit_s = SILENCE_S;
			what.rc = read_source(input, ctx, &reader);
		}
		cme_reader_fini(&reader);
		cme_deadline_set(&input->deadline, CME_SECOND_US);
		avformat_close_input(&ctx);
	}
	cme_averr_set(err, &what);
	cme_avlog_capture(NULL, NULL);
	return opened_us ? (double)(cme_now_us() - opened_us) / 1e6 : 0;
}

static void *run(void *arg)
{
	struct cme_input *input = arg;
	struct cme_backoff backoff;
	struct cme_err err;
	double lived_s, delay_s;

	cme_backoff_init(&backoff, cme_backoff_inputs);
	do {
		input->sink.opening(input->sink.ctx, input);
		lived_s = cycle(input, &err);
		if (cme_deadline_cancelled(&input->deadline))
			break;
		input->sink.ended(input->sink.ctx, input, &err);
		delay_s = cme_backoff_next(&backoff, lived_s, false, cme_random_unit());
	} while (sleep_us(input, (int64_t)(delay_s * 1e6)));
	atomic_store(&input->done, true);
	cme_events_wake(input->events);
	return NULL;
}

static void destroy(struct cme_input *input)
{
	pthread_cond_destroy(&input->wake);
	pthread_mutex_destroy(&input->lock);
	free(input->url);
	free(input->ca_file);
	free(input);
}

static struct cme_input *new_input(const char *url, const char *ca_file)
{
	struct cme_input *input = calloc(1, sizeof *input);
	pthread_condattr_t attr;

	if (!input)
		return NULL;
	input->url = strdup(url);
	input->ca_file = ca_file ? strdup(ca_file) : NULL;
	input->scheme = cme_scheme_find(url);
	pthread_mutex_init(&input->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&input->wake, &attr);
	pthread_condattr_destroy(&attr);
	cme_deadline_init(&input->deadline);
	atomic_init(&input->done, false);
	return input;
}

struct cme_input *cme_input_start(const char *url, const char *ca_file, const struct cme_input_sink *sink,
				  struct cme_events *events, struct cme_err *err)
{
	struct cme_input *input = new_input(url, ca_file);

	if (!input || !input->url || !input->scheme) {
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

void cme_input_cancel(struct cme_input *input)
{
	pthread_mutex_lock(&input->lock);
	cme_deadline_cancel(&input->deadline);
	pthread_cond_signal(&input->wake);
	pthread_mutex_unlock(&input->lock);
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
