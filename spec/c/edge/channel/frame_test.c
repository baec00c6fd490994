/* SPDX-License-Identifier: MIT */
#include "edge/channel/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BODY(text) .body = (text), .len = sizeof(text) - 1

static const struct {
	uint8_t type;
	const char *body;
	size_t len;
	enum cme_frame_use use;
} cases[] = {
	{ CME_FLV_VIDEO, BODY("\x17\0\0\0\0avcC"), CME_FRAME_HEADER },
	{ CME_FLV_VIDEO, BODY("\x17\1\0\0\0key"), CME_FRAME_START },
	{ CME_FLV_VIDEO, BODY("\x27\1\0\0\0inter"), CME_FRAME_PASS },
	{ CME_FLV_AUDIO, BODY("\xaf\0config"), CME_FRAME_HEADER },
	{ CME_FLV_AUDIO, BODY("\xaf\1sound"), CME_FRAME_PASS },
	{ CME_FLV_VIDEO, BODY("\x90hvc1config"), CME_FRAME_HEADER },
	{ CME_FLV_VIDEO, BODY("\x93hvc1key"), CME_FRAME_START },
	{ CME_FLV_VIDEO, BODY("\x94hvc1colours"), CME_FRAME_HEADER },
	{ CME_FLV_VIDEO, BODY("\xa3hvc1inter"), CME_FRAME_PASS },
	{ CME_FLV_AUDIO, BODY("\x90OpusOpusHead"), CME_FRAME_HEADER },
	{ CME_FLV_VIDEO, BODY("\xffnobody knows"), CME_FRAME_PASS },
	{ CME_FLV_SCRIPT, BODY("\2\0\x0aonMetaData\5"), CME_FRAME_HEADER },
	{ CME_FLV_SCRIPT, BODY("\2\0\x0aonTextData\5"), CME_FRAME_PASS },
};

static struct cme_frame *make(uint8_t type, uint32_t timestamp, const void *body, size_t len)
{
	return cme_frame_new(
		&(struct cme_flv_tag){ .type = type, .timestamp = timestamp, .data = body, .len = len });
}

/* Reads a frame as a reader of the socket would. */
static void read_back(const struct cme_frame *frame, uint8_t type, uint32_t timestamp, const void *body,
		      size_t len)
{
	const uint8_t *data = frame->bytes;
	size_t left = frame->len;
	struct cme_flv_tag tag;

	assert_true(cme_flv_next_tag(&data, &left, &tag));
	assert_int_equal(left, 0);
	assert_int_equal(tag.type, type);
	assert_int_equal(tag.timestamp, timestamp);
	assert_int_equal(tag.len, len);
	assert_memory_equal(tag.data, body, len);
}

static void knows_what_readers_need(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cme_frame *frame = make(cases[i].type, 0xfedcba98, cases[i].body, cases[i].len);

		assert_non_null(frame);
		assert_int_equal(frame->use, cases[i].use);
		read_back(frame, cases[i].type, 0xfedcba98, cases[i].body, cases[i].len);
		cme_frame_unref(frame);
	}
}

/* The sequence headers of two tracks, and of picture and sound, do not take each other's place. */
static void headers_have_slots(void **state)
{
	struct cme_frame *one = make(CME_FLV_VIDEO, 0, "\x96\x00hvc1\0a", 8);
	struct cme_frame *two = make(CME_FLV_VIDEO, 0, "\x96\x00hvc1\1a", 8);
	struct cme_frame *sound = make(CME_FLV_AUDIO, 0, "\xaf\0a", 3);

	(void)state;
	assert_int_equal(one->use, CME_FRAME_HEADER);
	assert_int_equal(two->use, CME_FRAME_HEADER);
	assert_int_not_equal(one->slot, two->slot);
	assert_int_not_equal(one->slot, sound->slot);
	cme_frame_unref(one);
	cme_frame_unref(two);
	cme_frame_unref(sound);
}

/* What is kept for who comes later is bounded, and no encoder needs more. */
static void large_headers_only_pass(void **state)
{
	static uint8_t body[CME_FRAME_HEADER_MAX + 1] = "\x17";
	struct cme_frame *largest = make(CME_FLV_VIDEO, 0, body, sizeof body - 1);
	struct cme_frame *larger = make(CME_FLV_VIDEO, 0, body, sizeof body);

	(void)state;
	assert_int_equal(largest->use, CME_FRAME_HEADER);
	assert_int_equal(larger->use, CME_FRAME_PASS);
	read_back(larger, CME_FLV_VIDEO, 0, body, sizeof body);
	cme_frame_unref(largest);
	cme_frame_unref(larger);
}

static void drops_what_is_for_nobody(void **state)
{
	static const char set[] = "\2\0\x0d@setDataFrame\2\0\x0aonMetaData\5";
	static const uint8_t large[CME_FRAME_SCRIPT_MAX + 1];
	struct cme_frame *frame = make(CME_FLV_SCRIPT, 1, set, sizeof set - 1);

	(void)state;
	read_back(frame, CME_FLV_SCRIPT, 1, set + 16, sizeof set - 1 - 16);
	assert_int_equal(frame->use, CME_FRAME_HEADER);
	cme_frame_unref(frame);
	assert_null(make(CME_FLV_SCRIPT, 1, set, 16));
	assert_null(make(CME_FLV_VIDEO, 1, "", 0));
	assert_null(make(CME_FLV_SCRIPT, 1, large, sizeof large));
	cme_frame_unref(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_what_readers_need),
		cmocka_unit_test(headers_have_slots),
		cmocka_unit_test(large_headers_only_pass),
		cmocka_unit_test(drops_what_is_for_nobody),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
