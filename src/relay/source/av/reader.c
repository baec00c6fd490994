/* SPDX-License-Identifier: MIT */
#include "relay/source/av/reader.h"

#include <libavcodec/avcodec.h>
#include <libavutil/mem.h>
#include <string.h>

#include "relay/base/sys.h"
#include "stream/aac.h"
#include "stream/h264.h"

#define SOUND_WAIT_US CME_SECOND_US /* how long a picture waits for its sound to show */
#define PICTURE_WAIT_US \
	(5 * CME_SECOND_US) /* nginx-rtmp sends sound at once, the picture from a keyframe on */
#define UNIT_MAX      ((size_t)16 * 1024 * 1024)
#define TIME_MAX_US   (INT64_C(1) << 55) /* a thousand years */
#define EXTRADATA_MAX 65536
#define INIT_BUFFER   4096

static const AVRational microseconds = { 1, 1000000 };
static const enum AVMediaType types[CME_STREAMS] = { AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO };

static bool is_flv(const AVFormatContext *ctx)
{
	return strstr(ctx->iformat->name, "flv") != NULL;
}

static bool is_h264(const struct cme_reader *reader, int kind)
{
	return kind == CME_VIDEO && reader->par[kind]->codec_id == AV_CODEC_ID_H264;
}

static int set_extradata(AVCodecParameters *par, const uint8_t *data, size_t len)
{
	uint8_t *copy = av_mallocz(len + AV_INPUT_BUFFER_PADDING_SIZE);

	if (!copy)
		return AVERROR(ENOMEM);
	memcpy(copy, data, len);
	av_freep(&par->extradata);
	par->extradata = copy;
	par->extradata_size = (int)len;
	return 0;
}

/* The container states the form of H.264 by its configuration: a record goes with lengths (ISO/IEC 14496-15
 * 5.3.3.1), parameter sets among start codes, or none at all, with start codes. FLV has nothing but lengths.
 */
static bool has_start_codes(const AVFormatContext *ctx, const AVCodecParameters *par)
{
	return par->codec_id == AV_CODEC_ID_H264 && !is_flv(ctx) &&
	       !cme_h264_is_avcc(par->extradata, (size_t)par->extradata_size);
}

/* The record of all sets so far, or none where one is missing: the picture will bring it. */
static int set_record(const struct cme_reader *reader, AVCodecParameters *par)
{
	struct cme_buf record;
	int rc = 0;

	cme_buf_init(&record, EXTRADATA_MAX);
	if (cme_h264_sets_record(&reader->sets, &record) == 0) {
		rc = set_extradata(par, (const uint8_t *)record.data, record.len);
	} else {
		av_freep(&par->extradata);
		par->extradata_size = 0;
	}
	cme_buf_fini(&record);
	return rc;
}

/* The picture's form and its parameter sets, of which FLV's come later. */
static int take_h264(struct cme_reader *reader, AVCodecParameters *par)
{
	reader->start_codes = has_start_codes(reader->ctx, par);
	if (!reader->start_codes) {
		cme_h264_sets_read(&reader->sets, par->extradata, (size_t)par->extradata_size);
		return 0;
	}
	cme_h264_sets_watch(&reader->sets, par->extradata, (size_t)par->extradata_size, 0);
	return set_record(reader, par);
}

static int open_adts(struct cme_reader *reader, const AVStream *stream)
{
	const AVBitStreamFilter *filter = av_bsf_get_by_name("aac_adtstoasc");
	int rc = filter ? av_bsf_alloc(filter, &reader->adts) : AVERROR_BSF_NOT_FOUND;

	if (rc < 0 || (rc = avcodec_parameters_copy(reader->adts->par_in, stream->codecpar)) < 0)
		return rc;
	reader->adts->time_base_in = stream->time_base;
	return av_bsf_init(reader->adts);
}

/* The filter makes a config of the first header that it sees: one whose coding is another needs a filter of
 * its own. ADTS to raw AAC, with the config at the first frame. */
