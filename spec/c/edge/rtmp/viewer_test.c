/* SPDX-License-Identifier: MIT */
#include "edge/rtmp/viewer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rtmp/chunk.h"

#define CHUNK 128
#define BODY  300

static const struct cme_reader_ops ops = { .kind = CME_READER_VIEWER };

static void push(struct cme_viewer *viewer, uint8_t type, uint32_t timestamp)
{
	uint8_t body[BODY];
	struct cme_flv_tag tag = { .type = type, .timestamp = timestamp, .data = body, .len = sizeof body };
	struct cme_frame *frame;

	memset(body, (int)timestamp, sizeof body);
	frame = cme_frame_new(&tag);
	assert_non_null(frame);
	assert_true(cme_reader_push(&viewer->base, frame));
	cme_frame_unref(frame);
}

/* The connection takes at most so many bytes of what is to be sent, and they arrive. */
static size_t send_some(struct cme_viewer *viewer, struct cme_buf *words, struct cme_buf *wire, size_t most)
{
	struct cme_plan plan;
	size_t sent = 0;

	cme_plan_reset(&plan);
	cme_viewer_plan(viewer, words, &plan);
	for (int i = 0; i < plan.count && sent < most; i++) {
		size_t room = most - sent, n = plan.iov[i].iov_len < room ? plan.iov[i].iov_len : room;

		cme_buf_append(wire, plan.iov[i].iov_base, n);
		sent += n;
	}
	cme_viewer_advance(viewer, words, sent);
	return sent;
}

static void say(struct cme_buf *words)
{
	struct cme_chunk_message message = {
		.csid = 3, .type = CME_RTMP_COMMAND, .data = (const uint8_t *)"w", .len = 1
	};

	cme_chunk_write(words, &message, CHUNK);
}

/* What arrived: each message whole, and the words where they may be. */
static void arrived(const struct cme_buf *wire)
{
	static const uint8_t types[] = { CME_RTMP_VIDEO, CME_RTMP_COMMAND, CME_RTMP_AUDIO, CME_RTMP_DATA };
	const uint8_t *data = (const uint8_t *)wire->data;
	struct cme_chunk_reader reader;
	struct cme_chunk_message message;
	size_t len = wire->len;

	cme_chunk_reader_init(&reader);
	for (size_t i = 0; i < sizeof types; i++) {
		assert_int_equal(cme_chunk_read(&reader, &data, &len, &message, NULL), 1);
		assert_int_equal(message.type, types[i]);
		if (types[i] == CME_RTMP_COMMAND)
			continue;
		assert_int_equal(message.len, BODY);
		assert_int_equal(message.data[BODY - 1], message.timestamp);
	}
	assert_int_equal(len, 0);
	cme_chunk_reader_fini(&reader);
}

/* However little is taken at once. */
static void words_stand_between_messages(void **state)
{
	(void)state;
	for (size_t most = 1; most < 400; most += 7) {
		struct cme_reader *list = NULL;
		struct cme_viewer *viewer = cme_viewer_new(&ops, &list, CHUNK, NULL);
		struct cme_buf words, wire;

		assert_non_null(viewer);
		cme_buf_init(&words, 1024);
		cme_buf_init(&wire, 8192);
		push(viewer, CME_FLV_VIDEO, 1);
		assert_int_equal(send_some(viewer, &words, &wire, 1), 1);
		say(&words); /* within the first message */
		push(viewer, CME_FLV_AUDIO, 2);
		push(viewer, CME_FLV_SCRIPT, 3);
		while (send_some(viewer, &words, &wire, most) > 0)
			;
		assert_int_equal(viewer->base.count, 0);
		arrived(&wire);
		cme_buf_fini(&wire);
		cme_buf_fini(&words);
		cme_viewer_free(viewer);
		assert_null(list);
	}
}

/* One that fell behind may catch up; once it does so again before that, it is lost. */
static void falls_once_and_not_twice(void **state)
{
	struct cme_reader *list = NULL;
	struct cme_viewer *viewer = cme_viewer_new(&ops, &list, CHUNK, NULL);
	struct cme_buf words, wire;

	(void)state;
	assert_non_null(viewer);
	cme_buf_init(&words, 1024);
	cme_buf_init(&wire, 8192);
	viewer->base.falls++;
	assert_false(cme_viewer_lost(viewer));
	push(viewer, CME_FLV_VIDEO, 1);
	while (send_some(viewer, &words, &wire, 4096) > 0)
		;
	viewer->base.falls++;
	assert_false(cme_viewer_lost(viewer));
	viewer->base.falls++;
	assert_true(cme_viewer_lost(viewer));
	cme_buf_fini(&wire);
	cme_buf_fini(&words);
	cme_viewer_free(viewer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_stand_between_messages),
		cmocka_unit_test(falls_once_and_not_twice),
	};

	return cmocka_run_group_tests_name("viewer", tests, NULL, NULL);
}
