/* SPDX-License-Identifier: MIT */
#include "relay/output/av/output_av.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "av/av_url.h"
#include "av/averr.h"
#include "av/avlog.h"
#include "common/redact.h"
#include "relay/base/deadline.h"
#include "relay/base/scheme.h"
#include "relay/base/sys.h"
#include "relay/output/av/lead.h"
#include "stream/aac.h"

#define CONNECT_S   10
#define PROGRESS_S  4 /* with what the buffers hide, a stall at 4 Mbit/s is noticed within 5 s */
#define CLOSE_US    CME_SECOND_US
#define SEND_BUFFER "131072" /* small, so that a stalled peer shows in the queue and not after 10 s */

static const AVRational microseconds = { 1, 1000000 };

/* Why a connection ended. */
enum end {
	END_STOPPED, /* out->stopping */
	END_MEDIA,   /* the next packet does not fit the connection: open another at once */
	END_FAILED,
};

struct av_output {
	struct cme_output *out;
	pthread_t thread;
	pthread_cond_t wake; /* with out->lock; CLOCK_MONOTONIC */
	struct cme_deadline deadline;
	struct cme_life life;
	_Atomic bool done;

	/* of the thread alone */
	struct cme_avlog log;
	AVFormatContext *ctx;
	struct cme_media *opened;            /* what the header was written for */
	struct cme_media *sent[CME_STREAMS]; /* whose sequence header the peer has */
	int index[CME_STREAMS];              /* stream of ctx; -1: none */
	struct cme_lead lead;                /* of the picture */
	int64_t base_us;                     /* timeline's DTS of this connection's first packet */
	int64_t live_us;                     /* when the connection came up; 0: not yet */
	int64_t proof_us;                    /* how long it has to hold to count as live */
	bool proven;                         /* it has */
	bool hung_up;                        /* the last connection was ended by the peer */
};

static void lock(struct av_output *av)
{
	pthread_mutex_lock(&av->out->lock);
}

static void unlock(struct av_output *av)
{
	pthread_mutex_unlock(&av->out->lock);
}

static int fail(struct av_output *av, struct cme_err *err, int rc, int limit_s)
{
	struct cme_averr what = { .rc = rc,
				  .open = av->live_us == 0,
				  .unproven = !av->proven,
				  .limit_s = limit_s,
				  .url = av->out->url,
				  .log = &av->log };

	av->hung_up = cme_averr_hung_up(rc);
	return cme_averr_set(err, &what);
}

static int add_streams(struct av_output *av)
{
	for (int i = 0; i < CME_STREAMS; i++) {
		AVStream *stream;

		av->index[i] = -1;
		if (!av->opened->par[i])
			continue;
		stream = avformat_new_stream(av->ctx, NULL);
		if (!stream || avcodec_parameters_copy(stream->codecpar, av->opened->par[i]) < 0)
			return AVERROR(ENOMEM);
		av->index[i] = stream->index;
		av->sent[i] = cme_media_ref(av->opened);
	}
	return 0;
}

static int open_socket(struct av_output *av)
{
	AVIOInterruptCB interrupt = cme_deadline_callback(&av->deadline);
	AVDictionary *options = NULL;
	struct cme_err ignored; /* of memory alone: RTMP has a backend of its own */
	char *url = cme_av_url(av->out->url, &options, &ignored);
	int rc = AVERROR(ENOMEM);

	av_dict_set(&options, "tls_verify", "1", 0);
	if (av->out->ca_file)
		av_dict_set(&options, "ca_file", av->out->ca_file, 0);
	av_dict_set(&options, "send_buffer_size", SEND_BUFFER, 0);
	av_dict_set(&options, "tcp_nodelay", "1", 0);
	if (url)
		rc = avio_open2(&av->ctx->pb, url, AVIO_FLAG_WRITE, &interrupt, &options);
	av_dict_free(&options);
	free(url);
	return rc;
}

