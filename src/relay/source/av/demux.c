/* SPDX-License-Identifier: MIT */
#include "relay/source/av/demux.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "av/av_url.h"
#include "av/averr.h"
#include "av/avlog.h"
#include "relay/base/sys.h"
#include "relay/source/av/intake.h"
#include "relay/source/av/reader.h"

#define OPEN_S    10
#define SILENCE_S 10
/* Bytes that the process may grow by while one packet is read, or a source opened. AddressSanitizer keeps for
 * a while what is freed, of all threads. */
#ifdef __SANITIZE_ADDRESS__
#define GROWTH_MAX ((size_t)256 * 1024 * 1024)
#else
#define GROWTH_MAX ((size_t)64 * 1024 * 1024)
#endif
#define STREAMS_MAX "128" /* of MPEG-TS: each keeps a buffer of 200 KB */

struct cme_demux {
	const struct cme_feed *feed;
	AVFormatContext *ctx; /* NULL: closed */
	AVIOContext *pb;      /* of the URL itself; NULL: not open */
	struct cme_intake intake;
	struct cme_reader reader;
	struct cme_avlog log;
};

/* What a playlist names in turn. */
static int open_part(AVFormatContext *ctx, AVIOContext **pb, const char *url, int flags,
		     AVDictionary **options)
{
	struct cme_demux *demux = ctx->opaque;

	return (flags & AVIO_FLAG_WRITE) ? AVERROR(EPERM) : cme_intake_open(&demux->intake, pb, url, options);
}

static int close_part(AVFormatContext *ctx, AVIOContext *pb)
{
	(void)ctx;
	cme_intake_close(pb);
	return 0;
}

/* Connections that HLS keeps open would not pass our intake. */
static void set_options(const struct cme_demux *demux, AVDictionary **options)
{
	av_dict_set(options, "protocol_whitelist", demux->feed->scheme->protocols, 0);
	av_dict_set(options, "format_whitelist", demux->feed->scheme->formats, 0);
	av_dict_set(options, "codec_whitelist", cme_scheme_decoders, 0);
	av_dict_set(options, "max_streams", STREAMS_MAX, 0);
	av_dict_set(options, "http_persistent", "0", 0);
	av_dict_set(options, "http_multiple", "0", 0);
}

/* HLS goes on with what came before a cut. */
static bool refused(const struct cme_demux *demux)
{
	return demux->intake.refusal.code[0] != '\0';
}

/* fMP4-HLS, whose streams need no probing: their boxes say all. */
static bool in_boxes(const struct cme_demux *demux)
{
	return demux->intake.boxed && strstr(demux->ctx->iformat->name, "hls");
}

static int open_format(struct cme_demux *demux)
{
	AVDictionary *options = NULL;
	int rc;

	demux->ctx->pb = demux->pb;
	set_options(demux, &options);
	rc = avformat_open_input(&demux->ctx, demux->feed->url, NULL, &options);
	av_dict_free(&options);
	demux->intake.opened = true; /* what a part begins with while the streams are probed is news */
	if (rc >= 0 && in_boxes(demux))
		demux->ctx->fps_probe_size = 0; /* few packets are read ahead, so that news come in place */
	if (rc >= 0)
		rc = cme_reader_init(&demux->reader, demux->ctx);
	demux->reader.init = &demux->intake.init;
	return refused(demux) ? AVERROR_INVALIDDATA : rc;
}

/* A libavformat error code. */
static int open_source(struct cme_demux *demux, const char *url, AVDictionary **options)
{
	int rc;

	demux->ctx = avformat_alloc_context();
	if (!demux->ctx)
		return AVERROR(ENOMEM);
	demux->ctx->interrupt_callback = cme_deadline_callback(demux->feed->deadline);
	demux->ctx->opaque = demux;
	demux->ctx->io_open = open_part;
	demux->ctx->io_close2 = close_part;
	demux->feed->deadline->growth_max = GROWTH_MAX;
	demux->feed->deadline->cut = &demux->log.restarted; /* libavformat would wait for the old numbers */
	cme_deadline_set(demux->feed->deadline, OPEN_S * CME_SECOND_US);
	rc = cme_intake_open(&demux->intake, &demux->pb, url, options);
	return rc < 0 ? rc : open_format(demux);
}

static void set_fault(const struct cme_demux *demux, struct cme_averr *what, struct cme_err *err)
{
	if (demux->feed->deadline->overgrown)
		what->rc = AVERROR(ENOMEM);
	what->input = true;
	what->url = demux->feed->url;
	what->log = &demux->log;
	what->refusal = &demux->intake.refusal;
	cme_averr_set(err, what);
}

