/* SPDX-License-Identifier: MIT */
#include "pull/av/reader_form.h"

#include <string.h>

#include "av/averr.h"
#include "common/clock.h"
#include "pull/av/reader_streams.h"
#include "stream/codec/aac.h"
#include "stream/codec/picture.h"
#include "stream/codec/sound.h"
#include "stream/nal/sets.h"

#define UNIT_MAX    ((size_t)16 * 1024 * 1024)
#define TIME_MAX_US (INT64_C(1) << 55) /* a thousand years */

static const AVRational microseconds = { 1, 1000000 };

/* The filter makes a config of the first header that it sees: one whose coding is another needs a filter of
 * its own. ADTS to raw AAC, with the config at the first frame. */
static int strip_adts(struct cme_reader *reader, AVPacket *av)
{
	uint32_t coding = cme_aac_adts_coding(av->data, (size_t)av->size);
	int rc = 0;

	if (coding && reader->adts_coding && coding != reader->adts_coding) {
		av_bsf_free(&reader->adts);
		rc = cme_reader_open_adts(reader, reader->ctx->streams[reader->index[CME_AUDIO]]);
	}
	if (coding)
		reader->adts_coding = coding;
	if (rc < 0 || (rc = av_bsf_send_packet(reader->adts, av)) < 0)
		return rc;
	return av_bsf_receive_packet(reader->adts, av);
}

/* What a keyframe brings in band, and which SPS it uses. */
static int follow_sets(struct cme_reader *reader, const AVPacket *av)
{
	size_t prefix = reader->start_codes ? 0 : reader->gather.sets.length_size;

	if (!(av->flags & AV_PKT_FLAG_KEY))
		return 0;
	return cme_averr_of_end(cme_gather_follow_sets(&reader->gather, av->data, (size_t)av->size, prefix));
}

/* Start codes to length prefixes. */
static int to_lengths(const struct cme_sets_kind *kind, AVPacket *av)
{
	struct cme_buf units;
	AVPacket *out = av_packet_alloc();
	int rc = out ? 0 : AVERROR(ENOMEM);

	cme_buf_init(&units, UNIT_MAX);
	if (rc == 0 && cme_sets_to_lengths(kind, av->data, (size_t)av->size, &units) != 0)
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
	reader->gather.dropped++;
	return AVERROR(EAGAIN);
}

/* libavformat's RTP does not say which pictures of VP9 are keyframes; they do. */
static void mark_keyframe(const struct cme_reader *reader, AVPacket *av)
{
	enum cme_codec codec = reader->gather.par[CME_VIDEO]->codec;
	int width, height;

	if (codec == CME_CODEC_VP9 &&
	    cme_picture_read_frame(codec, av->data, (size_t)av->size, &width, &height))
		av->flags |= AV_PKT_FLAG_KEY;
}

/* RTP has one name for the layers of MPEG audio (RFC 2250 3.1), and libavformat may take one for the other:
 * the header of a frame says which it is, and the rate that goes with it. Once, before the media are made. */
static void settle_layer(struct cme_reader *reader, const AVPacket *av)
{
	struct cme_params *par = reader->gather.par[CME_AUDIO];
	enum cme_codec codec = cme_sound_mpeg_codec(av->data, (size_t)av->size);
	struct cme_sound sound;

	if (reader->gather.media || codec == CME_CODEC_NONE ||
	    (par->codec != CME_CODEC_MP3 && par->codec != CME_CODEC_MP2) ||
	    !cme_sound_read_frame(codec, av->data, (size_t)av->size, &sound))
		return;
	par->codec = codec;
	par->sample_rate = sound.sample_rate;
	par->channels = sound.channels;
	par->frame_size = sound.samples;
}

int cme_reader_convert(struct cme_reader *reader, int kind, AVPacket *av)
{
	int rc;

	if (kind == CME_AUDIO && reader->adts && (rc = strip_adts(reader, av)) < 0)
		return rc == AVERROR(ENOMEM) ? rc : leave_out(reader);
	if (kind == CME_VIDEO)
		mark_keyframe(reader, av);
	else
		settle_layer(reader, av);
	rc = cme_reader_read_extradata(reader, kind, av);
	if (rc == 0 && cme_gather_has_sets(&reader->gather, kind))
		rc = follow_sets(reader, av);
	if (rc == 0 && cme_gather_has_sets(&reader->gather, kind) && reader->start_codes)
		rc = to_lengths(reader->gather.sets.kind, av);
	if (rc == 0 && av->size == 0)
		rc = AVERROR(EAGAIN);
	return rc;
}

/* Neither none at all (AV_NOPTS_VALUE is the lowest), nor nonsense that would overflow later. */
static bool is_time(int64_t us)
{
	return us >= -TIME_MAX_US && us <= TIME_MAX_US;
}

int cme_reader_to_microseconds(struct cme_reader *reader, int kind, AVPacket *av)
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