static int open_muxer(struct av_output *av)
{
	const struct cme_scheme *scheme = cme_scheme_find(av->out->url);
	AVDictionary *options = NULL;
	int rc = avformat_alloc_output_context2(&av->ctx, NULL, scheme->container, av->out->url);

	if (rc < 0)
		return rc;
	av->ctx->interrupt_callback = cme_deadline_callback(&av->deadline);
	av->ctx->flags |= AVFMT_FLAG_FLUSH_PACKETS;
	if ((rc = add_streams(av)) < 0 || (rc = open_socket(av)) < 0)
		return rc;
	av_dict_set(&options, "flvflags", "no_duration_filesize", 0);
	rc = avformat_write_header(av->ctx, &options);
	av_dict_free(&options);
	return rc < 0 ? rc : 0;
}

/* What cannot work is said before the peer is troubled with a connection. */
static int check_media(struct av_output *av, struct cme_err *err)
{
	char url[256];

	if (cme_media_check(av->opened, cme_scheme_find(av->out->url)->container, err) == 0)
		return 0;
	return cme_err_prefix(err, "open '%s'", cme_redact_url(av->out->url, url, sizeof url));
}

static int connect_output(struct av_output *av, struct cme_err *err)
{
	int rc;

	if (check_media(av, err) != 0)
		return -1;
	cme_output_set_state(av->out, CME_OUTPUT_CONNECTING, NULL);
	cme_avlog_capture(&av->log, av->out->url);
	cme_deadline_set(&av->deadline, CONNECT_S * CME_SECOND_US);
	rc = open_muxer(av);
	if (rc < 0)
		return fail(av, err, rc, CONNECT_S);
	av->live_us = cme_now_us();
	av->base_us = INT64_MIN;
	cme_lead_init(&av->lead);
	av->proof_us = cme_output_proof_us(av->out);
	cme_output_connected(av->out);
	return 0;
}

/* A peer that does not read gets no goodbye: what is left in its buffers would only wait. */
static void disconnect_output(struct av_output *av, bool goodbye)
{
	cme_deadline_set(&av->deadline, goodbye ? CLOSE_US : 0);
	if (av->ctx && av->live_us && goodbye)
		av_write_trailer(av->ctx);
	if (av->ctx)
		avio_closep(&av->ctx->pb);
	avformat_free_context(av->ctx);
	av->ctx = NULL;
	for (int i = 0; i < CME_STREAMS; i++) {
		cme_media_unref(av->sent[i]);
		av->sent[i] = NULL;
	}
	cme_media_unref(av->opened);
	av->opened = NULL;
}

/* The muxer writes a sequence header only if its bytes differ from those the peer has. */
static int attach_header(struct av_output *av, AVPacket *pkt, const struct cme_packet *packet, int stream)
{
	const AVCodecParameters *par = packet->media->par[stream];
	AVCodecParameters *mine = av->ctx->streams[av->index[stream]]->codecpar;
	uint8_t *side;

	if (av->sent[stream] == packet->media)
		return 0;
	if (par->extradata_size > 0) {
		side = av_packet_new_side_data(pkt, AV_PKT_DATA_NEW_EXTRADATA, (size_t)par->extradata_size);
		if (!side)
			return AVERROR(ENOMEM);
		memcpy(side, par->extradata, (size_t)par->extradata_size);
	}
	if (stream == CME_VIDEO && (mine->width != par->width || mine->height != par->height)) {
		mine->width = par->width;
		mine->height = par->height;
		av->ctx->event_flags |= AVFMT_EVENT_FLAG_METADATA_UPDATED; /* a new onMetaData */
	}
	cme_media_unref(av->sent[stream]);
	av->sent[stream] = cme_media_ref(packet->media);
	return 0;
}

/* libavformat's MPEG-TS would put the first config before every frame, whatever comes later: the ADTS header
 * is written here, from the packet's own. What ADTS has no form for is left to libavformat. */
