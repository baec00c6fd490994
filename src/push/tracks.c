/* SPDX-License-Identifier: MIT */
#include "push/tracks.h"

#include "push/vp.h"

static const AVRational microseconds = { 1, 1000000 };
static const AVRational clock_90k = { 1, 90000 };

int cme_push_tracks_add(AVFormatContext *ctx, const struct cme_push_task *task, int index[CME_STREAMS])
{
	for (int i = 0; i < CME_STREAMS; i++) {
		const AVCodecParameters *par = task->par[i];
		AVStream *stream;

		index[i] = -1;
		if (!par)
			continue;
		stream = avformat_new_stream(ctx, NULL);
		if (!stream || avcodec_parameters_copy(stream->codecpar, par) < 0)
			return AVERROR(ENOMEM);
		if (!cme_vp_describe(stream->codecpar))
			return AVERROR_INVALIDDATA;
		stream->time_base = i == CME_VIDEO         ? clock_90k
				    : par->sample_rate > 0 ? (AVRational){ 1, par->sample_rate }
							   : microseconds;
		index[i] = stream->index;
	}
	return 0;
}

int cme_push_tracks_write(AVFormatContext *ctx, const int index[CME_STREAMS], AVPacket *av, int64_t base_us)
{
	av->dts -= base_us;
	av->pts -= base_us;
	av->stream_index = index[av->stream_index];
	av_packet_free_side_data(av);
	av_packet_rescale_ts(av, microseconds, ctx->streams[av->stream_index]->time_base);
	return av_write_frame(ctx, av);
}