static int strip_adts(struct cme_reader *reader, AVPacket *av)
{
	uint32_t coding = cme_aac_adts_coding(av->data, (size_t)av->size);
	int rc = 0;

	if (coding && reader->adts_coding && coding != reader->adts_coding) {
		av_bsf_free(&reader->adts);
		rc = open_adts(reader, reader->ctx->streams[reader->index[CME_AUDIO]]);
	}
	if (coding)
		reader->adts_coding = coding;
	if (rc < 0 || (rc = av_bsf_send_packet(reader->adts, av)) < 0)
		return rc;
	return av_bsf_receive_packet(reader->adts, av);
}

static int take_stream(struct cme_reader *reader, int kind, const AVStream *stream)
{
	reader->par[kind] = avcodec_parameters_alloc();
	if (!reader->par[kind] || avcodec_parameters_copy(reader->par[kind], stream->codecpar) < 0)
		return AVERROR(ENOMEM);
	reader->index[kind] = stream->index;
	reader->time_base[kind] = stream->time_base;
	if (is_h264(reader, kind) && take_h264(reader, reader->par[kind]) < 0)
		return AVERROR(ENOMEM);
	if (stream->codecpar->codec_id == AV_CODEC_ID_AAC && !is_flv(reader->ctx) &&
	    stream->codecpar->extradata_size == 0)
		return open_adts(reader, stream);
	return 0;
}

/* The cover of a sound file, which is no picture to relay. */
static bool is_cover(const AVStream *stream)
{
	return stream->disposition & AV_DISPOSITION_ATTACHED_PIC;
}

/* The best picture and its sound; the rest, other HLS variants too, is not even downloaded. */
static int choose_streams(struct cme_reader *reader)
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

int cme_reader_init(struct cme_reader *reader, AVFormatContext *ctx)
{
	int rc;

	*reader = (struct cme_reader){ .ctx = ctx, .index = { -1, -1 } };
	cme_h264_sets_init(&reader->sets);
	reader->last_dts_us[CME_VIDEO] = reader->last_dts_us[CME_AUDIO] = AV_NOPTS_VALUE;
	if (is_flv(ctx)) {
		ctx->flags |= AVFMT_FLAG_NOPARSE | AVFMT_FLAG_NOFILLIN;
		return 0;
	}
	rc = avformat_find_stream_info(ctx, NULL);
	return rc < 0 ? rc : choose_streams(reader);
}

void cme_reader_fini(struct cme_reader *reader)
{
	for (size_t i = reader->pending.head; i < reader->pending.count; i++)
		av_packet_free(&reader->pending.av[i]);
	for (int kind = 0; kind < CME_STREAMS; kind++)
		avcodec_parameters_free(&reader->par[kind]);
	av_bsf_free(&reader->adts);
	cme_h264_sets_fini(&reader->sets);
	cme_media_unref(reader->media);
	reader->media = NULL;
}

/* Which of our streams the packet belongs to; FLV streams are taken as they show. -1: none. */
static int kind_of(struct cme_reader *reader, const AVPacket *av)
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

/* Other parameters than before: the next packets belong to another media. */
static int change_parameters(struct cme_reader *reader, int kind, const uint8_t *data, size_t len)
{
	AVCodecParameters *par = reader->par[kind];

	if (len == 0 || len > EXTRADATA_MAX)
		return 0;
	if ((size_t)par->extradata_size == len && memcmp(par->extradata, data, len) == 0)
		return 0;
	if (set_extradata(par, data, len) < 0)
		return AVERROR(ENOMEM);
	if (reader->media && reader->media->par[kind]) {
		struct cme_media *media = cme_media_with_extradata(reader->media, kind, data, len);

		if (!media)
			return AVERROR(ENOMEM);
		cme_media_unref(reader->media);
		reader->media = media;
	}
	return 0;
}

/* The record that the sets make by now becomes the picture's parameters. */
static int change_record(struct cme_reader *reader)
{
	struct cme_buf record;
	int rc = 0;

	cme_buf_init(&record, EXTRADATA_MAX);
	if (cme_h264_sets_record(&reader->sets, &record) == 0)
		rc = change_parameters(reader, CME_VIDEO, (const uint8_t *)record.data, record.len);
	cme_buf_fini(&record);
	return rc;
}