static int put_adts(const struct av_output *av, AVPacket *pkt, const struct cme_packet *packet)
{
	const AVCodecParameters *par = packet->media->par[packet->av->stream_index];
	uint8_t header[CME_AAC_ADTS];
	AVBufferRef *joined;

	if (par->codec_id != AV_CODEC_ID_AAC || strcmp(av->ctx->oformat->name, "mpegts") != 0 ||
	    !cme_aac_put_adts(header, par->extradata, (size_t)par->extradata_size, (size_t)pkt->size))
		return 0;
	joined = av_buffer_allocz(sizeof header + (size_t)pkt->size + AV_INPUT_BUFFER_PADDING_SIZE);
	if (!joined)
		return AVERROR(ENOMEM);
	memcpy(joined->data, header, sizeof header);
	memcpy(joined->data + sizeof header, pkt->data, (size_t)pkt->size);
	av_buffer_unref(&pkt->buf);
	pkt->buf = joined;
	pkt->data = joined->data;
	pkt->size += (int)sizeof header;
	return 0;
}

static int write_packet(struct av_output *av, const struct cme_packet *packet)
{
	int stream = packet->av->stream_index;
	AVPacket *pkt;
	int rc;

	if (av->base_us == INT64_MIN)
		av->base_us = packet->av->dts;
	if (packet->av->dts < av->base_us)
		return 0; /* sound from before the first picture */
	pkt = av_packet_clone(packet->av);
	if (!pkt)
		return AVERROR(ENOMEM);
	rc = attach_header(av, pkt, packet, stream);
	if (rc == 0 && (rc = put_adts(av, pkt, packet)) == 0) {
		pkt->stream_index = av->index[stream];
		pkt->dts -= av->base_us;
		pkt->pts -= av->base_us;
		if (stream == CME_VIDEO)
			cme_lead_apply(&av->lead, &pkt->dts, &pkt->pts);
		av_packet_rescale_ts(pkt, microseconds, av->ctx->streams[pkt->stream_index]->time_base);
		cme_deadline_set(&av->deadline, PROGRESS_S * CME_SECOND_US);
		rc = av_write_frame(av->ctx, pkt);
	}
	av_packet_free(&pkt);
	return rc < 0 ? rc : 0;
}

/* With the lock held. */
static void wait_for_wake(struct av_output *av)
{
	pthread_cond_wait(&av->wake, &av->out->lock);
	cme_life_sign();
}

/* Waits for the next packet; NULL with *end when there is none for this connection any more. */
static struct cme_packet *next_packet(struct av_output *av, enum end *end)
{
	struct cme_queue *queue = &av->out->queue;
	const struct cme_queue_item *head;
	struct cme_queue_item item = { 0 };

	lock(av);
	while (!(head = cme_queue_peek(queue)) && !av->out->stopping)
		wait_for_wake(av);
	if (!head)
		*end = END_STOPPED;
	else if (!cme_media_fits(av->opened, ((struct cme_packet *)head->packet)->media))
		*end = END_MEDIA;
	else
		cme_queue_pop(queue, &item);
	unlock(av);
	return item.packet;
}

static void sent(struct av_output *av, const struct cme_packet *packet)
{
	cme_output_sent(av->out, packet);
	if (av->proven || cme_now_us() - av->live_us < av->proof_us)
		return;
	av->proven = true;
	cme_output_set_state(av->out, CME_OUTPUT_LIVE, NULL);
}

static enum end pump(struct av_output *av, struct cme_err *err)
{
	enum end end = END_FAILED;
	struct cme_packet *packet;

	while ((packet = next_packet(av, &end))) {
		int rc = write_packet(av, packet);

		if (rc >= 0)
			sent(av, packet);
		cme_packet_unref(packet);
		if (rc < 0) {
			fail(av, err, rc, PROGRESS_S);
			return END_FAILED;
		}
	}
	return end;
}

