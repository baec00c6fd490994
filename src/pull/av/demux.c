/* SPDX-License-Identifier: MIT */
#include "pull/av/demux.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "av/averr.h"
#include "av/options.h"
#include "common/clock.h"
#include "pull/public.h"

#define WAIT_S      10  /* until it is open, and for the next bytes */
#define STREAMS_MAX 128 /* of MPEG-TS: each keeps a buffer of 200 KB */
#define FLV_MARK    "FLV"

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
	av_dict_set(options, "protocol_whitelist", demux->order->kind->protocols, 0);
	av_dict_set(options, "format_whitelist", demux->order->kind->formats, 0);
	av_dict_set(options, "codec_whitelist", cme_kind_decoders, 0);
	av_dict_set_int(options, "max_streams", STREAMS_MAX, 0);
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

static int open_format(struct cme_demux *demux, const char *url, AVDictionary **options)
{
	const char *name = demux->order->kind->demuxer;
	int rc;

	demux->ctx = avformat_alloc_context();
	if (!demux->ctx)
		return AVERROR(ENOMEM);
	demux->ctx->interrupt_callback = cme_limit_callback(&demux->limit);
	demux->ctx->opaque = demux;
	demux->ctx->io_open = open_part;
	demux->ctx->io_close2 = close_part;
	demux->ctx->pb = demux->pb;
	set_options(demux, options);
	rc = avformat_open_input(&demux->ctx, url, name ? av_find_input_format(name) : NULL, options);
	demux->intake.opened = true; /* what a part begins with while the streams are probed is news */
	if (rc >= 0 && in_boxes(demux))
		demux->ctx->fps_probe_size = 0; /* few packets are read ahead, so that news come in place */
	if (rc >= 0)
		rc = cme_reader_init(&demux->reader, demux->ctx);
	demux->reader.init = &demux->intake.init;
	return refused(demux) ? AVERROR_INVALIDDATA : rc;
}

/* Its bytes, and what is in them. */
static int open_bytes(struct cme_demux *demux, const char *url, AVDictionary **options)
{
	AVDictionary *none = NULL;
	int rc;

	rc = cme_intake_open(&demux->intake, &demux->pb, url, options);
	if (rc < 0)
		return rc;
	demux->flv = cme_intake_begins_with(demux->pb, FLV_MARK);
	rc = demux->flv ? 0 : open_format(demux, demux->order->url, &none);
	av_dict_free(&none);
	return rc;
}

/* What libavformat is given may be another URL than ours. */
static int open_url(struct cme_demux *demux)
{
	AVDictionary *options = NULL;
	char *url = cme_options_take(demux->order->url, &options, &demux->intake.refusal);
	const char *settings = demux->order->kind->settings;
	int rc = AVERROR_INVALIDDATA;

	if (url && settings && av_dict_parse_string(&options, settings, "=", ":", AV_DICT_DONT_OVERWRITE) < 0)
		rc = AVERROR(ENOMEM);
	else if (url)
		rc = demux->order->kind->demuxer ? open_format(demux, url, &options)
						 : open_bytes(demux, url, &options);
	av_dict_free(&options);
	free(url);
	return rc;
}

/* Nobody can say of a packet that comes where its sender stands. */
static bool is_local(struct cme_demux *demux)
{
	if (!demux->order->public || !demux->order->kind->local)
		return false;
	cme_err_set(
		&demux->intake.refusal, "source.not_public",
		"UDP and RTP come from the service's own network, and it reads from public addresses alone");
	return true;
}

int cme_demux_open(struct cme_demux *demux)
{
	cme_avlog_capture(&demux->log, demux->order->url);
	demux->limit.cut = &demux->log.restarted; /* libavformat would wait for the old numbers */
	cme_limit_set(&demux->limit, WAIT_S * CME_SECOND_US);
	cme_public_only(demux->order->public ? &demux->intake.refusal : NULL);
	return is_local(demux) ? AVERROR_INVALIDDATA : open_url(demux);
}

void cme_demux_init(struct cme_demux *demux, const struct cme_order *order)
{
	*demux = (struct cme_demux){ .order = order };
	demux->intake.order = order;
	demux->intake.limit = &demux->limit;
	demux->intake.log = &demux->log;
	cme_intake_init(&demux->intake);
}

void cme_demux_fini(struct cme_demux *demux)
{
	cme_reader_fini(&demux->reader);
	cme_limit_set(&demux->limit, CME_SECOND_US);
	demux->limit.cut = NULL;
	avformat_close_input(&demux->ctx);
	cme_intake_close(demux->pb);
	cme_intake_fini(&demux->intake);
	cme_avlog_capture(NULL, NULL);
}

/* Live protocols come at their own pace, and so does FLV over HTTP unless it is a file with a length. */
bool cme_demux_paced(const struct cme_demux *demux)
{
	if (demux->order->kind->live)
		return false;
	return !demux->flv || cme_intake_size(demux->pb) > 0;
}

/* Of one more stream than it may have libavformat says that there is no memory. */
static void check_streams(struct cme_demux *demux, int rc)
{
	if (rc == AVERROR(ENOMEM) && demux->ctx->nb_streams >= STREAMS_MAX)
		cme_err_set(&demux->intake.refusal, "media.too_large", "more than %d streams", STREAMS_MAX);
}

struct cme_packet *cme_demux_next(struct cme_demux *demux, int *rc)
{
	struct cme_packet *packet;

	if (!demux->reader.foreign) /* data of other kinds do not break a silence */
		cme_limit_set(&demux->limit, WAIT_S * CME_SECOND_US);
	packet = cme_reader_next(&demux->reader, rc);
	check_streams(demux, *rc);
	if (*rc == AVERROR_PATCHWELCOME)
		cme_err_set(&demux->intake.refusal, "media.unsupported", CME_PICTURE_UNREADABLE,
			    cme_gather_lacks(&demux->reader.gather, CME_VIDEO));
	if (!packet && refused(demux))
		*rc = AVERROR_INVALIDDATA;
	return packet;
}

int cme_demux_bytes(struct cme_demux *demux, uint8_t *out, int size)
{
	int n;

	cme_limit_set(&demux->limit, WAIT_S * CME_SECOND_US);
	n = avio_read_partial(demux->pb, out, size);
	return n == 0 ? AVERROR_EOF : n;
}

void cme_demux_promise(const struct cme_demux *demux, struct cme_promise *promise)
{
	*promise = (struct cme_promise){ 0 };
	for (int kind = 0; kind < CME_STREAMS; kind++) {
		const char *lacks = cme_gather_lacks(&demux->reader.gather, kind);

		promise->made[kind] = demux->reader.gather.came[kind];
		if (lacks)
			snprintf(promise->unreadable[kind], sizeof promise->unreadable[kind], "%s", lacks);
	}
}

void cme_demux_fault(struct cme_demux *demux, int rc, bool open, struct cme_err *err)
{
	struct cme_averr what = { .rc = rc,
				  .input = true,
				  .open = open,
				  .limit_s = WAIT_S,
				  .url = demux->order->kind->nameless ? NULL : demux->order->url,
				  .log = &demux->log,
				  .refusal = &demux->intake.refusal };

	cme_averr_set(err, &what);
}