/* A configuration that the container sends anew. */
static int read_new_extradata(struct cme_reader *reader, int kind, const AVPacket *av)
{
	size_t len = 0;
	const uint8_t *data = av_packet_get_side_data(av, AV_PKT_DATA_NEW_EXTRADATA, &len);

	if (!data)
		return 0;
	if (is_h264(reader, kind) && reader->start_codes && !cme_h264_is_avcc(data, len))
		return cme_h264_sets_watch(&reader->sets, data, len, 0) ? change_record(reader) : 0;
	if (is_h264(reader, kind)) {
		reader->start_codes = false;
		cme_h264_sets_read(&reader->sets, data, len);
	}
	return change_parameters(reader, kind, data, len);
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

	if (par->codec_id != reader->par[kind]->codec_id)
		return AVERROR_INVALIDDATA;
	reader->time_base[kind] = stream->time_base;
	if (is_h264(reader, kind))
		cme_h264_sets_read(&reader->sets, par->extradata, (size_t)par->extradata_size);
	return change_parameters(reader, kind, par->extradata, (size_t)par->extradata_size);
}

/* The source described its streams anew (another EXT-X-MAP): what is read from here on is of that. */
static int follow_init(struct cme_reader *reader)
{
	AVIOContext *pb = NULL;
	AVFormatContext *ctx = open_boxes(&reader->init->boxes, &pb);
	int rc = 0;

	reader->init->fresh = false;
	for (unsigned i = 0; ctx && i < ctx->nb_streams && rc >= 0; i++)
		for (int kind = 0; kind < CME_STREAMS && rc >= 0; kind++)
			if (reader->par[kind] && ctx->streams[i]->codecpar->codec_type == types[kind])
				rc = follow_stream(reader, kind, ctx->streams[i]);
	avformat_close_input(&ctx);
	if (pb)
		av_freep(&pb->buffer);
	avio_context_free(&pb);
	return rc;
}

/* What a keyframe brings in band, and which SPS it uses. */
static int follow_sets(struct cme_reader *reader, const AVPacket *av)
{
	size_t prefix = reader->start_codes ? 0 : reader->sets.length_size;

	if (!(av->flags & AV_PKT_FLAG_KEY))
		return 0;
	return cme_h264_sets_watch(&reader->sets, av->data, (size_t)av->size, prefix) ? change_record(reader)
										      : 0;
}

/* Start codes to length prefixes. */
static int to_lengths(AVPacket *av)
{
	struct cme_buf units;
	AVPacket *out = av_packet_alloc();
	int rc = out ? 0 : AVERROR(ENOMEM);

	cme_buf_init(&units, UNIT_MAX);
	if (rc == 0 && cme_h264_to_lengths(av->data, (size_t)av->size, &units) != 0)
		rc = AVERROR_INVALIDDATA;
	if (rc == 0 && (rc = av_new_packet(out, (int)units.len)) == 0 &&
	    (rc = av_packet_copy_props(out, av)) == 0) {
		if (units.len)
			memcpy(out->data, units.data, units.len);
		av_packet_unref(av);
		av_packet_move_ref(av, out);
	}
	cme_buf_fini(&units);
	av_packet_free(&out);
	return rc;
}

/* The packet cannot go out, and the source goes on. */
static int leave_out(struct cme_reader *reader)
{
	reader->dropped++;
	return AVERROR(EAGAIN);
}

/* Brings the payload into the one form. 0; AVERROR(EAGAIN): nothing to relay in it; another: failed. */
static int convert(struct cme_reader *reader, int kind, AVPacket *av)
{
	int rc;

	if (kind == CME_AUDIO && reader->adts && (rc = strip_adts(reader, av)) < 0)
		return rc == AVERROR(ENOMEM) ? rc : leave_out(reader);
	rc = read_new_extradata(reader, kind, av);
	if (rc == 0 && is_h264(reader, kind))
		rc = follow_sets(reader, av);
	if (rc == 0 && is_h264(reader, kind) && reader->start_codes)
		rc = to_lengths(av);
	if (rc == 0 && av->size == 0)
		rc = AVERROR(EAGAIN);
	return rc;
}

/* Neither none at all (AV_NOPTS_VALUE is the lowest), nor nonsense that would overflow later. */
static bool is_time(int64_t us)
{
	return us >= -TIME_MAX_US && us <= TIME_MAX_US;
}

