/* SPDX-License-Identifier: MIT */
#include "pull/av/reader_streams.h"

#include <libavutil/mem.h>
#include <string.h>

#include "av/averr.h"
#include "av/convert.h"
#include "stream/nal/sets.h"

#define EXTRADATA_MAX 65536
#define INIT_BUFFER   4096

static const enum AVMediaType types[CME_STREAMS] = { AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO };

/* The container states the form of H.264 and HEVC by their configuration: a record goes with lengths (ISO/IEC
 * 14496-15 5.3.3.1, 8.3.3.1), parameter sets among start codes, or none at all, with start codes.
 */
static bool has_start_codes(const struct cme_params *par)
{
	const struct cme_sets_kind *kind = cme_sets_kind(par->codec);

	return kind && !cme_sets_is_record(kind, par->extradata, par->extradata_len);
}

/* The record of all sets so far, or none where one is missing: the picture will bring it. */
static int set_record(const struct cme_reader *reader, struct cme_params *par)
{
	struct cme_buf record;
	bool whole;
	int rc;

	cme_buf_init(&record, EXTRADATA_MAX);
	whole = cme_sets_record(&reader->gather.sets, &record) == 0;
	rc = cme_params_configure(par, (const uint8_t *)record.data, whole ? record.len : 0);
	cme_buf_fini(&record);
	return rc == 0 ? 0 : AVERROR(ENOMEM);
}

/* The picture's form and its parameter sets. */
static int take_sets(struct cme_reader *reader, struct cme_params *par)
{
	reader->start_codes = has_start_codes(par);
	if (!reader->start_codes) {
		cme_sets_read(&reader->gather.sets, par->extradata, par->extradata_len);
		return 0;
	}
	cme_sets_watch(&reader->gather.sets, par->extradata, par->extradata_len, 0);
	return set_record(reader, par);
}

int cme_reader_open_adts(struct cme_reader *reader, const AVStream *stream)
{
	const AVBitStreamFilter *filter = av_bsf_get_by_name("aac_adtstoasc");
	int rc = filter ? av_bsf_alloc(filter, &reader->adts) : AVERROR_BSF_NOT_FOUND;

	if (rc < 0 || (rc = avcodec_parameters_copy(reader->adts->par_in, stream->codecpar)) < 0)
		return rc;
	reader->adts->time_base_in = stream->time_base;
	return av_bsf_init(reader->adts);
}

static int take_stream(struct cme_reader *reader, int kind, const AVStream *stream)
{
	reader->gather.par[kind] = cme_av_to_params(stream->codecpar);
	if (!reader->gather.par[kind])
		return AVERROR(ENOMEM);
	reader->index[kind] = stream->index;
	reader->time_base[kind] = stream->time_base;
	if (cme_gather_has_sets(&reader->gather, kind) && take_sets(reader, reader->gather.par[kind]) < 0)
		return AVERROR(ENOMEM);
	if (stream->codecpar->codec_id == AV_CODEC_ID_AAC && stream->codecpar->extradata_size == 0)
		return cme_reader_open_adts(reader, stream);
	return 0;
}

/* The cover of a sound file, which is no picture to relay. */
static bool is_cover(const AVStream *stream)
{
	return stream->disposition & AV_DISPOSITION_ATTACHED_PIC;
}

/* The best picture and its sound; the rest, other HLS variants too, is not even downloaded. */
int cme_reader_choose_streams(struct cme_reader *reader)
{
	int related = -1, rc = 0;

	for (int kind = 0; kind < CME_STREAMS && rc >= 0; kind++) {
		int best = av_find_best_stream(reader->ctx, types[kind], -1, related, NULL, 0);

		if (best < 0 || is_cover(reader->ctx->streams[best]))
			continue;
		related = best;
		rc = take_stream(reader, kind, reader->ctx->streams[best]);
	}
	for (int i = 0; i < (int)reader->ctx->nb_streams; i++)
		if (i != reader->index[CME_VIDEO] && i != reader->index[CME_AUDIO])
			reader->ctx->streams[i]->discard = AVDISCARD_ALL;
	if (rc >= 0 && reader->index[CME_VIDEO] < 0 && reader->index[CME_AUDIO] < 0)
		return AVERROR_INVALIDDATA;
	return rc;
}

