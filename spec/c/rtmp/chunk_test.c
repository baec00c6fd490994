/* SPDX-License-Identifier: MIT */
#include "rtmp/chunk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) .bytes = (text), .len = sizeof(text) - 1

/* What comes out of a reader, one line a message: csid/type/timestamp/stream:data */
struct heard {
	char text[512];
	int rc; /* of the last read */
	struct cme_err err;
};

static void hear(struct heard *heard, const struct cme_chunk_message *message)
{
	size_t len = strlen(heard->text);

	snprintf(heard->text + len, sizeof heard->text - len, "%u/%u/%u/%u:%.*s;", message->csid,
		 message->type, message->timestamp, message->stream_id, (int)message->len,
		 (const char *)message->data);
}

/* Feeds the bytes in pieces of `step`. */
static void feed(struct heard *heard, const char *bytes, size_t len, size_t step)
{
	struct cme_chunk_reader reader;
	struct cme_chunk_message message;

	*heard = (struct heard){ 0 };
	cme_chunk_reader_init(&reader);
	for (size_t at = 0; at < len && heard->rc >= 0; at += step) {
		const uint8_t *data = (const uint8_t *)bytes + at;
		size_t n = len - at < step ? len - at : step;

		while ((heard->rc = cme_chunk_read(&reader, &data, &n, &message, &heard->err)) == 1)
			hear(heard, &message);
	}
	cme_chunk_reader_fini(&reader);
}

#define X32 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
	const char *name;
	const char *bytes;
	size_t len;
	const char *heard;
} streams[] = {
	{ "type 0", BYTES("\x03\x00\x00\x0a\x00\x00\x02\x14\x01\x00\x00\x00hi"), "3/20/10/1:hi;" },
	{ "empty message, then another",
	  BYTES("\x03\x00\x00\x00\x00\x00\x00\x14\x00\x00\x00\x00\x43\x00\x00\x01\x00\x00\x01\x14x"),
	  "3/20/0/0:;3/20/1/0:x;" },
	{ "types 1, 2 and 3 repeat what they leave out",
	  BYTES("\x03\x00\x03\xe8\x00\x00\x01\x08\x01\x00\x00\x00"
		"a"
		"\x43\x00\x00\x14\x00\x00\x02\x09"
		"bb"
		"\x83\x00\x00\x0a"
		"cc"
		"\xc3"
		"dd"),
	  "3/8/1000/1:a;3/9/1020/1:bb;3/9/1030/1:cc;3/9/1040/1:dd;" },
	{ "two-byte chunk stream id", BYTES("\x00\x00\x00\x00\x01\x00\x00\x01\x14\x00\x00\x00\x00y"),
	  "64/20/1/0:y;" },
	{ "three-byte chunk stream id", BYTES("\x01\x01\x01\x00\x00\x01\x00\x00\x01\x14\x00\x00\x00\x00y"),
	  "321/20/1/0:y;" },
	{ "extended timestamp, also in type 3",
	  BYTES("\x02\x00\x00\x00\x00\x00\x04\x01\x00\x00\x00\x00\x00\x00\x00\x01"
		"\x03\xff\xff\xff\x00\x00\x02\x09\x01\x00\x00\x00\x01\x00\x00\x00p"
		"\xc3\x01\x00\x00\x00q"),
	  "3/9/16777216/1:pq;" },
	{ "set chunk size",
	  BYTES("\x02\x00\x00\x00\x00\x00\x04\x01\x00\x00\x00\x00\x00\x00\x00\x02"
		"\x03\x00\x00\x00\x00\x00\x05\x14\x00\x00\x00\x00he\xc3ll\xc3o"),
	  "3/20/0/0:hello;" },
	{ "interleaved",
	  BYTES("\x02\x00\x00\x00\x00\x00\x04\x01\x00\x00\x00\x00\x00\x00\x00\x02"
		"\x03\x00\x00\x00\x00\x00\x04\x14\x00\x00\x00\x00ho"
		"\x04\x00\x00\x00\x00\x00\x03\x08\x00\x00\x00\x00"
		"ab\xc4"
		"c\xc3la"),
	  "4/8/0/0:abc;3/20/0/0:hola;" },
	{ "abort drops a part, the next message is whole",
	  BYTES("\x02\x00\x00\x00\x00\x00\x04\x01\x00\x00\x00\x00\x00\x00\x00\x02"
		"\x03\x00\x00\x00\x00\x00\x04\x14\x00\x00\x00\x00ho"
		"\x02\x00\x00\x00\x00\x00\x04\x02\x00\x00\x00\x00\x00\x00\xc2\x00\x03"
		"\x03\x00\x00\x00\x00\x00\x01\x14\x00\x00\x00\x00z"),
	  "3/20/0/0:z;" },
	{ "default chunk size of 128",
	  BYTES("\x03\x00\x00\x00\x00\x00\x81\x14\x00\x00\x00\x00" X32 X32 X32 X32 "\xc3y"),
	  "3/20/0/0:" X32 X32 X32 X32 "y;" },
	{ "a new header drops what was unfinished",
	  BYTES("\x02\x00\x00\x00\x00\x00\x04\x01\x00\x00\x00\x00\x00\x00\x00\x02"
		"\x03\x00\x00\x00\x00\x00\x04\x14\x00\x00\x00\x00ho"
		"\x03\x00\x00\x07\x00\x00\x02\x14\x00\x00\x00\x00hi"),
	  "3/20/7/0:hi;" },
	{ "a first type 1", BYTES("\x43\x00\x00\x05\x00\x00\x01\x14k"), "3/20/5/0:k;" },
};

