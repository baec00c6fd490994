/* SPDX-License-Identifier: MIT
 *
 * Script data of 1 MB with 20,000 properties, over and over: libavformat searches its list of them for each
 * one, which took all the processor time there was, and the thread did not end when it was told to.
 */
#include "stream/tags.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FLV_HEADER     "FLV\1\5\0\0\0\x09\0\0\0\0"
#define FLV_HEADER_LEN (sizeof FLV_HEADER - 1)
#define TAG_HEADER     11
#define TRAILER        4
#define SCRIPT         18
#define AMF_STRING     2
#define AMF_NULL       5

static size_t put_script(uint8_t *at, size_t size)
{
	memset(at, 0, TAG_HEADER + size + TRAILER);
	at[0] = SCRIPT;
	at[1] = (uint8_t)(size >> 16);
	at[2] = (uint8_t)(size >> 8);
	at[3] = (uint8_t)size;
	at[TAG_HEADER] = AMF_STRING;
	return TAG_HEADER + size + TRAILER;
}

/* The first byte of each script as the demuxer sees it. */
static void look(const size_t *sizes, size_t count, size_t step, uint8_t *seen)
{
	struct cme_tags tags;
	struct cme_err err = { 0 };
	size_t len = FLV_HEADER_LEN, at[4], room = FLV_HEADER_LEN;
	uint8_t *bytes;

	for (size_t i = 0; i < count; i++)
		room += TAG_HEADER + sizes[i] + TRAILER;
	bytes = malloc(room);
	assert_non_null(bytes);
	memcpy(bytes, FLV_HEADER, FLV_HEADER_LEN);
	for (size_t i = 0; i < count; i++) {
		at[i] = len + TAG_HEADER;
		len += put_script(bytes + len, sizes[i]);
	}
	cme_tags_init(&tags, 8 * 1024 * 1024);
	for (size_t i = 0; i < len; i += step)
		assert_int_equal(cme_tags_feed(&tags, bytes + i, len - i < step ? len - i : step, &err), 0);
	for (size_t i = 0; i < count; i++)
		seen[i] = bytes[at[i]];
	free(bytes);
}

static void script_data_past_a_sum_are_hidden(void **state)
{
	static const size_t sizes[4] = { 200, CME_TAGS_SCRIPT_MAX - 199, CME_TAGS_SCRIPT_MAX - 200, 1 };
	static const uint8_t expected[4] = { AMF_STRING, AMF_NULL, AMF_STRING, AMF_NULL };
	uint8_t seen[4];

	(void)state;
	for (size_t step = 1; step < 40; step++) {
		look(sizes, 4, step, seen);
		assert_memory_equal(seen, expected, sizeof seen);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(script_data_past_a_sum_are_hidden),
	};

	return cmocka_run_group_tests_name("33-script_data", tests, NULL, NULL);
}
