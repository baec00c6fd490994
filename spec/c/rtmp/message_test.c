/* SPDX-License-Identifier: MIT */
#include "rtmp/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rtmp/chunk.h"

#define PAYLOAD_MAX 200000

static uint8_t payload[PAYLOAD_MAX];
static uint8_t wire[PAYLOAD_MAX * 2];

static struct cme_message make(uint32_t timestamp, size_t prefix_len, size_t payload_len)
{
	struct cme_message message = { .type = 9,
				       .csid = 6,
				       .stream_id = 1,
				       .timestamp = timestamp,
				       .prefix_len = prefix_len,
				       .payload = payload,
				       .payload_len = payload_len };

	memcpy(message.prefix, "\x17\x01\x00\x00\x28\x00\x00\x00", prefix_len);
	for (size_t i = 0; i < payload_len; i++)
		payload[i] = (uint8_t)(i * 31 + i / 256);
	return message;
}

/* The bytes of a plan in one piece. */
static size_t flatten(const struct cme_plan *plan, uint8_t *out)
{
	size_t len = 0;

	for (int i = 0; i < plan->count; i++) {
		memcpy(out + len, plan->iov[i].iov_base, plan->iov[i].iov_len);
		len += plan->iov[i].iov_len;
	}
	assert_int_equal(len, plan->bytes);
	return len;
}

/* The chunked form by the chunk writer, for comparison. */
static void write_chunks(struct cme_buf *out, const struct cme_message *message, size_t chunk_size)
{
	static uint8_t body[PAYLOAD_MAX + CME_FLV_PREFIX_MAX];
	struct cme_chunk_message chunk = { .csid = message->csid,
					   .type = message->type,
					   .timestamp = message->timestamp,
					   .stream_id = message->stream_id,
					   .data = body,
					   .len = message->prefix_len + message->payload_len };

	memcpy(body, message->prefix, message->prefix_len);
	memcpy(body + message->prefix_len, message->payload, message->payload_len);
	cme_buf_init(out, sizeof wire);
	assert_int_equal(cme_chunk_write(out, &chunk, chunk_size), 0);
}

static const struct {
	uint32_t timestamp;
	size_t prefix_len, payload_len, chunk_size;
} cases[] = {
	{ 0, 5, 0, 128 },
	{ 40, 5, 1, 128 },
	{ 40, 5, 123, 128 },
	{ 40, 5, 124, 128 },
	{ 40, 0, 128, 128 },
	{ 40, 0, 129, 128 },
	{ 40, 8, 1000, 128 },
	{ 40, 5, 251, 128 },
	{ 40, 5, 59995, 60000 },
	{ 40, 5, 59996, 60000 },
	{ 0xffffff, 5, 10, 128 },
	{ 0x1000000, 5, 500, 128 },
	{ 0xffffffff, 5, 120000, 60000 },
};

static void makes_the_bytes_the_chunk_writer_makes(void **state)
{
	static struct cme_plan plan;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cme_message message =
			make(cases[i].timestamp, cases[i].prefix_len, cases[i].payload_len);
		struct cme_buf expected;

		write_chunks(&expected, &message, cases[i].chunk_size);
		cme_plan_reset(&plan);
		assert_true(cme_plan_add(&plan, &message, cases[i].chunk_size, 0));
		assert_int_equal(flatten(&plan, wire), expected.len);
		assert_memory_equal(wire, expected.data, expected.len);
		assert_int_equal(cme_message_size(&message, cases[i].chunk_size), expected.len);
		cme_buf_fini(&expected);
	}
}

static void goes_on_from_any_byte(void **state)
{
	static struct cme_plan plan;
	struct cme_message message = make(0x1000005, 5, 600);
	struct cme_buf expected;

	(void)state;
	write_chunks(&expected, &message, 128);
	for (size_t skip = 0; skip <= expected.len; skip++) {
		cme_plan_reset(&plan);
		assert_true(cme_plan_add(&plan, &message, 128, skip));
		assert_int_equal(flatten(&plan, wire), expected.len - skip);
		assert_memory_equal(wire, expected.data + skip, expected.len - skip);
	}
	cme_buf_fini(&expected);
}

static void does_not_copy_the_payload(void **state)
{
	static struct cme_plan plan;
	struct cme_message message = make(0, 5, 1000);

	(void)state;
	cme_plan_reset(&plan);
	assert_true(cme_plan_add(&plan, &message, 60000, 0));
	assert_int_equal(plan.count, 2);
	assert_ptr_equal(plan.iov[1].iov_base, payload);
	assert_int_equal(plan.iov[0].iov_len, 17);
}

static void fills_up_and_says_so(void **state)
{
	static struct cme_plan plan;
	struct cme_message message = make(0, 5, 100000);
	struct cme_buf expected;
	size_t sent = 0;

	(void)state;
	write_chunks(&expected, &message, 128); /* 782 chunks: more iovecs and headers than a plan holds */
	while (sent < expected.len) {
		bool whole;

		cme_plan_reset(&plan);
		whole = cme_plan_add(&plan, &message, 128, sent);
		assert_true(plan.count <= CME_PLAN_IOV_MAX);
		assert_int_not_equal(plan.bytes, 0);
		sent += flatten(&plan, wire + sent);
		assert_int_equal(whole, sent == expected.len);
	}
	assert_memory_equal(wire, expected.data, expected.len);
	cme_buf_fini(&expected);
}

static void takes_control_bytes_before_messages(void **state)
{
	static struct cme_plan plan;
	struct cme_message message = make(0, 5, 1);

	(void)state;
	cme_plan_reset(&plan);
	assert_true(cme_plan_add_bytes(&plan, "ping", 4));
	assert_true(cme_plan_add_bytes(&plan, "", 0));
	assert_true(cme_plan_add(&plan, &message, 128, 0));
	assert_int_equal(plan.count, 3);
	assert_int_equal(flatten(&plan, wire), 4 + 12 + 5 + 1);
	assert_memory_equal(wire, "ping\x06", 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_the_bytes_the_chunk_writer_makes),
		cmocka_unit_test(goes_on_from_any_byte),
		cmocka_unit_test(does_not_copy_the_payload),
		cmocka_unit_test(fills_up_and_says_so),
		cmocka_unit_test(takes_control_bytes_before_messages),
	};

	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