/* As convert. */
static int to_microseconds(struct cme_reader *reader, int kind, AVPacket *av)
{
	av_packet_rescale_ts(av, reader->time_base[kind], microseconds);
	if (av->dts == AV_NOPTS_VALUE)
		av->dts = kind == CME_AUDIO || reader->last_dts_us[kind] == AV_NOPTS_VALUE
				  ? av->pts
				  : reader->last_dts_us[kind] + (av->duration ? av->duration : CME_MS_US);
	if (av->pts == AV_NOPTS_VALUE)
		av->pts = av->dts;
	if (av->dts <= TIME_MAX_US)
		reader->last_dts_us[kind] = av->dts;
	av->stream_index = kind;
	return is_time(av->dts) && is_time(av->pts) ? 0 : leave_out(reader);
}

static bool known(const AVCodecParameters *par)
{
	if (!par)
		return false;
	if (par->codec_id == AV_CODEC_ID_H264 &&
	    cme_h264_is_avcc(par->extradata, (size_t)par->extradata_size) && (par->extradata[5] & 0x1f) == 0)
		return false; /* a header without parameter sets */
	if (par->codec_id == AV_CODEC_ID_H264 || par->codec_id == AV_CODEC_ID_AAC)
		return par->extradata_size > 0;
	return par->codec_id != AV_CODEC_ID_NONE;
}

bool cme_reader_shown(const struct cme_reader *reader, int stream)
{
	if (reader->came[stream])
		return true;
	for (unsigned i = 0; is_flv(reader->ctx) && i < reader->ctx->nb_streams; i++)
		if (reader->ctx->streams[i]->codecpar->codec_type == types[stream] &&
		    known(reader->ctx->streams[i]->codecpar))
			return true;
	return false;
}

const char *cme_reader_lacks(const struct cme_reader *reader, int stream)
{
	if (!reader->came[stream] || known(reader->par[stream]))
		return NULL;
	switch (reader->par[stream]->codec_id) {
	case AV_CODEC_ID_H264:
		return "H.264 without a sequence header";
	case AV_CODEC_ID_AAC:
		return "AAC without a sequence header";
	default:
		return "a codec that is not known";
	}
}

/* Pictures have come without parameters for so long that none will follow. */
static bool hopeless(struct cme_reader *reader)
{
	if (!cme_reader_lacks(reader, CME_VIDEO))
		reader->unknown_us = 0;
	else if (!reader->unknown_us)
		reader->unknown_us = cme_now_us();
	return reader->unknown_us && cme_now_us() - reader->unknown_us > PICTURE_WAIT_US;
}

static bool full(const struct cme_reader *reader)
{
	return reader->pending.count == CME_READER_PENDING_MAX ||
	       reader->pending.bytes >= CME_READER_PENDING_BYTES;
}

/* Both streams are known, or the other had its time or all the room there is, and did not show. */
static bool settled(const struct cme_reader *reader)
{
	bool video = known(reader->par[CME_VIDEO]), audio = known(reader->par[CME_AUDIO]);

	if (video && audio)
		return true;
	if ((!video && !audio) ||
	    cme_reader_lacks(reader, CME_VIDEO)) /* sound does not go out for a picture */
		return false;
	if (full(reader)) /* files come faster than any clock tells */
		return true;
	if (!is_flv(reader->ctx)) /* all streams were found at the start: only wait for parameters */
		return (video || !reader->par[CME_VIDEO]) && (audio || !reader->par[CME_AUDIO]);
	return cme_now_us() - reader->first_us > (video ? SOUND_WAIT_US : PICTURE_WAIT_US);
}

static int make_media(struct cme_reader *reader)
{
	reader->media = cme_media_new(known(reader->par[CME_VIDEO]) ? reader->par[CME_VIDEO] : NULL,
				      known(reader->par[CME_AUDIO]) ? reader->par[CME_AUDIO] : NULL);
	return reader->media ? 0 : AVERROR(ENOMEM);
}

static int hold_back(struct cme_reader *reader, AVPacket *av)
{
	AVPacket *held;

	if (reader->pending.count == 0)
		reader->first_us = cme_now_us();
	if (full(reader))
		return cme_reader_lacks(reader, CME_VIDEO) ? AVERROR_PATCHWELCOME : AVERROR_INVALIDDATA;
	held = av_packet_alloc();
	if (!held)
		return AVERROR(ENOMEM);
	av_packet_move_ref(held, av);
	reader->pending.bytes += (size_t)held->size;
	reader->pending.av[reader->pending.count++] = held;
	return settled(reader) ? make_media(reader) : 0;
}

