/* SPDX-License-Identifier: MIT */
#include "pull/av/reader.h"

#include <string.h>

#include "av/averr.h"
#include "av/convert.h"
#include "common/clock.h"
#include "pull/av/reader_form.h"
#include "pull/av/reader_streams.h"

int cme_reader_init(struct cme_reader *reader, AVFormatContext *ctx)
{
	int rc;

	*reader = (struct cme_reader){ .ctx = ctx, .index = { -1, -1 } };
	cme_gather_init(&reader->gather, false);
	reader->last_dts_us[CME_VIDEO] = reader->last_dts_us[CME_AUDIO] = AV_NOPTS_VALUE;
	rc = avformat_find_stream_info(ctx, NULL);
	return rc < 0 ? rc : cme_reader_choose_streams(reader);
}

void cme_reader_fini(struct cme_reader *reader)
{
	av_bsf_free(&reader->adts);
	cme_mpa_fini(&reader->mpa);
	cme_gather_fini(&reader->gather);
}

static bool is_mpeg_sound(const struct cme_reader *reader, const AVPacket *av)
{
	enum AVCodecID id = reader->ctx->streams[av->stream_index]->codecpar->codec_id;

	return (id == AV_CODEC_ID_MP2 || id == AV_CODEC_ID_MP3) &&
	       strcmp(reader->ctx->iformat->name, "rtsp") == 0;
}

/* The next packet of the source. 0; 1: there was nothing whole in it; or libavformat's error code. */
static int read_frame(struct cme_reader *reader, AVPacket *av)
{
	int rc = cme_mpa_next(&reader->mpa, av);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = av_read_frame(reader->ctx, av);
	if (rc < 0 || !is_mpeg_sound(reader, av) || !cme_mpa_takes(&reader->mpa, av))
		return rc;
	rc = cme_mpa_put(&reader->mpa, av, reader->ctx->streams[av->stream_index]->time_base);
	if (rc == 0)
		rc = cme_mpa_next(&reader->mpa, av);
	return rc < 0 ? rc : !rc;
}

/* MPEG-TS ends its pictures where others begin: after the last byte nobody knows whether one is whole. */
static bool is_torn(const AVFormatContext *ctx)
{
	return strcmp(ctx->iformat->name, "mpegts") == 0 && ctx->pb &&
	       (ctx->pb->eof_reached || ctx->pb->error);
}

/* A parser gives a packet when the next one begins, and marks it when bytes of that one are missing. So the
 * mark is taken as one of both. */
static void spread_mark(struct cme_reader *reader, int kind, AVPacket *av)
{
	bool marked = av->flags & AV_PKT_FLAG_CORRUPT;

	if (reader->marked[kind] || is_torn(reader->ctx))
		av->flags |= AV_PKT_FLAG_CORRUPT;
	reader->marked[kind] = marked;
}

/* One packet read and converted, av is its place. *kind -1: not for us. */
static int read_one(struct cme_reader *reader, AVPacket *av, int *kind)
{
	int rc = read_frame(reader, av);

	*kind = rc == 0 ? cme_reader_kind_of(reader, av) : -1;
	reader->foreign = rc == 0 && *kind < 0;
	if (*kind < 0)
		return rc > 0 ? 0 : rc;
	reader->gather.came[*kind] = true;
	spread_mark(reader, *kind, av);
	if (reader->init && reader->init->fresh && (rc = cme_reader_follow_init(reader)) < 0)
		return rc;
	if ((size_t)av->size > CME_PACKET_BYTES_MAX)
		return AVERROR(ENOMEM);
	rc = cme_reader_convert(reader, *kind, av);
	if (rc == 0)
		rc = cme_reader_to_microseconds(reader, *kind, av);
	if (rc != AVERROR(EAGAIN))
		return rc;
	*kind = -1;
	return 0;
}

/* The packet of a stream of ours goes out, or is held back (gather.h). */
static int put(struct cme_reader *reader, AVPacket *av, struct cme_packet **packet)
{
	struct cme_packet *given = cme_av_to_packet(av);
	int rc;

	if (!given)
		return AVERROR(ENOMEM);
	rc = cme_gather_put(&reader->gather, &given, packet, cme_now_us());
	if (!given) /* it was taken */
		av_packet_unref(av);
	cme_packet_unref(given);
	return cme_averr_of_end(rc);
}

struct cme_packet *cme_reader_next(struct cme_reader *reader, int *rc)
{
	struct cme_gather *gather = &reader->gather;
	struct cme_packet *packet = NULL;
	AVPacket *av;
	int kind;

	*rc = 0;
	if (cme_gather_holds(gather))
		return cme_gather_held(gather);
	av = av_packet_alloc();
	if (!av) {
		*rc = AVERROR(ENOMEM);
		return NULL;
	}
	*rc = read_one(reader, av, &kind);
	if (*rc == AVERROR_EOF)
		*rc = cme_averr_of_end(cme_gather_end(gather));
	else if (*rc == 0 && cme_gather_hopeless(gather, cme_now_us()))
		*rc = AVERROR_PATCHWELCOME;
	else if (*rc == 0 && kind >= 0)
		*rc = put(reader, av, &packet);
	if (*rc < 0)
		cme_gather_give_up(gather, kind >= 0 && av->size > 0);
	av_packet_free(&av);
	return packet;
}