int cme_reader_kind_of(struct cme_reader *reader, const AVPacket *av)
{
	const AVStream *stream = reader->ctx->streams[av->stream_index];

	for (int kind = 0; kind < CME_STREAMS; kind++) {
		if (reader->index[kind] == av->stream_index)
			return kind;
		if (stream->codecpar->codec_type == types[kind] && reader->index[kind] < 0 &&
		    !is_cover(stream)) /* which comes as a packet whether discarded or not */
			return take_stream(reader, kind, stream) < 0 ? -1 : kind;
	}
	return -1;
}

int cme_reader_read_extradata(struct cme_reader *reader, int kind, const AVPacket *av)
{
	size_t len = 0;
	const uint8_t *data = av_packet_get_side_data(av, AV_PKT_DATA_NEW_EXTRADATA, &len);

	if (!data)
		return 0;
	if (cme_gather_has_sets(&reader->gather, kind) && reader->start_codes &&
	    !cme_sets_is_record(reader->gather.sets.kind, data, len))
		return cme_sets_watch(&reader->gather.sets, data, len, 0)
			       ? cme_averr_of_end(cme_gather_change_record(&reader->gather))
			       : 0;
	if (cme_gather_has_sets(&reader->gather, kind)) {
		reader->start_codes = false;
		cme_sets_read(&reader->gather.sets, data, len);
	}
	return cme_averr_of_end(cme_gather_configure(&reader->gather, kind, data, len));
}

static int read_boxes(void *opaque, uint8_t *out, int size)
{
	struct cme_buf *boxes = opaque;
	size_t len = boxes->len < (size_t)size ? boxes->len : (size_t)size;

	if (len == 0)
		return AVERROR_EOF;
	memcpy(out, boxes->data, len);
	cme_buf_consume(boxes, len);
	return (int)len;
}

/* Opens boxes without media. NULL: they cannot be read, or there is no memory. */
static AVFormatContext *open_boxes(struct cme_buf *boxes, AVIOContext **pb)
{
	AVFormatContext *ctx = avformat_alloc_context();
	uint8_t *buffer = av_malloc(INIT_BUFFER);

	*pb = buffer ? avio_alloc_context(buffer, INIT_BUFFER, 0, boxes, read_boxes, NULL, NULL) : NULL;
	if (!ctx || !*pb) {
		avformat_free_context(ctx);
		if (!*pb)
			av_free(buffer);
		return NULL;
	}
	ctx->pb = *pb;
	ctx->flags |= AVFMT_FLAG_CUSTOM_IO;
	return avformat_open_input(&ctx, NULL, av_find_input_format("mov"), NULL) < 0 ? NULL : ctx;
}

/* Another codec cannot be followed: the source has to be opened anew. */
static int follow_stream(struct cme_reader *reader, int kind, const AVStream *stream)
{
	const AVCodecParameters *par = stream->codecpar;

	if (cme_av_codec(par->codec_id) != reader->gather.par[kind]->codec)
		return AVERROR_INVALIDDATA;
	reader->time_base[kind] = stream->time_base;
	if (cme_gather_has_sets(&reader->gather, kind))
		cme_sets_read(&reader->gather.sets, par->extradata, (size_t)par->extradata_size);
	return cme_averr_of_end(
		cme_gather_configure(&reader->gather, kind, par->extradata, (size_t)par->extradata_size));
}

int cme_reader_follow_init(struct cme_reader *reader)
{
	AVIOContext *pb = NULL;
	AVFormatContext *ctx = open_boxes(&reader->init->boxes, &pb);
	int rc = 0;

	reader->init->fresh = false;
	for (unsigned i = 0; ctx && i < ctx->nb_streams && rc >= 0; i++)
		for (int kind = 0; kind < CME_STREAMS && rc >= 0; kind++)
			if (reader->gather.par[kind] && ctx->streams[i]->codecpar->codec_type == types[kind])
				rc = follow_stream(reader, kind, ctx->streams[i]);
	avformat_close_input(&ctx);
	if (pb)
		av_freep(&pb->buffer);
	avio_context_free(&pb);
	return rc;
}