/* The source ended before it was settled: no other stream will show. 0: what is held can go out. */
static int settle_at_end(struct cme_reader *reader)
{
	if (cme_reader_lacks(reader, CME_VIDEO))
		return AVERROR_PATCHWELCOME;
	if (reader->media || (!known(reader->par[CME_VIDEO]) && !known(reader->par[CME_AUDIO])))
		return AVERROR_EOF;
	return make_media(reader);
}

/* A stream that showed, or became known, after the media was made: a media with both. */
static int add_late_stream(struct cme_reader *reader, int kind)
{
	struct cme_media *media;

	if (reader->media->par[kind] || !known(reader->par[kind]))
		return 0;
	media = cme_media_new(kind == CME_VIDEO ? reader->par[kind] : reader->media->par[CME_VIDEO],
			      kind == CME_AUDIO ? reader->par[kind] : reader->media->par[CME_AUDIO]);
	if (!media)
		return AVERROR(ENOMEM);
	cme_media_unref(reader->media);
	reader->media = media;
	return 0;
}

static struct cme_packet *next_held(struct cme_reader *reader)
{
	struct cme_packet *packet = NULL;

	while (!packet && reader->pending.head < reader->pending.count) {
		AVPacket **held = &reader->pending.av[reader->pending.head++];

		if (reader->media->par[(*held)->stream_index])
			packet = cme_packet_new(*held, reader->media, 0);
		reader->dropped += !packet;
		av_packet_free(held);
	}
	return packet;
}

/* One packet read and converted, av is its place. *kind -1: not for us. */
static int read_one(struct cme_reader *reader, AVPacket *av, int *kind)
{
	int rc = av_read_frame(reader->ctx, av);

	*kind = rc < 0 ? -1 : kind_of(reader, av);
	reader->foreign = rc >= 0 && *kind < 0;
	if (*kind < 0)
		return rc;
	reader->came[*kind] = true;
	if (reader->init && reader->init->fresh && (rc = follow_init(reader)) < 0)
		return rc;
	if ((size_t)av->size > CME_PACKET_BYTES_MAX)
		return AVERROR(ENOMEM);
	rc = convert(reader, *kind, av);
	if (rc == 0)
		rc = to_microseconds(reader, *kind, av);
	if (rc != AVERROR(EAGAIN))
		return rc;
	*kind = -1;
	return 0;
}

static int hand_out(struct cme_reader *reader, int kind, AVPacket *av, struct cme_packet **packet)
{
	int rc = add_late_stream(reader, kind);

	if (rc < 0)
		return rc;
	if (reader->media->par[kind])
		*packet = cme_packet_new(av, reader->media, 0);
	reader->dropped += !*packet;
	return 0;
}

/* The source is read no further: what is held back does not go out, nor what was read last. */
static void give_up(struct cme_reader *reader, bool last)
{
	reader->dropped += last + (unsigned)(reader->pending.count - reader->pending.head);
	while (reader->pending.head < reader->pending.count)
		av_packet_free(&reader->pending.av[reader->pending.head++]);
}

struct cme_packet *cme_reader_next(struct cme_reader *reader, int *rc)
{
	struct cme_packet *packet = NULL;
	AVPacket *av;
	int kind;

	*rc = 0;
	if (reader->media && reader->pending.head < reader->pending.count)
		return next_held(reader);
	av = av_packet_alloc();
	if (!av) {
		*rc = AVERROR(ENOMEM);
		return NULL;
	}
	*rc = read_one(reader, av, &kind);
	if (*rc == AVERROR_EOF)
		*rc = settle_at_end(reader);
	else if (*rc == 0 && hopeless(reader))
		*rc = AVERROR_PATCHWELCOME;
	else if (*rc == 0 && kind >= 0)
		*rc = reader->media ? hand_out(reader, kind, av, &packet) : hold_back(reader, av);
	if (*rc < 0)
		give_up(reader, kind >= 0 && av->size > 0);
	av_packet_free(&av);
	return packet;
}

unsigned cme_reader_dropped(struct cme_reader *reader)
{
	unsigned dropped = reader->dropped;

	reader->dropped = 0;
	return dropped;
}
