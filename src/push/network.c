/* SPDX-License-Identifier: MIT */
#include "push/network.h"

#include <libavcodec/avcodec.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "av/averr.h"
#include "av/options.h"
#include "common/clock.h"
#include "common/redact.h"
#include "stream/codec/aac.h"

#define CONNECT_S   10
#define PROGRESS_S  4 /* with what the buffers hide, a stall at 4 Mbit/s is noticed within 5 s */
#define CLOSE_US    CME_SECOND_US
#define SEND_BUFFER "131072" /* small, so that a stalled peer shows in the queue and not after 10 s */

static const AVRational microseconds = { 1, 1000000 };

static int interrupted(void *opaque)
{
	const struct cme_push_network *network = opaque;

	return cme_now_us() >= network->until_us;
}

static AVIOInterruptCB callback(struct cme_push_network *network)
{
	return (AVIOInterruptCB){ .callback = interrupted, .opaque = network };
}

static void allow(struct cme_push_network *network, int64_t from_now_us)
{
	network->until_us = cme_now_us() + from_now_us;
}

static int fail(struct cme_push_network *network, struct cme_err *err)
{
	bool open = network->open_us == 0;
	struct cme_averr what = { .rc = network->rc,
				  .open = open,
				  .unproven = cme_now_us() - network->open_us < network->task->proof_us,
				  .limit_s = open ? CONNECT_S : PROGRESS_S,
				  .url = network->task->url,
				  .log = &network->log };

	return cme_averr_set(err, &what);
}

static int refuse(const struct cme_push_network *network, struct cme_err *err)
{
	char shown[256];

	*err = network->refusal;
	return cme_err_prefix(err, "open '%s'", cme_redact_url(network->task->url, shown, sizeof shown));
}

/* ---- opening */

static int add_streams(struct cme_push_network *network)
{
	for (int i = 0; i < CME_STREAMS; i++) {
		AVStream *stream;

		network->index[i] = -1;
		if (!network->task->par[i])
			continue;
		stream = avformat_new_stream(network->ctx, NULL);
		if (!stream || avcodec_parameters_copy(stream->codecpar, network->task->par[i]) < 0)
			return AVERROR(ENOMEM);
		network->index[i] = stream->index;
	}
	return 0;
}

/* The URL to open. The query of UDP is libavformat's: an output reads no files and waits for nobody there. */
static char *url_of(struct cme_push_network *network, AVDictionary **options)
{
	const char *url = network->task->url;

	return strncasecmp(url, "srt:", 4) == 0 ? cme_options_take(url, options, &network->refusal)
						: strdup(url);
}

static int open_socket(struct cme_push_network *network)
{
	AVIOInterruptCB interrupt = callback(network);
	AVDictionary *options = NULL;
	char *url = url_of(network, &options);
	int rc = AVERROR(ENOMEM);

	av_dict_set(&options, "tls_verify", "1", 0);
	if (network->task->ca_file)
		av_dict_set(&options, "ca_file", network->task->ca_file, 0);
	av_dict_set(&options, "send_buffer_size", SEND_BUFFER, 0);
	av_dict_set(&options, "tcp_nodelay", "1", 0);
	if (url)
		rc = avio_open2(&network->ctx->pb, url, AVIO_FLAG_WRITE, &interrupt, &options);
	av_dict_free(&options);
	free(url);
	return rc;
}

static int open_muxer(struct cme_push_network *network)
{
	int rc = avformat_alloc_output_context2(&network->ctx, NULL, network->task->container,
						network->task->url);

	if (rc < 0)
		return rc;
	network->ctx->interrupt_callback = callback(network);
	network->ctx->flags |= AVFMT_FLAG_FLUSH_PACKETS;
	if ((rc = add_streams(network)) < 0 || (rc = open_socket(network)) < 0)
		return rc;
	rc = avformat_write_header(network->ctx, NULL);
	return rc < 0 ? rc : 0;
}

int cme_push_network_open(struct cme_push_network *network, const struct cme_push_task *task,
			  struct cme_err *err)
{
	*network = (struct cme_push_network){ .task = task, .base_us = INT64_MIN };
	cme_lead_init(&network->lead);
	cme_avlog_capture(&network->log, task->url);
	allow(network, CONNECT_S * CME_SECOND_US);
	network->rc = open_muxer(network);
	if (network->rc < 0)
		return network->refusal.code[0] ? refuse(network, err) : fail(network, err);
	network->open_us = cme_now_us();
	return 0;
}

/* ---- writing */

/* libavformat's MPEG-TS would put the first config before every frame, whatever comes later: the ADTS header
 * is written here, from what holds by now. What ADTS has no form for is left to libavformat. */
static int put_adts(const struct cme_push_network *network, AVPacket *av)
{
	const AVCodecParameters *par = network->task->par[av->stream_index];
	uint8_t header[CME_AAC_ADTS];
	int size = av->size;

	if (par->codec_id != AV_CODEC_ID_AAC || strcmp(network->ctx->oformat->name, "mpegts") != 0 ||
	    !cme_aac_put_adts(header, par->extradata, (size_t)par->extradata_size, (size_t)size))
		return 0;
	if (av_grow_packet(av, (int)sizeof header) < 0)
		return AVERROR(ENOMEM);
	memmove(av->data + sizeof header, av->data, (size_t)size);
	memcpy(av->data, header, sizeof header);
	return 0;
}

static int write_packet(struct cme_push_network *network, AVPacket *av)
{
	int kind = av->stream_index, rc = put_adts(network, av);

	if (rc < 0)
		return rc;
	av->stream_index = network->index[kind];
	av->dts -= network->base_us;
	av->pts -= network->base_us;
	if (kind == CME_VIDEO)
		cme_lead_apply(&network->lead, &av->dts, &av->pts);
	av_packet_rescale_ts(av, microseconds, network->ctx->streams[av->stream_index]->time_base);
	allow(network, PROGRESS_S * CME_SECOND_US);
	return av_write_frame(network->ctx, av);
}

int cme_push_network_write(struct cme_push_network *network, AVPacket *av, struct cme_err *err)
{
	if (network->base_us == INT64_MIN)
		network->base_us = av->dts;
	network->rc = av->dts < network->base_us ? 0 : write_packet(network, av);
	av_packet_unref(av);
	return network->rc < 0 ? fail(network, err) : 0;
}

void cme_push_network_close(struct cme_push_network *network, bool goodbye)
{
	network->until_us = goodbye ? cme_now_us() + CLOSE_US : 0;
	if (network->ctx && goodbye)
		av_write_trailer(network->ctx);
	if (network->ctx)
		avio_closep(&network->ctx->pb);
	avformat_free_context(network->ctx);
	network->ctx = NULL;
	cme_avlog_capture(NULL, NULL);
}