/* Blocks until there is media to open a connection with; false: to end. */
static bool wait_for_media(struct av_output *av)
{
	const struct cme_queue_item *head;

	lock(av);
	while (!(head = cme_queue_peek(&av->out->queue)) && !av->out->stopping)
		wait_for_wake(av);
	if (av->out->stopping)
		head = NULL;
	if (head)
		av->opened = cme_media_ref(((struct cme_packet *)head->packet)->media);
	unlock(av);
	return head != NULL;
}

/* Sleeps out the backoff; false: to end. */
static bool wait_to_retry(struct av_output *av, int64_t delay_us)
{
	int64_t until_us = cme_now_us() + delay_us;
	struct timespec until = { .tv_sec = (time_t)(until_us / CME_SECOND_US),
				  .tv_nsec = (long)(until_us % CME_SECOND_US) * 1000 };
	bool run;

	lock(av);
	while (!av->out->stopping && pthread_cond_timedwait(&av->wake, &av->out->lock, &until) == 0)
		cme_life_sign();
	run = !av->out->stopping;
	unlock(av);
	return run;
}

/* After a failure: says so and waits. false: to end. */
static bool back_off(struct av_output *av, const struct cme_err *err)
{
	int64_t lived_us = av->live_us ? cme_now_us() - av->live_us : 0;

	if (cme_deadline_cancelled(&av->deadline))
		return false;
	return wait_to_retry(av, cme_output_failed(av->out, lived_us, av->hung_up, err));
}

/* One connection from opening to its end. */
static enum end cycle(struct av_output *av, struct cme_err *err)
{
	enum end end = END_FAILED;

	av->live_us = 0;
	av->proven = false;
	av->hung_up = false;
	if (connect_output(av, err) == 0)
		end = pump(av, err);
	disconnect_output(av, end != END_FAILED);
	cme_output_disconnected(av->out, end == END_MEDIA);
	return end;
}

static void *run(void *arg)
{
	struct av_output *av = arg;
	struct cme_err err;

	cme_life_begin(&av->life);
	while (wait_for_media(av)) {
		enum end end = cycle(av, &err);

		if (end == END_STOPPED || (end == END_FAILED && !back_off(av, &err)))
			break;
	}
	cme_avlog_capture(NULL, NULL);
	cme_life_end();
	atomic_store(&av->done, true);
	cme_events_wake(av->out->events);
	return NULL;
}

static int start(struct cme_output *out, struct cme_err *err)
{
	struct av_output *av = calloc(1, sizeof *av);
	pthread_condattr_t attr;

	if (!av)
		return cme_err_set(err, "internal", "out of memory");
	av->out = out;
	out->backend = av;
	atomic_init(&av->done, false);
	cme_deadline_init(&av->deadline);
	cme_life_init(&av->life);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&av->wake, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&av->thread, NULL, run, av) != 0) {
		pthread_cond_destroy(&av->wake);
		free(av);
		return cme_err_set(err, "internal", "no thread could be started");
	}
	return 0;
}

static void wake(struct cme_output *out)
{
	struct av_output *av = out->backend;

	pthread_cond_signal(&av->wake);
}

static void end_by(struct cme_output *out, int64_t at_us)
{
	struct av_output *av = out->backend;

	cme_deadline_cancel_at(&av->deadline, at_us);
}

static struct cme_life *life(const struct cme_output *out)
{
	struct av_output *av = out->backend;

	return &av->life;
}

static bool done(const struct cme_output *out)
{
	const struct av_output *av = out->backend;

	return atomic_load(&av->done);
}

static void join(struct cme_output *out)
{
	struct av_output *av = out->backend;

	pthread_join(av->thread, NULL);
	pthread_cond_destroy(&av->wake);
	free(av);
}

const struct cme_output_ops cme_output_av = {
	.name = "libavformat",
	.start = start,
	.wake = wake,
	.end_by = end_by,
	.life = life,
	.done = done,
	.join = join,
};
