/* SPDX-License-Identifier: MIT */
#include "rtmp/amf.h"

#include <string.h>

#include "stream/bytes.h"

enum marker {
	NUMBER = 0x00,
	BOOLEAN = 0x01,
	STRING = 0x02,
	OBJECT = 0x03,
	NOTHING = 0x05,
	UNDEFINED = 0x06,
	REFERENCE = 0x07,
	ECMA_ARRAY = 0x08,
	OBJECT_END = 0x09,
	STRICT_ARRAY = 0x0a,
	DATE = 0x0b,
	LONG_STRING = 0x0c,
	UNSUPPORTED = 0x0d,
	XML = 0x0f,
	TYPED_OBJECT = 0x10,
};

#define SHORT_MAX  0xffff
#define END_SIZE   3 /* an empty key and the end marker */
#define DATE_SIZE  10
#define COUNT_SIZE 4

static void put_marker(struct cme_buf *buf, enum marker marker)
{
	uint8_t byte = (uint8_t)marker;

	cme_buf_append(buf, &byte, 1);
}

static void put_u32(struct cme_buf *buf, uint32_t value)
{
	uint8_t bytes[4];

	cme_put_be32(bytes, value);
	cme_buf_append(buf, bytes, sizeof bytes);
}

void cme_amf_put_number(struct cme_buf *buf, double number)
{
	uint8_t bytes[8];
	uint64_t bits;

	memcpy(&bits, &number, sizeof bits);
	cme_put_be32(bytes, (uint32_t)(bits >> 32));
	cme_put_be32(bytes + 4, (uint32_t)bits);
	put_marker(buf, NUMBER);
	cme_buf_append(buf, bytes, sizeof bytes);
}

void cme_amf_put_boolean(struct cme_buf *buf, bool boolean)
{
	uint8_t byte = boolean;

	put_marker(buf, BOOLEAN);
	cme_buf_append(buf, &byte, 1);
}

static void put_short_text(struct cme_buf *buf, const char *text, size_t len)
{
	uint8_t bytes[2] = { (uint8_t)(len >> 8), (uint8_t)len };

	cme_buf_append(buf, bytes, sizeof bytes);
	cme_buf_append(buf, text, len);
}

void cme_amf_put_string(struct cme_buf *buf, const char *text)
{
	size_t len = strlen(text);

	if (len > SHORT_MAX) {
		put_marker(buf, LONG_STRING);
		put_u32(buf, (uint32_t)len);
		cme_buf_append(buf, text, len);
		return;
	}
	put_marker(buf, STRING);
	put_short_text(buf, text, len);
}

void cme_amf_put_null(struct cme_buf *buf)
{
	put_marker(buf, NOTHING);
}

void cme_amf_begin_object(struct cme_buf *buf)
{
	put_marker(buf, OBJECT);
}

void cme_amf_begin_ecma_array(struct cme_buf *buf, uint32_t count)
{
	put_marker(buf, ECMA_ARRAY);
	put_u32(buf, count);
}

void cme_amf_begin_array(struct cme_buf *buf, uint32_t count)
{
	put_marker(buf, STRICT_ARRAY);
	put_u32(buf, count);
}

void cme_amf_put_key(struct cme_buf *buf, const char *key)
{
	put_short_text(buf, key, strlen(key));
}

void cme_amf_end_object(struct cme_buf *buf)
{
	put_short_text(buf, "", 0);
	put_marker(buf, OBJECT_END);
}

static size_t read_value(const uint8_t *data, size_t len, struct cme_amf_value *value, int depth);

static size_t read_number(const uint8_t *data, size_t len, struct cme_amf_value *value)
{
	uint64_t bits;

	if (len < 8)
		return 0;
	bits = (uint64_t)cme_get_be32(data) << 32 | cme_get_be32(data + 4);
	memcpy(&value->number, &bits, sizeof bits);
	value->type = CME_AMF_NUMBER;
	return 8;
}

static size_t read_boolean(const uint8_t *data, size_t len, struct cme_amf_value *value)
{
	if (len < 1)
		return 0;
	value->type = CME_AMF_BOOLEAN;
	value->boolean = data[0] != 0;
	return 1;
}

/* A string whose length stands in `width` bytes before it. */
static size_t read_text(const uint8_t *data, size_t len, size_t width, struct cme_amf_value *value)
{
	size_t size;

	if (len < width)
		return 0;
	size = width == 2 ? cme_get_be16(data) : cme_get_be32(data);
	if (size > len - width)
		return 0;
	value->type = CME_AMF_STRING;
	value->data = data + width;
	value->len = size;
	return width + size;
}

