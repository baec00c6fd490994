/* SPDX-License-Identifier: MIT */
#include "relay/source/pull/source_pull.h"

#include <stdlib.h>

#include "common/redact.h"
#include "relay/base/life.h"
#include "relay/base/sys.h"
#include "relay/source/flv/flv_live.h"
#include "relay/source/pull/reader_process.h"

/* The process keeps limits of its own, and says so; these are for one that does not. */
#define OPEN_S    60
#define ANSWER_S  15
#define SILENCE_S 10 /* of FLV, whose media the process does not look at */
#define SLICE_MS  100
#define SHOWN_MAX 256

struct cme_pull_source {
	struct cme_feed *feed;
	struct cme_reader_process process;
	struct cme_flv_live live; /* err.code empty: the process knows why */
	bool told;                /* the reader knows which streams come */
};

static bool cancelled(const struct cme_pull_source *source)
{
	return cme_cancelled(source->feed->cancel);
}

/* ---- opening */

/* Without a word for so long it hangs. */
static bool silent(struct cme_pull_source *source, int limit_s)
{
	if (cme_now_us() - source->process.heard_us < limit_s * CME_SECOND_US)
		return false;
	cme_err_set(&source->live.err, "media.reader", "the process that reads it did not answer any more");
	return true;
}

static int wait_for_open(struct cme_pull_source *source)
{
	struct cme_reader_process *process = &source->process;

	while (!process->opened && !process->err.code[0] && !process->ended) {
		if (cancelled(source) || silent(source, OPEN_S))
			return -1;
		cme_life_sign();
		cme_reader_process_take(process, SLICE_MS);
	}
	if (process->opened)
		return 0;
	cme_reader_process_judge(process);
	return -1;
}

/* What the process says names the source already. */
static void set_fault(const struct cme_pull_source *source, const char *doing, struct cme_err *err)
{
	const struct cme_err *said = &source->process.err;
	bool own = source->live.err.code[0] != '\0';
	char shown[SHOWN_MAX];

	*err = own ? source->live.err : *said;
	if (own || strcmp(said->code, "media.reader") == 0 ||
	    (strcmp(said->code, "internal") == 0 && !source->process.opened))
		cme_err_prefix(err, "%s '%s'", doing, cme_redact_url(source->feed->url, shown, sizeof shown));
}

static int open_feed(struct cme_feed *feed, struct cme_err *err)
{
	struct cme_pull_source *source = calloc(1, sizeof *source);

	feed->backend = source;
	if (!source)
		return cme_err_set(err, "internal", "out of memory");
	source->feed = feed;
	cme_flv_live_init(&source->live, feed->track);
	feed->reader = &source->live.reader;
	if (cme_reader_process_start(&source->process, feed) == 0 && wait_for_open(source) == 0) {
		cme_flv_live_expect(&source->live);
		return 0;
	}
	set_fault(source, "open", err);
	return -1;
}

/* ---- reading */

static int end_of_media(struct cme_pull_source *source)
{
	int rc = cme_flv_live_end(&source->live);

	if (rc == 0 || rc == CME_END_PICTURE)
		return rc;
	cme_reader_process_judge(&source->process);
	return source->process.over ? CME_END_OVER : CME_END_CUT;
}

static void expect_streams(struct cme_pull_source *source)
{
	const struct cme_reader_process *process = &source->process;

	if (source->told || !process->streams)
		return;
	source->told = true;
	cme_gather_expect(&source->live.reader.gather, process->expected[CME_VIDEO],
			  process->expected[CME_AUDIO]);
}

/* The process passes on bytes, and none of them are media. */
static bool overdue(struct cme_pull_source *source)
{
	return source->process.flv && cme_now_us() - source->process.heard_us <= SILENCE_S * CME_SECOND_US &&
	       cme_flv_live_overdue(&source->live);
}

/* Takes what is there, or waits for it. 0, or why it ends (end.h). */
static int take_more(struct cme_feed *feed)
{
	struct cme_pull_source *source = feed->backend;
	struct cme_reader_process *process = &source->process;
	int rc;

	process->sign = false;
	cme_life_sign();
	if (!process->len) {
		cme_feed_rest(feed);
		cme_reader_process_take(process, SLICE_MS);
	}
	expect_streams(source);
	rc = cme_flv_live_feed(&source->live, &process->at, &process->len);
	if (rc < 0)
		return CME_END_UNREADABLE;
	if (rc == 0 && process->ended)
		return end_of_media(source);
	return cancelled(source) || silent(source, ANSWER_S) || overdue(source) ? CME_END_CUT : 0;
}

static struct cme_packet *next(struct cme_feed *feed, int *rc)
{
	struct cme_pull_source *source = feed->backend;

	return cme_flv_live_next(&source->live, feed, take_more, rc);
}

static unsigned dropped(struct cme_feed *feed)
{
	struct cme_pull_source *source = feed->backend;
	unsigned count = source->process.dropped + cme_gather_dropped(&source->live.reader.gather);

	source->process.dropped = 0;
	return count;
}

static bool foreign(const struct cme_feed *feed)
{
	const struct cme_pull_source *source = feed->backend;

	return source->live.reader.foreign && !source->process.sign;
}

/* What the process left out did not come as FLV. */
static void promised(const struct cme_feed *feed, struct cme_promise *promise)
{
	const struct cme_pull_source *source = feed->backend;

	if (source->process.flv)
		cme_flv_reader_promise(&source->live.reader, promise);
	else
		*promise = source->process.promise;
}

static void fault(const struct cme_feed *feed, int rc, struct cme_err *err)
{
	(void)rc;
	set_fault(feed->backend, "read", err);
}

static bool paced(const struct cme_feed *feed)
{
	const struct cme_pull_source *source = feed->backend;

	return source->process.paced;
}

static void close_feed(struct cme_feed *feed)
{
	struct cme_pull_source *source = feed->backend;

	if (!source)
		return;
	cme_reader_process_end(&source->process, source->feed->spares);
	cme_flv_live_fini(&source->live);
	free(source);
	feed->backend = NULL;
}

const struct cme_feed_ops cme_source_pull = {
	.name = "cme-pull",
	.open = open_feed,
	.next = next,
	.dropped = dropped,
	.foreign = foreign,
	.promise = promised,
	.fault = fault,
	.paced = paced,
	.close = close_feed,
};
