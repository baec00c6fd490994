/* SPDX-License-Identifier: MIT */
#include "stream/flv/write.h"

#include <string.h>

#include "stream/bytes.h"

#define RECORD_VERSION 1 /* first byte of an avcC or hvcC record; start codes begin with 0 */

/* First byte of a video body: frame type, then codec id, or with the top bit set an enhanced packet type. */
enum { FRAME_KEY = 0x10, FRAME_INTER = 0x20, ENHANCED_VIDEO = 0x80, ENHANCED_AUDIO = 0x90 };

/* Packet types: of the old format, and of Enhanced RTMP. */
enum { OLD_HEADER = 0, OLD_FRAMES = 1 };
enum { START = 0, FRAMES = 1, FRAMES_X = 3, NOTE = 4, MODIFIED = 7 };
/* Modifiers: their types in the upper half, and bytes of their data. */
enum { OFFSET_NANO = 0x00, COMPOSITION_NANO = 0xf0, DAMAGED = 0xe0, OFFSET_BYTES = 3, MARK_BYTES = 1 };

/* First byte of a sound body: format, rate, sample size, channels. For AAC always the same: the truth is in
 * its config. */
enum { AAC_FIRST = 0xaf, SAMPLES_16BIT = 2, STEREO = 1, FORMAT_MP3_8K = 14 };

#define FLAC_MARK "fLaC\x80\0\0\x22" /* and the head of the last metadata block, STREAMINFO */
#define FLAC_INFO 34                 /* bytes of STREAMINFO */

struct cme_flv_stream cme_flv_stream(const struct cme_media *media, int kind, enum cme_flv_dialect dialect)
{
	const struct cme_params *par = media->par[kind];

	if (!par)
		return (struct cme_flv_stream){ .codec = CME_CODEC_NONE };
	return (struct cme_flv_stream){ .codec = par->codec == CME_CODEC_OTHER ? CME_CODEC_NONE : par->codec,
					.dialect = dialect,
					.extradata = par->extradata,
					.extradata_len = par->extradata_len,
					.note = media->note[kind].data,
					.note_len = media->note[kind].len,
					.bit_rate = (int)par->bit_rate,
					.width = par->width,
					.height = par->height,
					.sample_rate = par->sample_rate,
					.channels = par->channels };
}

/* Of codecs that have a form without length prefixes, too: the record says which it is. */
static bool has_lengths(const struct cme_flv_stream *stream)
{
	return (stream->codec != CME_CODEC_H264 && stream->codec != CME_CODEC_HEVC) ||
	       (stream->extradata_len > 0 && stream->extradata[0] == RECORD_VERSION);
}

int cme_flv_check(const struct cme_media *media, struct cme_err *err)
{
	for (int kind = 0; kind < CME_STREAMS; kind++) {
		struct cme_flv_stream stream = cme_flv_stream(media, kind, CME_FLV_DEFAULT);

		if (!media->par[kind])
			continue;
		if (stream.codec == CME_CODEC_NONE || cme_flv_codec_ours(stream.codec))
			return cme_err_set(err, "media.unsupported", "RTMP does not carry %s",
					   cme_params_name(media->par[kind]));
		if (!has_lengths(&stream))
			return cme_err_set(err, "media.unsupported",
					   "RTMP does not carry %s with start codes",
					   cme_params_name(media->par[kind]));
	}
	return 0;
}

/* 0: it has none, or the peer does not want it. */
static unsigned old_number(const struct cme_flv_stream *stream)
{
	if (stream->dialect == CME_FLV_FOURCC ||
	    (stream->codec == CME_CODEC_HEVC && stream->dialect != CME_FLV_ID12))
		return 0;
	return cme_flv_codec_number(stream->codec);
}

bool cme_flv_enhanced(const struct cme_flv_stream *stream)
{
	return old_number(stream) == 0;
}

uint32_t cme_flv_metadata_number(const struct cme_flv_stream *stream)
{
	return cme_flv_enhanced(stream) ? cme_flv_codec_fourcc(stream->codec) : old_number(stream);
}

/* ---- the old format */

static size_t old_picture(uint8_t *out, const struct cme_flv_stream *stream, unsigned packet,
			  struct cme_flv_frame frame)
{
	out[0] = (uint8_t)((frame.keyframe ? FRAME_KEY : FRAME_INTER) | old_number(stream));
	out[1] = (uint8_t)packet;
	cme_put_be24(out + 2, (uint32_t)frame.composition_ms);
	return 5;
}

/* The four rates FLV knows. A player reads the MP3 header anyway. */
static unsigned rate_index(int sample_rate)
{
	return sample_rate >= 44100 ? 3 : sample_rate >= 22050 ? 2 : sample_rate >= 11025 ? 1 : 0;
}

static size_t old_sound(uint8_t *out, const struct cme_flv_stream *stream, unsigned packet)
{
	unsigned format = stream->sample_rate == 8000 ? FORMAT_MP3_8K : old_number(stream);

	if (stream->codec == CME_CODEC_AAC) {
		out[0] = AAC_FIRST;
		out[1] = (uint8_t)packet;
		return 2;
	}
	out[0] = (uint8_t)(format << 4 | rate_index(stream->sample_rate) << 2 | SAMPLES_16BIT |
			   (stream->channels > 1 ? STEREO : 0));
	return 1;
}