static void puts_messages_together_however_they_are_split(void **state)
{
	struct heard heard;

	(void)state;
	for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
		for (size_t step = 1; step <= streams[i].len; step++) {
			feed(&heard, streams[i].bytes, streams[i].len, step);
			if (strcmp(heard.text, streams[i].heard) != 0 || heard.rc != 0)
				fail_msg("%s in steps of %zu: %s (rc %d)", streams[i].name, step, heard.text,
					 heard.rc);
		}
	}
}

static void a_cut_stream_is_never_a_message(void **state)
{
	struct heard heard;

	(void)state;
	for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
		for (size_t len = 0; len < streams[i].len; len++) {
			feed(&heard, streams[i].bytes, len, len ? len : 1);
			assert_int_equal(heard.rc, 0);
			assert_true(strlen(heard.text) < strlen(streams[i].heard));
			assert_memory_equal(heard.text, streams[i].heard, strlen(heard.text));
		}
	}
}

static const struct {
	const char *bytes;
	size_t len;
	const char *message;
} refused[] = {
	{ BYTES("\xc3x"), "the peer's chunk stream: a first chunk without length and type" },
	{ BYTES("\x83\x00\x00\x00x"), "the peer's chunk stream: a first chunk without length and type" },
	{ BYTES("\x02\x00\x00\x00\x00\x00\x04\x01\x00\x00\x00\x00\x00\x00\x00\x00"),
	  "the peer's chunk stream: a chunk size out of range" },
	{ BYTES("\x02\x00\x00\x00\x00\x00\x04\x01\x00\x00\x00\x00\x80\x00\x00\x00"),
	  "the peer's chunk stream: a chunk size out of range" },
	{ BYTES("\x02\x00\x00\x00\x00\x00\x02\x01\x00\x00\x00\x00\x01\x00"),
	  "the peer's chunk stream: a chunk size out of range" },
	{ BYTES("\x03\x00\x00\x00\x01\x00\x01\x14\x00\x00\x00\x00x"),
	  "the peer's chunk stream: a message past the limit" },
};

static void refuses_what_is_no_chunk_stream(void **state)
{
	struct heard heard;

	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		feed(&heard, refused[i].bytes, refused[i].len, refused[i].len);
		assert_int_equal(heard.rc, -1);
		assert_string_equal(heard.err.code, "network.protocol");
		assert_string_equal(heard.err.message, refused[i].message);
	}
}

static void bounds_the_number_of_chunk_streams(void **state)
{
	char bytes[(CME_CHUNK_STREAMS_MAX + 1) * 13];
	struct heard heard;

	(void)state;
	for (size_t i = 0; i <= CME_CHUNK_STREAMS_MAX; i++)
		memcpy(bytes + i * 13, (char[13]){ (char)(2 + i), 0, 0, 0, 0, 0, 1, 20, 0, 0, 0, 0, 'x' },
		       13);
	feed(&heard, bytes, sizeof bytes - 13, 7);
	assert_int_equal(heard.rc, 0);
	feed(&heard, bytes, sizeof bytes, 7);
	assert_int_equal(heard.rc, -1);
	assert_string_equal(heard.err.message, "the peer's chunk stream: too many chunk streams");
}

#define LARGE (8 * 1024 * 1024)
#define CHUNK (6 * 1024 * 1024)

/* A chunk that does not end its message, on each of three streams. */
static void bounds_what_unfinished_messages_hold(void **state)
{
	static uint8_t payload[CHUNK];
	struct cme_chunk_reader reader;
	struct cme_chunk_message message = { .type = 9, .len = LARGE };
	struct cme_err err;
	int rc = 0;

	(void)state;
	cme_chunk_reader_init(&reader);
	cme_chunk_reader_allow(&reader, LARGE);
	reader.chunk_size = CHUNK;
	for (message.csid = 4; message.csid < 7 && rc == 0; message.csid++) {
		uint8_t header[CME_CHUNK_HEADER_MAX];
		const uint8_t *at = header;
		size_t len = cme_chunk_header(header, &message);

		assert_int_equal(cme_chunk_read(&reader, &at, &len, &message, &err), 0);
		at = payload;
		len = sizeof payload;
		rc = cme_chunk_read(&reader, &at, &len, &message, &err);
		assert_true(reader.held <= CME_CHUNK_HELD_MAX);
	}
	assert_int_equal(rc, -1);
	assert_int_equal(message.csid, 7);
	assert_string_equal(err.message, "the peer's chunk stream: too many unfinished messages");
	cme_chunk_reader_fini(&reader);
}