/* Names and values up to the end marker. */
static size_t read_members(const uint8_t *data, size_t len, struct cme_amf_value *value, int depth)
{
	struct cme_amf_value key, member;
	size_t at = 0, n;

	for (;;) {
		if (!(n = read_text(data + at, len - at, 2, &key)))
			return 0;
		if (key.len == 0 && at + 2 < len && data[at + 2] == OBJECT_END)
			break;
		at += n;
		if (!(n = read_value(data + at, len - at, &member, depth + 1)))
			return 0;
		at += n;
	}
	*value = (struct cme_amf_value){ .type = CME_AMF_OBJECT, .data = data, .len = at };
	return at + END_SIZE;
}

/* What stands before the members is `skip` bytes: an ECMA array's count. */
static size_t read_object(const uint8_t *data, size_t len, size_t skip, struct cme_amf_value *value,
			  int depth)
{
	size_t n = len < skip ? 0 : read_members(data + skip, len - skip, value, depth);

	return n ? skip + n : 0;
}

static size_t read_typed(const uint8_t *data, size_t len, struct cme_amf_value *value, int depth)
{
	struct cme_amf_value name;
	size_t n = read_text(data, len, 2, &name);

	return n ? read_object(data, len, n, value, depth) : 0;
}

static size_t read_array(const uint8_t *data, size_t len, struct cme_amf_value *value, int depth)
{
	struct cme_amf_value item;
	uint32_t count;
	size_t at = COUNT_SIZE, n;

	if (len < COUNT_SIZE)
		return 0;
	/* every item takes a byte at least, so a false count ends with the data */
	for (count = cme_get_be32(data); count; count--) {
		if (!(n = read_value(data + at, len - at, &item, depth + 1)))
			return 0;
		at += n;
	}
	*value = (struct cme_amf_value){ .type = CME_AMF_ARRAY, .data = data, .len = at };
	return at;
}

static size_t read_sized(size_t size, size_t len, struct cme_amf_value *value)
{
	value->type = CME_AMF_OTHER;
	return size > len ? 0 : size;
}

static size_t read_body(enum marker marker, const uint8_t *data, size_t len, struct cme_amf_value *value,
			int depth)
{
	switch (marker) {
	case NUMBER:
		return read_number(data, len, value);
	case BOOLEAN:
		return read_boolean(data, len, value);
	case STRING:
		return read_text(data, len, 2, value);
	case LONG_STRING:
	case XML:
		return read_text(data, len, 4, value);
	case OBJECT:
		return read_object(data, len, 0, value, depth);
	case ECMA_ARRAY:
		return read_object(data, len, COUNT_SIZE, value, depth);
	case TYPED_OBJECT:
		return read_typed(data, len, value, depth);
	case STRICT_ARRAY:
		return read_array(data, len, value, depth);
	case DATE:
		return read_sized(DATE_SIZE, len, value);
	case REFERENCE:
		return read_sized(2, len, value);
	default:
		return 0;
	}
}

static size_t read_value(const uint8_t *data, size_t len, struct cme_amf_value *value, int depth)
{
	size_t n;

	*value = (struct cme_amf_value){ .type = CME_AMF_NULL };
	if (len == 0 || depth > CME_AMF_DEPTH_MAX)
		return 0;
	if (data[0] == NOTHING || data[0] == UNDEFINED || data[0] == UNSUPPORTED)
		return 1;
	n = read_body((enum marker)data[0], data + 1, len - 1, value, depth);
	return n ? n + 1 : 0;
}

size_t cme_amf_read(const uint8_t *data, size_t len, struct cme_amf_value *value)
{
	return read_value(data, len, value, 0);
}

bool cme_amf_find(const struct cme_amf_value *object, const char *key, struct cme_amf_value *value)
{
	struct cme_amf_value name;
	size_t at = 0, n;

	if (object->type != CME_AMF_OBJECT)
		return false;
	while (at < object->len) {
		if (!(n = read_text(object->data + at, object->len - at, 2, &name)))
			return false;
		at += n;
		if (!(n = cme_amf_read(object->data + at, object->len - at, value)))
			return false;
		if (cme_amf_is(&name, key))
			return true;
		at += n;
	}
	return false;
}

bool cme_amf_is(const struct cme_amf_value *value, const char *text)
{
	size_t len = strlen(text);

	return value->type == CME_AMF_STRING && value->len == len && memcmp(value->data, text, len) == 0;
}
