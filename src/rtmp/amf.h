/* SPDX-License-Identifier: MIT
 *
 * AMF0, the encoding of RTMP commands and of onMetaData ("Action Message Format - AMF 0", Adobe 2007).
 *
 * Writing appends to a bounded cme_buf: a sequence of calls needs one look at buf->failed at its end.
 * Reading copies nothing: a value points into the bytes it was read from, and an object is handed out
 * whole, to be searched by name. No length that was read is trusted, nesting is bounded.
 * Pure; any thread.
 */
#ifndef CME_RTMP_AMF_H
#define CME_RTMP_AMF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

#define CME_AMF_DEPTH_MAX 16 /* objects inside objects; deeper input is malformed */

enum cme_amf_type {
	CME_AMF_NUMBER,
	CME_AMF_BOOLEAN,
	CME_AMF_STRING, /* short, long and XML */
	CME_AMF_OBJECT, /* also typed objects and ECMA arrays */
	CME_AMF_ARRAY,  /* strict: values without names */
	CME_AMF_NULL,   /* also undefined and "unsupported" */
	CME_AMF_OTHER,  /* dates and references: read over, of no use here */
};

struct cme_amf_value {
	enum cme_amf_type type;
	double number;       /* of a number */
	bool boolean;        /* of a boolean */
	const uint8_t *data; /* of a string: its bytes, no NUL; of an object: its members */
	size_t len;
};

/* Appending; text is UTF-8 and may have any length (past 65535 bytes it becomes a long string). */
void cme_amf_put_number(struct cme_buf *buf, double number);
void cme_amf_put_boolean(struct cme_buf *buf, bool boolean);
void cme_amf_put_string(struct cme_buf *buf, const char *text);
void cme_amf_put_null(struct cme_buf *buf);

/* An object is: begin, then a key and a value for each member, then end. An ECMA array is closed alike. */
void cme_amf_begin_object(struct cme_buf *buf);
void cme_amf_begin_ecma_array(struct cme_buf *buf, uint32_t count);
void cme_amf_put_key(struct cme_buf *buf, const char *key);
void cme_amf_end_object(struct cme_buf *buf);

/* A strict array is: begin, then exactly count values. */
void cme_amf_begin_array(struct cme_buf *buf, uint32_t count);

/* Reads the value at data. Returns the bytes it takes, or 0: cut short or malformed. */
size_t cme_amf_read(const uint8_t *data, size_t len, struct cme_amf_value *value);

/* The member `key` of an object; false when it has none, or the value is no object. */
bool cme_amf_find(const struct cme_amf_value *object, const char *key, struct cme_amf_value *value);

/* The value is a string and says exactly this. */
bool cme_amf_is(const struct cme_amf_value *value, const char *text);

#endif
