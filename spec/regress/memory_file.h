/* SPDX-License-Identifier: MIT
 *
 * Files in memory for the regressions of the engine's reader: written packet by packet with one of
 * libavformat's muxers, read with cme_reader.
 */
#ifndef CME_SPEC_MEMORY_FILE_H
#define CME_SPEC_MEMORY_FILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/mem.h>

#include "pull/av/reader.h"
#include "relay/base/sys.h"

#define MEMORY_BUFFER 4096

/* Parameter sets that x264 made: baseline, 320x180 and 640x360; their PPS is the same. */
#define MEMORY_SPS_180                                                                                  \
	0x67, 0x42, 0xc0, 0x0c, 0xda, 0x05, 0x06, 0x7e, 0x7c, 0x04, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, \
		0x00, 0x00, 0x0c, 0x83, 0xc5, 0x0a, 0xa8
#define MEMORY_SPS_180_LEN 23
#define MEMORY_SPS_360                                                                                  \
	0x67, 0x42, 0xc0, 0x1e, 0xda, 0x02, 0x80, 0xbf, 0xe5, 0xc0, 0x44, 0x00, 0x00, 0x03, 0x00, 0x04, \
		0x00, 0x00, 0x03, 0x00, 0xc8, 0x3c, 0x58, 0xba, 0x80
#define MEMORY_SPS_360_LEN 25
#define MEMORY_PPS         0x68, 0xce, 0x0f, 0xc8
#define MEMORY_PPS_LEN     4
#define MEMORY_AVCC                                                                                   \
	1, 0x42, 0xc0, 0x0c, 0xff, 0xe1, 0, MEMORY_SPS_180_LEN, MEMORY_SPS_180, 1, 0, MEMORY_PPS_LEN, \
		MEMORY_PPS

struct memory_file {
	const char *format;
	AVFormatContext *ctx; /* while written or read */
	uint8_t *data;
	int len, at;
};

static inline void memory_begin(struct memory_file *file, const char *format)
{
	av_log_set_level(
		AV_LOG_QUIET); /* the payloads are no pictures, and libavformat tries to decode them */
	*file = (struct memory_file){ .format = format };
	assert_true(avformat_alloc_output_context2(&file->ctx, NULL, format, NULL) >= 0);
	assert_int_equal(avio_open_dyn_buf(&file->ctx->pb), 0);
}

/* The next stream of the file; the size and the rate are what the tests' headers say. */
static inline AVCodecParameters *memory_stream(struct memory_file *file, enum AVCodecID id,
					       const uint8_t *extradata, size_t len)
{
	AVStream *stream = avformat_new_stream(file->ctx, NULL);
	AVCodecParameters *par = stream->codecpar;

	par->codec_id = id;
	par->codec_type = avcodec_get_type(id);
	if (par->codec_type == AVMEDIA_TYPE_VIDEO) {
		par->width = 320;
		par->height = 180;
	} else {
		par->sample_rate = 44100;
		par->frame_size = 1024;
		av_channel_layout_default(&par->ch_layout, 2);
	}
	stream->time_base = (AVRational){ 1, 1000 };
	par->extradata = av_mallocz(len + AV_INPUT_BUFFER_PADDING_SIZE);
	par->extradata_size = (int)len;
	if (len)
		memcpy(par->extradata, extradata, len);
	return par;
}

/* options: "key=value:key=value" of the muxer; "": none. */
static inline void memory_header(struct memory_file *file, const char *options)
{
	AVDictionary *dict = NULL;

	assert_int_equal(av_dict_parse_string(&dict, options, "=", ":", 0), 0);
	assert_true(avformat_write_header(file->ctx, &dict) >= 0);
	av_dict_free(&dict);
}

struct memory_packet {
	int stream;
	int64_t dts_ms, pts_ms;
	bool key;
	const uint8_t *data;
	size_t len;
};

static inline void memory_write(struct memory_file *file, const struct memory_packet *packet)
{
	AVPacket *av = av_packet_alloc();

	assert_int_equal(av_new_packet(av, (int)packet->len), 0);
	memcpy(av->data, packet->data, packet->len);
	av->stream_index = packet->stream;
	av->dts = packet->dts_ms;
	av->pts = packet->pts_ms;
	av->flags = packet->key ? AV_PKT_FLAG_KEY : 0;
	av_packet_rescale_ts(av, (AVRational){ 1, 1000 }, file->ctx->streams[packet->stream]->time_base);
	assert_true(av_write_frame(file->ctx, av) >= 0);
	av_packet_free(&av);
}

static inline void memory_end(struct memory_file *file)
{
	av_write_trailer(file->ctx);
	file->len = avio_close_dyn_buf(file->ctx->pb, &file->data);
	avformat_free_context(file->ctx);
	file->ctx = NULL;
}

/* Appends what another file holds, as sources that are spliced do. */
static inline void memory_append(struct memory_file *file, const struct memory_file *other)
{
	file->data = av_realloc(file->data, (size_t)(file->len + other->len));
	memcpy(file->data + file->len, other->data, (size_t)other->len);
	file->len += other->len;
}

static inline int memory_read(void *opaque, uint8_t *out, int size)
{
	struct memory_file *file = opaque;
	int len = file->len - file->at < size ? file->len - file->at : size;

	if (len == 0)
		return AVERROR_EOF;
	memcpy(out, file->data + file->at, (size_t)len);
	file->at += len;
	return len;
}

static inline void memory_open(struct memory_file *file, struct cme_reader *reader)
{
	const char *name = strcmp(file->format, "mp4") == 0 ? "mov" : file->format;

	file->ctx = avformat_alloc_context();
	file->ctx->pb =
		avio_alloc_context(av_malloc(MEMORY_BUFFER), MEMORY_BUFFER, 0, file, memory_read, NULL, NULL);
	file->ctx->flags |= AVFMT_FLAG_CUSTOM_IO;
	assert_int_equal(avformat_open_input(&file->ctx, NULL, av_find_input_format(name), NULL), 0);
	assert_int_equal(cme_reader_init(reader, file->ctx), 0);
}

/* The next packet; NULL: that was all. */
static inline struct cme_packet *memory_next(struct cme_reader *reader)
{
	struct cme_packet *packet = NULL;
	int rc = 0;

	while (!packet && rc >= 0)
		packet = cme_reader_next(reader, &rc);
	return packet;
}

static inline void memory_close(struct memory_file *file, struct cme_reader *reader)
{
	AVIOContext *pb = file->ctx->pb;

	cme_reader_fini(reader);
	avformat_close_input(&file->ctx);
	av_freep(&pb->buffer);
	avio_context_free(&pb);
	av_free(file->data);
}

#endif