/* Whole messages one after the other, each on a stream of its own. */
static void keeps_no_memory_of_a_stranger(void **state)
{
	static const uint8_t data[4000];
	struct cme_chunk_reader reader;
	struct cme_chunk_message message = { .type = 18, .data = data, .len = sizeof data }, out;
	struct cme_buf bytes;
	const uint8_t *at;
	size_t len;

	(void)state;
	cme_buf_init(&bytes, 1 << 20);
	cme_chunk_reader_init(&reader);
	cme_chunk_reader_confine(&reader, sizeof data);
	for (message.csid = 3; message.csid < 3 + CME_CHUNK_STREAMS_MAX; message.csid++)
		cme_chunk_write(&bytes, &message, CME_CHUNK_SIZE_FIRST);
	at = (const uint8_t *)bytes.data;
	len = bytes.len;
	while (cme_chunk_read(&reader, &at, &len, &out, NULL) == 1)
		assert_int_equal(out.len, sizeof data);
	assert_int_equal(len, 0);
	for (size_t i = 0; i < CME_CHUNK_STREAMS_MAX; i++)
		assert_int_equal(reader.streams[i].body.cap, 0);
	cme_chunk_reader_fini(&reader);
	cme_buf_fini(&bytes);
}

static const struct {
	struct cme_chunk_message message;
	const char *header;
	size_t header_len;
	const char *next;
	size_t next_len;
} headers[] = {
	{ { 6, 9, 0x010203, 1, NULL, 0x0a0b0c },
	  "\x06\x01\x02\x03\x0a\x0b\x0c\x09\x01\x00\x00\x00",
	  12,
	  "\xc6",
	  1 },
	{ { 4, 8, 0xfffffe, 0x01020304, NULL, 1 },
	  "\x04\xff\xff\xfe\x00\x00\x01\x08\x04\x03\x02\x01",
	  12,
	  "\xc4",
	  1 },
	{ { 4, 8, 0xffffff, 1, NULL, 1 },
	  "\x04\xff\xff\xff\x00\x00\x01\x08\x01\x00\x00\x00\x00\xff\xff\xff",
	  16,
	  "\xc4\x00\xff\xff\xff",
	  5 },
	{ { 4, 8, 0xfedcba98, 1, NULL, 1 },
	  "\x04\xff\xff\xff\x00\x00\x01\x08\x01\x00\x00\x00\xfe\xdc\xba\x98",
	  16,
	  "\xc4\xfe\xdc\xba\x98",
	  5 },
};

static void writes_headers_as_the_spec_has_them(void **state)
{
	uint8_t header[CME_CHUNK_HEADER_MAX], next[CME_CHUNK_CONTINUE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
		const struct cme_chunk_message *message = &headers[i].message;

		assert_int_equal(cme_chunk_header(header, message), headers[i].header_len);
		assert_memory_equal(header, headers[i].header, headers[i].header_len);
		assert_int_equal(cme_chunk_continue(next, message->csid, message->timestamp),
				 headers[i].next_len);
		assert_memory_equal(next, headers[i].next, headers[i].next_len);
	}
}

static void reads_what_it_writes(void **state)
{
	static uint8_t data[1000];
	static const uint32_t times[] = { 0, 1, 0xfffffe, 0xffffff, 0x1000000, 0xffffffff };
	struct cme_chunk_message in = { 5, 18, 0, 7, data, sizeof data }, out;
	struct cme_chunk_reader reader;
	struct cme_buf buf;
	const uint8_t *at;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 7);
	cme_buf_init(&buf, 65536);
	cme_chunk_reader_init(&reader);
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		in.timestamp = times[i];
		cme_buf_reset(&buf);
		assert_int_equal(cme_chunk_write(&buf, &in, CME_CHUNK_SIZE_FIRST), 0);
		at = (const uint8_t *)buf.data;
		len = buf.len;
		assert_int_equal(cme_chunk_read(&reader, &at, &len, &out, NULL), 1);
		assert_int_equal(len, 0);
		assert_int_equal(out.timestamp, times[i]);
		assert_int_equal(out.type, 18);
		assert_int_equal(out.stream_id, 7);
		assert_int_equal(out.len, sizeof data);
		assert_memory_equal(out.data, data, sizeof data);
	}
	cme_chunk_reader_fini(&reader);
	cme_buf_fini(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(puts_messages_together_however_they_are_split),
		cmocka_unit_test(a_cut_stream_is_never_a_message),
		cmocka_unit_test(refuses_what_is_no_chunk_stream),
		cmocka_unit_test(bounds_the_number_of_chunk_streams),
		cmocka_unit_test(bounds_what_unfinished_messages_hold),
		cmocka_unit_test(keeps_no_memory_of_a_stranger),
		cmocka_unit_test(writes_headers_as_the_spec_has_them),
		cmocka_unit_test(reads_what_it_writes),
	};

	return cmocka_run_group_tests_name("chunk", tests, NULL, NULL);
}
