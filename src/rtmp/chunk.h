/* SPDX-License-Identifier: MIT
 *
 * The RTMP chunk stream: messages cut into chunks so that long ones do not hold up short ones ("Adobe's
 * Real Time Messaging Protocol", 2012, section 5.3).
 *
 * The reader takes bytes as they come, split anywhere, puts interleaved messages together and obeys the
 * two messages that concern chunks themselves, Set Chunk Size and Abort. The writer makes headers: every
 * message starts with a type 0 header, so that what a peer has missed never matters, and goes on with
 * type 3 headers. Timestamps from 0xffffff on are extended ones, repeated in every type 3 header.
 * Pure; one thread at a time per reader.
 */
#ifndef CME_RTMP_CHUNK_H
#define CME_RTMP_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/err.h"

#define CME_CHUNK_SIZE_FIRST   128   /* both sides' chunk size until they say otherwise */
#define CME_CHUNK_STREAMS_MAX  16    /* chunk streams a peer may open; servers use two or three */
#define CME_CHUNK_MESSAGE_MAX  65536 /* bytes of a received message, where answers come and no media */
#define CME_CHUNK_HELD_MAX     ((size_t)16 * 1024 * 1024) /* of all messages that are not whole yet */
#define CME_CHUNK_HEADER_MAX   16                         /* of a type 0 header as we write it */
#define CME_CHUNK_CONTINUE_MAX 5                          /* of a type 3 header */

/* Message types (sections 5.4, 6.2 and 7.1). */
enum cme_rtmp_type {
	CME_RTMP_SET_CHUNK_SIZE = 1,
	CME_RTMP_ABORT = 2,
	CME_RTMP_ACKNOWLEDGEMENT = 3,
	CME_RTMP_USER_CONTROL = 4,
	CME_RTMP_WINDOW_ACK_SIZE = 5,
	CME_RTMP_SET_PEER_BANDWIDTH = 6,
	CME_RTMP_AUDIO = 8,
	CME_RTMP_VIDEO = 9,
	CME_RTMP_COMMAND_AMF3 = 17, /* in fact AMF0 after one byte 0 */
	CME_RTMP_DATA = 18,
	CME_RTMP_COMMAND = 20,
	CME_RTMP_AGGREGATE = 22, /* FLV tags one after the other */
};

struct cme_chunk_message {
	uint32_t csid;      /* chunk stream: 2 to 63 when written */
	uint8_t type;       /* enum cme_rtmp_type, or anything a peer sends */
	uint32_t timestamp; /* milliseconds, wraps after 49 days */
	uint32_t stream_id; /* message stream; 0 for the connection itself */
	const uint8_t *data;
	size_t len;
};

/* One chunk stream as received. */
struct cme_chunk_stream {
	uint32_t csid;      /* 0: this place is free */
	uint32_t timestamp; /* of the message now read, or the last one */
	uint32_t field;     /* last timestamp or delta received: what a type 3 header repeats */
	bool extended;      /* it came in the extended field, so type 3 headers have one too */
	uint32_t len;       /* bytes of the message now read, or the last one */
	uint8_t type;
	uint32_t stream_id;
	struct cme_buf body; /* the part of a message received so far */
	bool reading;        /* between the first and the last chunk of a message */
};

struct cme_chunk_reader {
	uint32_t chunk_size; /* the peer's */
	size_t message_max;  /* bytes that a message may have */
	size_t held_max;     /* and the bodies of all streams together */
	size_t kept_max;     /* bytes of memory that a stream keeps between messages */
	size_t held;         /* bytes of the bodies of all streams */
	struct cme_chunk_stream streams[CME_CHUNK_STREAMS_MAX];
	uint8_t header[3 + 11 + 4]; /* the header now read */
	size_t header_len;
	struct cme_chunk_stream *stream; /* whose chunk's payload is being read; NULL while in a header */
	size_t payload_left;             /* of that chunk */
	struct cme_chunk_stream *done;   /* whose message was handed out last: emptied at the next call */
};

void cme_chunk_reader_init(struct cme_chunk_reader *reader);
void cme_chunk_reader_fini(struct cme_chunk_reader *reader);

/* From the next message on: messages may have so many bytes, for a peer that sends media. */
void cme_chunk_reader_allow(struct cme_chunk_reader *reader, size_t message_max);

/* The same for a stranger: all messages that are not whole yet have so many bytes together, and no memory is
 * kept between messages. */
void cme_chunk_reader_confine(struct cme_chunk_reader *reader, size_t message_max);

/* Reads from *data up to the end of the next message; *data and *len move past what was taken.
 * 1: *message is whole, its data valid until the next call; 0: all was taken, more is needed; -1 with
 * err: the bytes are no chunk stream or pass a limit (network.protocol; media.too_large for a message of
 * media). After -1 the reader is only good
 * for fini. */
int cme_chunk_read(struct cme_chunk_reader *reader, const uint8_t **data, size_t *len,
		   struct cme_chunk_message *message, struct cme_err *err);

/* Writes the type 0 header of a message (its data are not looked at), returns its size. */
size_t cme_chunk_header(uint8_t out[CME_CHUNK_HEADER_MAX], const struct cme_chunk_message *message);

/* Writes the type 3 header that stands before each further chunk of that message, returns its size. */
size_t cme_chunk_continue(uint8_t out[CME_CHUNK_CONTINUE_MAX], uint32_t csid, uint32_t timestamp);

/* Appends the whole message, cut into chunks. 0, or -1: past the buffer's limit. */
int cme_chunk_write(struct cme_buf *out, const struct cme_chunk_message *message, size_t chunk_size);

#endif
