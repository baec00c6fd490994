/* SPDX-License-Identifier: MIT
 *
 * Commands and control messages of RTMP as both halves of a connection write and read them ("Adobe's Real
 * Time Messaging Protocol", 2012, sections 5.4, 6.2 and 7.2). Nothing of a command read is copied: its values
 * point into the message. Pure; any thread.
 */
#ifndef CME_RTMP_BOTH_COMMAND_H
#define CME_RTMP_BOTH_COMMAND_H

#include "common/buf.h"
#include "rtmp/amf.h"
#include "rtmp/chunk.h"

/* User control events (section 7.1.7). */
enum cme_rtmp_event {
	CME_RTMP_STREAM_BEGIN = 0,
	CME_RTMP_STREAM_EOF = 1,
	CME_RTMP_BUFFER_LENGTH = 3,
	CME_RTMP_PING = 6,
	CME_RTMP_PONG = 7
};

/* Where messages go. */
struct cme_rtmp_voice {
	struct cme_buf *out;
	size_t chunk_size; /* ours */
};

/* A command received: its name, transaction id, command object and first argument. */
struct cme_rtmp_command {
	struct cme_amf_value name;
	struct cme_amf_value id; /* a number; 0: it had none */
	struct cme_amf_value object;
	struct cme_amf_value info;
};

/* 0, or -1: it has no name. What follows may be missing. */
int cme_rtmp_command_parse(const uint8_t *data, size_t len, struct cme_rtmp_command *command);

/* Begins a command; its values are to be appended to the body. */
void cme_rtmp_command_begin(struct cme_buf *body, const char *name, double id);

/* Sends the body and frees it. A body that has failed makes `out` fail. */
void cme_rtmp_command_end(struct cme_rtmp_voice voice, struct cme_buf *body, uint32_t stream_id);

/* A member of an object. */
void cme_rtmp_put_text(struct cme_buf *body, const char *key, const char *value);
void cme_rtmp_put_number(struct cme_buf *body, const char *key, double value);

/* A protocol control message of one number. */
void cme_rtmp_send_number(struct cme_rtmp_voice voice, enum cme_rtmp_type type, uint32_t value);

/* A protocol control message, or a user control event with its data. */
void cme_rtmp_send_control(struct cme_rtmp_voice voice, enum cme_rtmp_type type, const void *data,
			   size_t len);

/* The answer to a ping with these four bytes. */
void cme_rtmp_send_pong(struct cme_rtmp_voice voice, const uint8_t stamp[4]);

#endif