/* Everything but the feed starts anew. */
static struct cme_demux *new_demux(const struct cme_feed *feed)
{
	struct cme_demux *demux = calloc(1, sizeof *demux);

	if (!demux)
		return NULL;
	demux->feed = feed;
	demux->intake = (struct cme_intake){ .scheme = feed->scheme,
					     .ca_file = feed->ca_file,
					     .deadline = feed->deadline,
					     .log = &demux->log,
					     .resume = feed->resume };
	cme_intake_reset(&demux->intake);
	return demux;
}

static int open_feed(struct cme_feed *feed, struct cme_err *err)
{
	struct cme_averr what = { .open = true, .limit_s = OPEN_S, .rc = AVERROR(EINVAL) };
	struct cme_demux *demux = new_demux(feed);
	AVDictionary *options = NULL;
	char *url;

	feed->backend = demux;
	if (!demux)
		return cme_err_set(err, "internal", "out of memory");
	cme_avlog_capture(&demux->log, feed->url);
	url = cme_av_url(feed->url, &options, &demux->intake.refusal);
	if (url)
		what.rc = open_source(demux, url, &options);
	av_dict_free(&options);
	free(url);
	if (what.rc >= 0)
		return 0;
	set_fault(demux, &what, err);
	return -1;
}

static struct cme_packet *next(struct cme_feed *feed, int *rc)
{
	struct cme_demux *demux = feed->backend;
	struct cme_packet *packet;

	if (!demux->reader.foreign) /* data of other kinds do not break a silence */
		cme_deadline_set(feed->deadline, SILENCE_S * CME_SECOND_US);
	packet = cme_reader_next(&demux->reader, rc);
	if (*rc == AVERROR_PATCHWELCOME)
		cme_err_set(&demux->intake.refusal, "media.unsupported", CME_PICTURE_UNREADABLE,
			    cme_gather_lacks(&demux->reader.gather, CME_VIDEO));
	if (!packet && refused(demux))
		*rc = AVERROR_INVALIDDATA;
	return packet;
}

static unsigned dropped(struct cme_feed *feed)
{
	struct cme_demux *demux = feed->backend;

	return cme_gather_dropped(&demux->reader.gather);
}

static bool foreign(const struct cme_feed *feed)
{
	const struct cme_demux *demux = feed->backend;

	return demux->reader.foreign;
}

static void promised(const struct cme_feed *feed, struct cme_promise *promise)
{
	const struct cme_demux *demux = feed->backend;
	const char *picture = cme_gather_lacks(&demux->reader.gather, CME_VIDEO);
	const char *sound = demux->intake.sound[0] ? demux->intake.sound
						   : cme_gather_lacks(&demux->reader.gather, CME_AUDIO);

	*promise = (struct cme_promise){ .made = { cme_reader_shown(&demux->reader, CME_VIDEO),
						   sound || cme_reader_shown(&demux->reader, CME_AUDIO) } };
	if (picture)
		snprintf(promise->unreadable[CME_VIDEO], sizeof promise->unreadable[CME_VIDEO], "%s",
			 picture);
	if (sound)
		snprintf(promise->unreadable[CME_AUDIO], sizeof promise->unreadable[CME_AUDIO], "%s", sound);
}

static void fault(const struct cme_feed *feed, int rc, struct cme_err *err)
{
	struct cme_averr what = { .rc = rc, .limit_s = SILENCE_S };

	set_fault(feed->backend, &what, err);
}

/* Live protocols come at their own pace, and so does FLV over HTTP unless it is a file with a length. */
static bool paced(const struct cme_feed *feed)
{
	const struct cme_demux *demux = feed->backend;

	if (feed->scheme->traits & CME_SCHEME_LIVE)
		return false;
	return !strstr(demux->ctx->iformat->name, "flv") || cme_intake_size(demux->pb) > 0;
}

static void close_feed(struct cme_feed *feed)
{
	struct cme_demux *demux = feed->backend;

	if (!demux)
		return;
	cme_reader_fini(&demux->reader);
	cme_deadline_set(feed->deadline, CME_SECOND_US);
	feed->deadline->cut = NULL;
	avformat_close_input(&demux->ctx);
	cme_intake_close(demux->pb);
	cme_intake_fini(&demux->intake);
	cme_avlog_capture(NULL, NULL);
	free(demux);
	feed->backend = NULL;
}

const struct cme_feed_ops cme_source_av = {
	.name = "libavformat",
	.open = open_feed,
	.next = next,
	.dropped = dropped,
	.foreign = foreign,
	.promise = promised,
	.fault = fault,
	.paced = paced,
	.close = close_feed,
};
