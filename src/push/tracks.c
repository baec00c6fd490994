/* SPDX-License-Identifier: MIT */
#include "push/tracks.h"

#include <libavcodec/avcodec.h>
#include <string.h>

#include "push/vp.h"

#define FLAC_MARK "fLaC"
#define FLAC_HEAD 8  /* the mark, and the head of a metadata block */
#define FLAC_INFO 34 /* bytes of STREAMINFO, the first one */

static const AVRational microseconds = { 1, 1000000 };
static const AVRational clock_90k = { 1, 90000 };

/* Codecs that have a box of their own in MP4, which is made of their configuration. */
static bool has_box(enum AVCodecID codec)
{
	static const enum AVCodecID boxed[] = { AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_AV1,
						AV_CODEC_ID_VP9,  AV_CODEC_ID_VP8,  AV_CODEC_ID_AAC,
						AV_CODEC_ID_OPUS, AV_CODEC_ID_FLAC };

	for (size_t i = 0; i < sizeof boxed / sizeof boxed[0]; i++)
		if (boxed[i] == codec)
			return true;
	return false;
}

static int check(const AVCodecParameters *par, struct cme_err *err)
{
	const char *codec = avcodec_get_name(par->codec_id);

	if (par->codec_type == AVMEDIA_TYPE_AUDIO && par->sample_rate <= 0)
		return cme_err_set(err, "media.unsupported",
				   "MP4 needs the sample rate of %s, which is not known", codec);
	if (par->codec_type == AVMEDIA_TYPE_VIDEO && (par->width <= 0 || par->height <= 0))
		return cme_err_set(err, "media.unsupported",
				   "MP4 needs the picture size of %s, which is not known", codec);
	if (has_box(par->codec_id) && par->extradata_size <= 0)
		return cme_err_set(err, "media.unsupported",
				   "MP4 needs the configuration of %s, which is not known", codec);
	return 0;
}

int cme_push_tracks_check(const struct cme_push_task *task, struct cme_err *err)
{
	for (int i = 0; i < CME_STREAMS; i++)
		if (task->par[i] && check(task->par[i], err) != 0)
			return -1;
	return 0;
}

/* MP4 has STREAMINFO alone ("Encapsulation of FLAC in ISO Base Media File Format" 3.3.2), streams what goes
 * before and behind it (RFC 9639 8.1). */
static void trim_flac(AVCodecParameters *par)
{
	if (par->codec_id != AV_CODEC_ID_FLAC || par->extradata_size < FLAC_HEAD + FLAC_INFO ||
	    memcmp(par->extradata, FLAC_MARK, strlen(FLAC_MARK)) != 0)
		return;
	memmove(par->extradata, par->extradata + FLAC_HEAD, FLAC_INFO);
	par->extradata_size = FLAC_INFO;
}

static int add(struct cme_push_tracks *tracks, int kind, const AVCodecParameters *par)
{
	AVStream *stream = avformat_new_stream(tracks->ctx, NULL);

	if (!stream || avcodec_parameters_copy(stream->codecpar, par) < 0)
		return AVERROR(ENOMEM);
	trim_flac(stream->codecpar);
	if (!cme_vp_describe(stream->codecpar))
		return AVERROR_INVALIDDATA;
	stream->time_base = kind == CME_VIDEO      ? clock_90k
			    : par->sample_rate > 0 ? (AVRational){ 1, par->sample_rate }
						   : microseconds;
	tracks->index[kind] = stream->index;
	return 0;
}

int cme_push_tracks_init(struct cme_push_tracks *tracks, AVFormatContext *ctx,
			 const struct cme_push_task *task)
{
	int rc = 0;

	*tracks = (struct cme_push_tracks){ .ctx = ctx };
	ctx->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL; /* what FFmpeg 5.1 holds FLAC for */
	for (int i = 0; i < CME_STREAMS; i++) {
		tracks->index[i] = -1;
		if (task->par[i] && rc == 0)
			rc = add(tracks, i, task->par[i]);
	}
	return rc;
}

/* length: in the track's unit. */
static int write_held(struct cme_push_tracks *tracks, int stream, int64_t length)
{
	AVPacket *av = tracks->held[stream];
	int rc;

	if (!av)
		return 0;
	tracks->held[stream] = NULL;
	av->duration = length > 0 ? length : 1;
	tracks->length[stream] = av->duration;
	rc = av_write_frame(tracks->ctx, av);
	av_packet_free(&av);
	return rc;
}

static int write_until(struct cme_push_tracks *tracks, int stream, int64_t dts)
{
	return tracks->held[stream] ? write_held(tracks, stream, dts - tracks->held[stream]->dts) : 0;
}

static AVRational unit(const struct cme_push_tracks *tracks, int stream)
{
	return tracks->ctx->streams[tracks->index[stream]]->time_base;
}

int cme_push_tracks_write(struct cme_push_tracks *tracks, AVPacket *av, int64_t base_us)
{
	int stream = av->stream_index, rc;
	AVPacket *copy;

	av->dts -= base_us;
	av->pts -= base_us;
	av->stream_index = tracks->index[stream];
	av_packet_free_side_data(av);
	av_packet_rescale_ts(av, microseconds, unit(tracks, stream));
	rc = write_until(tracks, stream, av->dts);
	if (rc < 0)
		return rc;
	copy = av_packet_alloc();
	if (!copy)
		return AVERROR(ENOMEM);
	av_packet_move_ref(copy, av);
	tracks->held[stream] = copy;
	return 0;
}

int cme_push_tracks_end(struct cme_push_tracks *tracks, int stream, int64_t until_us, int64_t base_us)
{
	return write_until(tracks, stream,
			   av_rescale_q(until_us - base_us, microseconds, unit(tracks, stream)));
}

int cme_push_tracks_flush(struct cme_push_tracks *tracks)
{
	for (int i = 0; i < CME_STREAMS; i++) {
		int rc = write_held(tracks, i, tracks->length[i]);

		if (rc < 0)
			return rc;
	}
	return 0;
}

void cme_push_tracks_fini(struct cme_push_tracks *tracks)
{
	for (int i = 0; i < CME_STREAMS; i++)
		av_packet_free(&tracks->held[i]);
}
