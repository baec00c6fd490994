/* SPDX-License-Identifier: MIT */
#include "relay/source/pull/source_pull.h"

#include <libavutil/error.h>
#include <stdlib.h>

#include "common/redact.h"
#include "relay/base/life.h"
#include "relay/base/sys.h"
#include "relay/source/flv/flv_reader.h"
#include "relay/source/pull/reader_process.h"
#include "stream/flv/file.h"

/* The process keeps limits of its own, and says so; these are for one that does not. */
#define OPEN_S    60
#define ANSWER_S  15
#define SILENCE_S 10 /* of FLV, whose media the process does not look at */
#define SLICE_MS  100
#define SHOWN_MAX 256

struct cme_pull_source {
	struct cme_feed *feed;
	struct cme_reader_process process;
	struct cme_flv_file file;
	struct cme_flv_reader reader;
	struct cme_err err;   /* why the last call failed; code empty: the process knows */
	int64_t media_due_us; /* when media have to come; of FLV */
	bool told;            /* the reader knows which streams come */
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
	cme_err_set(&source->err, "media.reader", "the process that reads it did not answer any more");
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
	bool own = source->err.code[0] != '\0';
	char shown[SHOWN_MAX];

	*err = own ? source->err : *said;
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
	cme_flv_file_init(&source->file, CME_FLV_TAG_MAX);
	cme_flv_reader_init(&source->reader, feed->track);
	if (cme_reader_process_start(&source->process, feed) == 0 && wait_for_open(source) == 0) {
		source->media_due_us = cme_now_us() + SILENCE_S * CME_SECOND_US;
		return 0;
	}
	set_fault(source, "open", err);
	return -1;
}

/* ---- reading */

/* No more comes: what was held back for streams that did not show can go out now, if there is any. */
static int end_of_media(struct cme_pull_source *source)
{
	int rc = cme_gather_end(&source->reader.gather);

	if (rc == 0)
		return 0;
	if (rc == AVERROR_PATCHWELCOME) {
		cme_flv_reader_fault(&source->reader, rc, &source->err);
		return rc;
	}
	cme_reader_process_judge(&source->process);
	return source->process.over ? AVERROR_EOF : AVERROR_EXIT;
}

static void expect_streams(struct cme_pull_source *source)
{
	const struct cme_reader_process *process = &source->process;

	if (source->told || !process->streams)
		return;
	source->told = true;
	cme_gather_expect(&source->reader.gather, process->expected[CME_VIDEO], process->expected[CME_AUDIO]);
}

/* Feeds the reader the next tag of what came. 1; 0: there is no whole one; -1 with err. */
static int feed_tag(struct cme_pull_source *source)
{
	struct cme_reader_process *process = &source->process;
	struct cme_flv_tag tag;
	int rc = cme_flv_file_read(&source->file, &process->at, &process->len, &tag, &source->err);

	if (rc == 1)
		cme_flv_reader_feed(&source->reader, tag.type, tag.timestamp, tag.data, tag.len);
	return rc;
}

/* The process passes on bytes, and none of them are media. */
static bool overdue(struct cme_pull_source *source)
{
	int64_t now_us = cme_now_us();

	if (!source->process.flv || now_us < source->media_due_us ||
	    now_us - source->process.heard_us > SILENCE_S * CME_SECOND_US)
		return false;
	cme_err_set(&source->err, "network.timeout", "no media within %d s", SILENCE_S);
	return true;
}

/* Takes what is there, or waits for it. 0, or a libavformat error code. */
static int take_more(struct cme_pull_source *source)
{
	struct cme_reader_process *process = &source->process;
	int rc;

	process->sign = false;
	cme_life_sign();
	if (!process->len)
		cme_reader_process_take(process, SLICE_MS);
	expect_streams(source);
	rc = feed_tag(source);
	if (rc < 0)
		return AVERROR_INVALIDDATA;
	if (rc == 0 && process->ended)
		return end_of_media(source);
	return cancelled(source) || silent(source, ANSWER_S) || overdue(source) ? AVERROR_EXIT : 0;
}

static struct cme_packet *next(struct cme_feed *feed, int *rc)
{
	struct cme_pull_source *source = feed->backend;
	struct cme_packet *packet = cme_flv_reader_next(&source->reader, rc);

	if (!packet && *rc == 0) {
		source->reader.foreign = true; /* until a tag of media comes */
		*rc = take_more(source);
		if (*rc < 0)
			return NULL;
		packet = cme_flv_reader_next(&source->reader, rc);
	}
	if (*rc < 0)
		cme_flv_reader_fault(&source->reader, *rc, &source->err);
	if (packet || !source->reader.foreign) /* data of other kinds do not break a silence */
		source->media_due_us = cme_now_us() + SILENCE_S * CME_SECOND_US;
	return packet;
}

static unsigned dropped(struct cme_feed *feed)
{
	struct cme_pull_source *source = feed->backend;
	unsigned count = source->process.dropped + cme_gather_dropped(&source->reader.gather);

	source->process.dropped = 0;
	return count;
}

static bool foreign(const struct cme_feed *feed)
{
	const struct cme_pull_source *source = feed->backend;

	return source->reader.foreign && !source->process.sign;
}

/* What the process left out did not come as FLV. */
static void promised(const struct cme_feed *feed, struct cme_promise *promise)
{
	const struct cme_pull_source *source = feed->backend;

	if (source->process.flv)
		cme_flv_reader_promise(&source->reader, promise);
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
	cme_flv_reader_fini(&source->reader);
	cme_flv_file_fini(&source->file);
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
