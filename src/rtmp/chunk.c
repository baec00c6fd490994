/* SPDX-License-Identifier: MIT */
#include "rtmp/chunk.h"

#include <string.h>

#include "stream/bytes.h"

#define KEPT_MAX         ((size_t)256 * 1024) /* bytes of memory that a stream keeps between messages */
#define EXTENDED         0xffffffu /* in a 24-bit timestamp field: the real one follows the header */
#define CHUNK_SIZE_LIMIT 0x7fffffffu

/* Bytes of a message header by chunk type (section 5.3.1.2). */
static const size_t message_header[] = { 11, 7, 3, 0 };

void cme_chunk_reader_init(struct cme_chunk_reader *reader)
{
	*reader = (struct cme_chunk_reader){ .chunk_size = CME_CHUNK_SIZE_FIRST };
	cme_chunk_reader_allow(reader, CME_CHUNK_MESSAGE_MAX);
}

static void set_limits(struct cme_chunk_reader *reader, size_t message_max, size_t held_max, size_t kept_max)
{
	reader->message_max = message_max;
	reader->held_max = held_max;
	reader->kept_max = kept_max;
	for (size_t i = 0; i < CME_CHUNK_STREAMS_MAX; i++)
		reader->streams[i].body.limit = message_max;
}

void cme_chunk_reader_allow(struct cme_chunk_reader *reader, size_t message_max)
{
	set_limits(reader, message_max, CME_CHUNK_HELD_MAX, KEPT_MAX);
}

void cme_chunk_reader_confine(struct cme_chunk_reader *reader, size_t message_max)
{
	set_limits(reader, message_max, message_max, 0);
}

void cme_chunk_reader_fini(struct cme_chunk_reader *reader)
{
	for (size_t i = 0; i < CME_CHUNK_STREAMS_MAX; i++)
		cme_buf_fini(&reader->streams[i].body);
}

static int bad(struct cme_err *err, const char *fact)
{
	return cme_err_set(err, "network.protocol", "the peer's chunk stream: %s", fact);
}

/* The stream of this id, or a free place for it; NULL when all are taken. */
static struct cme_chunk_stream *find_stream(struct cme_chunk_reader *reader, uint32_t csid)
{
	struct cme_chunk_stream *stream = NULL;

	for (size_t i = 0; i < CME_CHUNK_STREAMS_MAX; i++) {
		if (reader->streams[i].csid == csid)
			return &reader->streams[i];
		if (!stream && reader->streams[i].csid == 0)
			stream = &reader->streams[i];
	}
	return stream;
}

/* The basic header's size follows from its first byte. */
static size_t basic_size(uint8_t first)
{
	return (first & 0x3f) == 0 ? 2 : (first & 0x3f) == 1 ? 3 : 1;
}

static uint32_t basic_csid(const uint8_t *header)
{
	switch (header[0] & 0x3f) {
	case 0:
		return 64 + header[1];
	case 1:
		return 64 + header[1] + (uint32_t)header[2] * 256;
	default:
		return header[0] & 0x3f;
	}
}

static bool has_extended(struct cme_chunk_reader *reader, size_t basic)
{
	struct cme_chunk_stream *stream;

	if (reader->header[0] >> 6 != 3)
		return cme_get_be24(reader->header + basic) == EXTENDED;
	stream = find_stream(reader, basic_csid(reader->header));
	return stream && stream->csid && stream->extended;
}

/* Bytes of the header now read, as far as it can be told from those already there. */
static size_t header_size(struct cme_chunk_reader *reader)
{
	size_t basic, size;

	if (reader->header_len == 0)
		return 1;
	basic = basic_size(reader->header[0]);
	size = basic + message_header[reader->header[0] >> 6];
	if (reader->header_len < size)
		return size;
	return has_extended(reader, basic) ? size + 4 : size;
}

/* Forgets what a stream holds. */
static void empty(struct cme_chunk_reader *reader, struct cme_chunk_stream *stream)
{
	reader->held -= stream->body.len;
	if (stream->body.cap > reader->kept_max)
		cme_buf_fini(&stream->body);
	else
		cme_buf_reset(&stream->body);
}

