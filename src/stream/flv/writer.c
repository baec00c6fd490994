/* SPDX-License-Identifier: MIT */
#include "stream/flv/writer.h"

#include "common/clock.h"
#include "stream/bytes.h"

static const uint8_t file_header[] = { 'F', 'L', 'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0 }; /* picture and sound */

/* A time in microseconds as whole milliseconds, rounded down, and what is left of it. */
struct moment {
	int64_t ms;
	uint32_t us;
};

/* Where tags of one packet go. */
struct tags {
	struct cme_buf *out;
	uint32_t timestamp;
};

void cme_flv_writer_init(struct cme_flv_writer *writer)
{
	*writer = (struct cme_flv_writer){ .told = { .dialect = CME_FLV_FOURCC, .notes = { true, true } } };
}

void cme_flv_writer_fini(struct cme_flv_writer *writer)
{
	cme_flv_told_clear(&writer->told);
}

static struct moment moment(int64_t us)
{
	int64_t rest = (us % CME_MS_US + CME_MS_US) % CME_MS_US;

	return (struct moment){ (us - rest) / CME_MS_US, (uint32_t)rest };
}

static int put_tag_head(struct tags *tags, int kind, size_t len)
{
	uint8_t head[CME_FLV_TAG_HEADER] = { kind == CME_VIDEO ? CME_FLV_VIDEO : CME_FLV_AUDIO };

	cme_put_be24(head + 1, (uint32_t)len);
	cme_put_be24(head + 4, tags->timestamp);
	head[7] = (uint8_t)(tags->timestamp >> 24);
	return cme_buf_append(tags->out, head, sizeof head);
}

static void fill_trailer(uint8_t trailer[CME_FLV_TRAILER], size_t len)
{
	cme_put_be32(trailer, (uint32_t)(CME_FLV_TAG_HEADER + len));
}

static int say(void *ctx, int kind, struct cme_buf *body)
{
	struct tags *tags = ctx;
	uint8_t trailer[CME_FLV_TRAILER];

	fill_trailer(trailer, body->len);
	put_tag_head(tags, kind, body->len);
	cme_buf_append(tags->out, body->data, body->len);
	cme_buf_append(tags->out, trailer, sizeof trailer);
	cme_buf_fini(body);
	return tags->out->failed ? -1 : 0;
}

int cme_flv_writer_put(struct cme_flv_writer *writer, const struct cme_packet *packet, struct cme_buf *out,
		       uint8_t trailer[CME_FLV_TRAILER])
{
	int kind = packet->stream;
	struct moment dts = moment(packet->dts_us), lag = moment(packet->pts_us - packet->dts_us);
	struct cme_flv_stream stream = cme_flv_told_stream(&writer->told, packet->media, kind);
	struct cme_flv_frame frame = { .keyframe = packet->key,
				       .composition_ms = (int32_t)lag.ms,
				       .nanoseconds = dts.us * 1000,
				       .composition_nanoseconds = lag.us * 1000,
				       .damaged = packet->damaged };
	struct tags tags = { out, (uint32_t)dts.ms };
	uint8_t prefix[CME_FLV_PREFIX_MAX];
	size_t prefix_len = cme_flv_prefix(prefix, &stream, frame);
	size_t len = prefix_len + packet->size;

	if (prefix_len == 0)
		return -1;
	if (!writer->started)
		cme_buf_append(out, file_header, sizeof file_header);
	writer->started = true;
	if (cme_flv_tell(&writer->told, packet->media, kind, say, &tags) != 0)
		return -1;
	put_tag_head(&tags, kind, len);
	cme_buf_append(out, prefix, prefix_len);
	fill_trailer(trailer, len);
	return out->failed ? -1 : 0;
}