static size_t old_prefix(uint8_t *out, const struct cme_flv_stream *stream, unsigned packet,
			 struct cme_flv_frame frame)
{
	return cme_codec_video(stream->codec) ? old_picture(out, stream, packet, frame)
					      : old_sound(out, stream, packet);
}

/* ---- Enhanced RTMP */

/* FramesX saves the composition time where that is zero. */
static unsigned enhanced_type(const struct cme_flv_stream *stream, unsigned packet,
			      struct cme_flv_frame frame)
{
	bool composed = packet == FRAMES && cme_flv_codec_composed(stream->codec);

	return composed && frame.composition_ms == 0 ? FRAMES_X : packet;
}

/* What is written of a prefix. */
struct prefix {
	uint8_t *out;
	size_t len;
	size_t naming; /* the byte whose lower half names what follows */
};

static void put_modifier(struct prefix *prefix, unsigned modifier, uint32_t value, size_t bytes)
{
	prefix->out[prefix->naming] |= MODIFIED;
	prefix->out[prefix->len++] = (uint8_t)(bytes - 1);
	while (bytes-- > 0)
		prefix->out[prefix->len++] = (uint8_t)(value >> 8 * bytes);
	prefix->naming = prefix->len;
	prefix->out[prefix->len++] = (uint8_t)modifier;
}

/* The first byte and the modifiers. Returns their size. */
static size_t put_modifiers(uint8_t *out, unsigned first, unsigned type, struct cme_flv_frame frame)
{
	struct prefix prefix = { .out = out, .len = 1 };

	out[0] = (uint8_t)first;
	if (frame.nanoseconds)
		put_modifier(&prefix, OFFSET_NANO, frame.nanoseconds, OFFSET_BYTES);
	if (frame.composition_nanoseconds)
		put_modifier(&prefix, COMPOSITION_NANO, frame.composition_nanoseconds, OFFSET_BYTES);
	if (frame.damaged)
		put_modifier(&prefix, DAMAGED, 1, MARK_BYTES);
	out[prefix.naming] |= (uint8_t)type;
	return prefix.len;
}

static size_t enhanced_prefix(uint8_t *out, const struct cme_flv_stream *stream, unsigned packet,
			      struct cme_flv_frame frame)
{
	unsigned type = enhanced_type(stream, packet, frame);
	unsigned first = !cme_codec_video(stream->codec) ? ENHANCED_AUDIO
			 : frame.keyframe                ? ENHANCED_VIDEO | FRAME_KEY
							 : ENHANCED_VIDEO | FRAME_INTER;
	size_t len = put_modifiers(out, first, type, frame);

	cme_put_be32(out + len, cme_flv_codec_fourcc(stream->codec));
	len += 4;
	if (type != FRAMES || !cme_flv_codec_composed(stream->codec))
		return len;
	cme_put_be24(out + len, (uint32_t)frame.composition_ms);
	return len + 3;
}

size_t cme_flv_prefix(uint8_t out[CME_FLV_PREFIX_MAX], const struct cme_flv_stream *stream,
		      struct cme_flv_frame frame)
{
	if (stream->codec == CME_CODEC_NONE)
		return 0;
	return cme_flv_enhanced(stream) ? enhanced_prefix(out, stream, FRAMES, frame)
					: old_prefix(out, stream, OLD_FRAMES, frame);
}

/* ---- what stands before frames */

static const struct cme_flv_frame first_frame = { .keyframe = true };

/* A bare STREAMINFO, as MP4 has it, gets what goes before it in a stream. */
static void put_config(struct cme_buf *out, const struct cme_flv_stream *stream)
{
	if (stream->codec == CME_CODEC_FLAC && stream->extradata_len == FLAC_INFO)
		cme_buf_append(out, FLAC_MARK, sizeof FLAC_MARK - 1);
	cme_buf_append(out, stream->extradata, stream->extradata_len);
}

void cme_flv_put_header(struct cme_buf *out, const struct cme_flv_stream *stream)
{
	uint8_t prefix[CME_FLV_PREFIX_MAX];
	size_t len;

	if (stream->extradata_len == 0 || !cme_flv_codec_configured(stream->codec))
		return;
	len = cme_flv_enhanced(stream) ? enhanced_prefix(prefix, stream, START, first_frame)
				       : old_prefix(prefix, stream, OLD_HEADER, first_frame);
	cme_buf_append(out, prefix, len);
	put_config(out, stream);
}

void cme_flv_put_note(struct cme_buf *out, const struct cme_flv_stream *stream)
{
	uint8_t prefix[CME_FLV_PREFIX_MAX];

	if (stream->note_len == 0 || !cme_flv_enhanced(stream))
		return;
	cme_buf_append(out, prefix, enhanced_prefix(prefix, stream, NOTE, first_frame));
	cme_buf_append(out, stream->note, stream->note_len);
}