/* The first chunk of a message: fields that this chunk type leaves out are those of the message before. */
static void begin_message(struct cme_chunk_stream *stream, const uint8_t *fields, unsigned fmt,
			  uint32_t field)
{
	stream->timestamp = fmt == 0 ? field : stream->timestamp + field;
	stream->field = field;
	if (fmt < 3)
		stream->extended = cme_get_be24(fields) == EXTENDED;
	if (fmt < 2) {
		stream->len = cme_get_be24(fields + 3);
		stream->type = fields[6];
	}
	if (fmt == 0)
		stream->stream_id = (uint32_t)fields[7] | (uint32_t)fields[8] << 8 |
				    (uint32_t)fields[9] << 16 | (uint32_t)fields[10] << 24;
	stream->reading = true;
}

static int open_stream(struct cme_chunk_reader *reader, unsigned fmt, struct cme_chunk_stream **stream,
		       struct cme_err *err)
{
	uint32_t csid = basic_csid(reader->header);

	*stream = find_stream(reader, csid);
	if (!*stream)
		return bad(err, "too many chunk streams");
	if ((*stream)->csid)
		return 0;
	if (fmt > 1)
		return bad(err, "a first chunk without length and type");
	(*stream)->csid = csid;
	return 0;
}

static int too_large(const struct cme_chunk_reader *reader, const struct cme_chunk_stream *stream,
		     struct cme_err *err)
{
	if (stream->type != CME_RTMP_AUDIO && stream->type != CME_RTMP_VIDEO)
		return bad(err, "a message past the limit");
	return cme_err_set(err, "media.too_large", "a message of %u bytes (at most %zu are relayed)",
			   (unsigned)stream->len, reader->message_max);
}

/* The header is complete: makes its stream the current one. */
static int end_header(struct cme_chunk_reader *reader, struct cme_err *err)
{
	unsigned fmt = reader->header[0] >> 6;
	const uint8_t *fields = reader->header + basic_size(reader->header[0]);
	struct cme_chunk_stream *stream;
	size_t missing;
	uint32_t field;

	if (open_stream(reader, fmt, &stream, err) != 0)
		return -1;
	field = fmt < 3 ? cme_get_be24(fields) : stream->field;
	if (fmt < 3 && field == EXTENDED)
		field = cme_get_be32(fields + message_header[fmt]);
	if (fmt < 3 || !stream->reading) {
		empty(reader, stream);
		begin_message(stream, fields, fmt, field);
	}
	if (stream->len > reader->message_max)
		return too_large(reader, stream, err);
	missing = stream->len - stream->body.len;
	reader->payload_left = missing < reader->chunk_size ? missing : reader->chunk_size;
	reader->stream = stream;
	reader->header_len = 0;
	return 0;
}

/* Returns 1 when the header is complete, 0 when more is needed. */
static int read_header(struct cme_chunk_reader *reader, const uint8_t **data, size_t *len)
{
	while (reader->header_len < header_size(reader)) {
		if (*len == 0)
			return 0;
		reader->header[reader->header_len++] = **data;
		(*data)++;
		(*len)--;
	}
	return 1;
}

static int read_payload(struct cme_chunk_reader *reader, const uint8_t **data, size_t *len,
			struct cme_err *err)
{
	size_t n = *len < reader->payload_left ? *len : reader->payload_left;

	if (reader->held + n > reader->held_max)
		return bad(err, "too many unfinished messages");
	if (cme_buf_append(&reader->stream->body, *data, n) != 0)
		return bad(err, "no memory for a message");
	reader->held += n;
	*data += n;
	*len -= n;
	reader->payload_left -= n;
	return reader->payload_left == 0;
}

static int set_chunk_size(struct cme_chunk_reader *reader, const struct cme_chunk_message *message,
			  struct cme_err *err)
{
	uint32_t size = message->len >= 4 ? cme_get_be32(message->data) : 0;

	if (size < 1 || size > CHUNK_SIZE_LIMIT)
		return bad(err, "a chunk size out of range");
	reader->chunk_size = size;
	return 0;
}

