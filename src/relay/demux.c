/* SPDX-License-Identifier: MIT */
#include "relay/demux.h"

#include <string.h>

#include "relay/averr.h"
#include "relay/sys.h"

#define OPEN_S        10
#define SILENCE_S     10
#define RESUME_WAIT_S "4" /* the longest wait between two tries to go on */
#define USER_AGENT    "cme-relay/" CME_VERSION

static void tls_options(const struct cme_demux *demux, AVDictionary **options)
{
	av_dict_set(options, "tls_verify", "1", 0);
	if (demux->ca_file)
		av_dict_set(options, "ca_file", demux->ca_file, 0);
}

/* HLS opens its segments through this, without the options the playlist was opened with. */
static int open_verified(AVFormatContext *ctx, AVIOContext **pb, const char *url, int flags,
			 AVDictionary **options)
{
	struct cme_demux *demux = ctx->opaque;
	AVDictionary *own = NULL;
	int rc;

	if (!options)
		options = &own;
	tls_options(demux, options);
	rc = demux->default_open(ctx, pb, url, flags, options);
	av_dict_free(&own);
	return rc;
}

static void set_options(const struct cme_demux *demux, AVDictionary **options)
{
	tls_options(demux, options);
	av_dict_set(options, "protocol_whitelist", demux->scheme->protocols, 0);
	av_dict_set(options, "format_whitelist", demux->scheme->formats, 0);
	av_dict_set(options, "codec_whitelist", cme_scheme_decoders, 0);
	av_dict_set(options, "user_agent", USER_AGENT, 0);
	if (!demux->resume)
		return;
	av_dict_set(options, "reconnect", "1", 0);
	av_dict_set(options, "reconnect_delay_max", RESUME_WAIT_S, 0);
}

static int open_source(struct cme_demux *demux)
{
	AVDictionary *options = NULL;
	int rc;

	demux->ctx = avformat_alloc_context();
	if (!demux->ctx)
		return AVERROR(ENOMEM);
	demux->ctx->interrupt_callback = cme_deadline_callback(demux->deadline);
	demux->ctx->opaque = demux;
	demux->default_open = demux->ctx->io_open;
	demux->ctx->io_open = open_verified;
	set_options(demux, &options);
	cme_deadline_set(demux->deadline, OPEN_S * CME_SECOND_US);
	rc = avformat_open_input(&demux->ctx, demux->url, NULL, &options);
	av_dict_free(&options);
	return rc < 0 ? rc : cme_reader_init(&demux->reader, demux->ctx);
}

int cme_demux_open(struct cme_demux *demux, struct cme_err *err)
{
	struct cme_averr what = {
		.input = true, .open = true, .limit_s = OPEN_S, .url = demux->url, .log = &demux->log
	};

	demux->scheme = cme_scheme_find(demux->url);
	demux->ctx = NULL;
	demux->reader = (struct cme_reader){ 0 };
	cme_avlog_capture(&demux->log, demux->url);
	what.rc = open_source(demux);
	return what.rc < 0 ? cme_averr_set(err, &what) : 0;
}

struct cme_packet *cme_demux_next(struct cme_demux *demux, int *rc)
{
	cme_deadline_set(demux->deadline, SILENCE_S * CME_SECOND_US);
	return cme_reader_next(&demux->reader, rc);
}

void cme_demux_fault(const struct cme_demux *demux, int rc, struct cme_err *err)
{
	struct cme_averr what = {
		.rc = rc, .input = true, .limit_s = SILENCE_S, .url = demux->url, .log = &demux->log
	};

	cme_averr_set(err, &what);
}

/* Live protocols come at their own pace, and so does FLV over HTTP unless it is a file with a length. */
bool cme_demux_paced(const struct cme_demux *demux)
{
	const AVFormatContext *ctx = demux->ctx;

	if (demux->scheme->live)
		return false;
	return !strstr(ctx->iformat->name, "flv") || (ctx->pb && avio_size(ctx->pb) > 0);
}

void cme_demux_close(struct cme_demux *demux)
{
	cme_reader_fini(&demux->reader);
	cme_deadline_set(demux->deadline, CME_SECOND_US);
	avformat_close_input(&demux->ctx);
	cme_avlog_capture(NULL, NULL);
}