/* Drops the part of a message received so far. */
static void abort_message(struct cme_chunk_reader *reader, const struct cme_chunk_message *message)
{
	struct cme_chunk_stream *stream;

	if (message->len < 4 || cme_get_be32(message->data) == 0)
		return;
	stream = find_stream(reader, cme_get_be32(message->data));
	if (stream && stream->csid) {
		empty(reader, stream);
		stream->reading = false;
	}
}

/* A message is whole. 1: for the caller; 0: it was ours; -1. */
static int end_message(struct cme_chunk_reader *reader, struct cme_chunk_stream *stream,
		       struct cme_chunk_message *message, struct cme_err *err)
{
	*message = (struct cme_chunk_message){
		.csid = stream->csid,
		.type = stream->type,
		.timestamp = stream->timestamp,
		.stream_id = stream->stream_id,
		.data = (const uint8_t *)cme_buf_str(&stream->body),
		.len = stream->body.len,
	};
	stream->reading = false;
	if (message->type == CME_RTMP_SET_CHUNK_SIZE)
		return set_chunk_size(reader, message, err);
	if (message->type == CME_RTMP_ABORT) {
		abort_message(reader, message);
		return 0;
	}
	reader->done = stream;
	return 1;
}

/* One chunk, or the part of it that is there. 1: it ended a message; 0: it did not; -1. */
static int read_chunk(struct cme_chunk_reader *reader, const uint8_t **data, size_t *len,
		      struct cme_chunk_message *message, struct cme_err *err)
{
	struct cme_chunk_stream *stream;
	int rc;

	if (!reader->stream) {
		if (!read_header(reader, data, len))
			return 0;
		if (end_header(reader, err) != 0)
			return -1;
	}
	rc = read_payload(reader, data, len, err);
	if (rc <= 0)
		return rc;
	stream = reader->stream;
	reader->stream = NULL;
	return stream->body.len < stream->len ? 0 : end_message(reader, stream, message, err);
}

int cme_chunk_read(struct cme_chunk_reader *reader, const uint8_t **data, size_t *len,
		   struct cme_chunk_message *message, struct cme_err *err)
{
	int rc = 0;

	if (reader->done)
		empty(reader, reader->done);
	reader->done = NULL;
	while (rc == 0 && *len > 0)
		rc = read_chunk(reader, data, len, message, err);
	return rc;
}

size_t cme_chunk_header(uint8_t out[CME_CHUNK_HEADER_MAX], const struct cme_chunk_message *message)
{
	bool extended = message->timestamp >= EXTENDED;

	out[0] = (uint8_t)message->csid;
	cme_put_be24(out + 1, extended ? EXTENDED : message->timestamp);
	cme_put_be24(out + 4, (uint32_t)message->len);
	out[7] = message->type;
	for (int i = 0; i < 4; i++) /* the one little-endian field */
		out[8 + i] = (uint8_t)(message->stream_id >> (8 * i));
	if (extended)
		cme_put_be32(out + 12, message->timestamp);
	return extended ? 16 : 12;
}

size_t cme_chunk_continue(uint8_t out[CME_CHUNK_CONTINUE_MAX], uint32_t csid, uint32_t timestamp)
{
	out[0] = (uint8_t)(0xc0 | csid);
	if (timestamp < EXTENDED)
		return 1;
	cme_put_be32(out + 1, timestamp);
	return 5;
}

int cme_chunk_write(struct cme_buf *out, const struct cme_chunk_message *message, size_t chunk_size)
{
	uint8_t header[CME_CHUNK_HEADER_MAX];
	size_t at = 0;

	cme_buf_append(out, header, cme_chunk_header(header, message));
	while (message->len - at > chunk_size) {
		cme_buf_append(out, message->data + at, chunk_size);
		at += chunk_size;
		cme_buf_append(out, header, cme_chunk_continue(header, message->csid, message->timestamp));
	}
	cme_buf_append(out, message->data + at, message->len - at);
	return out->failed ? -1 : 0;
}
