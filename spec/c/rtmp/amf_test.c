/* SPDX-License-Identifier: MIT */
#include "rtmp/amf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static void expect_bytes(const struct cme_buf *buf, const uint8_t *bytes, size_t len)
{
	assert_false(buf->failed);
	assert_int_equal(buf->len, len);
	assert_memory_equal(buf->data, bytes, len);
}

static void writes_each_type_as_the_spec_has_it(void **state)
{
	struct cme_buf buf;

	(void)state;
	cme_buf_init(&buf, 4096);
	cme_amf_put_string(&buf, "connect");
	cme_amf_put_number(&buf, 1);
	cme_amf_begin_object(&buf);
	cme_amf_put_key(&buf, "app");
	cme_amf_put_string(&buf, "live");
	cme_amf_put_key(&buf, "on");
	cme_amf_put_boolean(&buf, true);
	cme_amf_end_object(&buf);
	cme_amf_put_null(&buf);
	cme_amf_begin_ecma_array(&buf, 1);
	cme_amf_put_key(&buf, "width");
	cme_amf_put_number(&buf, 1280);
	cme_amf_end_object(&buf);
	cme_amf_begin_array(&buf, 1);
	cme_amf_put_string(&buf, "hvc1");
	expect_bytes(&buf, BYTES("\x02\x00\x07"
				 "connect"
				 "\x00\x3f\xf0\x00\x00\x00\x00\x00\x00"
				 "\x03\x00\x03"
				 "app"
				 "\x02\x00\x04"
				 "live"
				 "\x00\x02"
				 "on"
				 "\x01\x01\x00\x00\x09"
				 "\x05"
				 "\x08\x00\x00\x00\x01\x00\x05"
				 "width"
				 "\x00\x40\x94\x00\x00\x00\x00\x00\x00"
				 "\x00\x00\x09"
				 "\x0a\x00\x00\x00\x01\x02\x00\x04"
				 "hvc1"));
	cme_buf_fini(&buf);
}

static void writes_long_strings_past_65535_bytes(void **state)
{
	static char text[70001];
	struct cme_amf_value value;
	struct cme_buf buf;

	(void)state;
	memset(text, 'x', sizeof text - 1);
	cme_buf_init(&buf, 100000);
	cme_amf_put_string(&buf, text);
	assert_memory_equal(buf.data, "\x0c\x00\x01\x11\x70", 5);
	assert_int_equal(buf.len, 70005);
	assert_int_equal(cme_amf_read((const uint8_t *)buf.data, buf.len, &value), 70005);
	assert_true(cme_amf_is(&value, text));
	cme_buf_fini(&buf);
}

static const struct {
	const char *bytes;
	size_t len;
	enum cme_amf_type type;
} values[] = {
	{ "\x00\x40\x00\x00\x00\x00\x00\x00\x00", 9, CME_AMF_NUMBER },
	{ "\x01\x01", 2, CME_AMF_BOOLEAN },
	{ "\x02\x00\x02hi", 5, CME_AMF_STRING },
	{ "\x02\x00\x00", 3, CME_AMF_STRING },
	{ "\x03\x00\x01k\x05\x00\x00\x09", 8, CME_AMF_OBJECT },
	{ "\x03\x00\x00\x09", 4, CME_AMF_OBJECT },
	{ "\x05", 1, CME_AMF_NULL },
	{ "\x06", 1, CME_AMF_NULL },
	{ "\x07\x00\x01", 3, CME_AMF_OTHER },
	{ "\x08\xff\xff\xff\xff\x00\x01k\x01\x00\x00\x00\x09", 13, CME_AMF_OBJECT },
	{ "\x0a\x00\x00\x00\x02\x05\x05", 7, CME_AMF_ARRAY },
	{ "\x0b\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 11, CME_AMF_OTHER },
	{ "\x0c\x00\x00\x00\x02hi", 7, CME_AMF_STRING },
	{ "\x0d", 1, CME_AMF_NULL },
	{ "\x0f\x00\x00\x00\x01x", 6, CME_AMF_STRING },
	{ "\x10\x00\x01T\x00\x01k\x05\x00\x00\x09", 11, CME_AMF_OBJECT },
};

static void reads_each_type_and_no_cut_form_of_it(void **state)
{
	struct cme_amf_value value;

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		const uint8_t *bytes = (const uint8_t *)values[i].bytes;

		assert_int_equal(cme_amf_read(bytes, values[i].len, &value), values[i].len);
		assert_int_equal(value.type, values[i].type);
		for (size_t len = 0; len < values[i].len; len++)
			assert_int_equal(cme_amf_read(bytes, len, &value), 0);
	}
}

static void refuses_markers_of_no_use(void **state)
{
	static const uint8_t markers[] = { 0x04, 0x09, 0x0e, 0x11, 0x12, 0xff };
	uint8_t bytes[16] = { 0 };
	struct cme_amf_value value;

	(void)state;
	for (size_t i = 0; i < sizeof markers; i++) {
		bytes[0] = markers[i];
		assert_int_equal(cme_amf_read(bytes, sizeof bytes, &value), 0);
	}
}

static void bounds_nesting(void **state)
{
	uint8_t bytes[CME_AMF_DEPTH_MAX + 2][5];
	struct cme_amf_value value;
	uint8_t *data = bytes[0];

	(void)state;
	for (size_t i = 0; i < CME_AMF_DEPTH_MAX + 2; i++)
		memcpy(bytes[i], "\x0a\x00\x00\x00\x01", 5);
	bytes[CME_AMF_DEPTH_MAX][0] = 0x05; /* null at the deepest level allowed */
	assert_int_equal(cme_amf_read(data, sizeof bytes, &value), CME_AMF_DEPTH_MAX * 5 + 1);
	bytes[CME_AMF_DEPTH_MAX][0] = 0x0a;
	bytes[CME_AMF_DEPTH_MAX + 1][0] = 0x05;
	assert_int_equal(cme_amf_read(data, sizeof bytes, &value), 0);
}

static void finds_members_by_name(void **state)
{
	const char *bytes = "\x03\x00\x05level\x02\x00\x05"
			    "error"
			    "\x00\x02"
			    "ex\x03\x00\x04"
			    "code\x02\x00\x03"
			    "302\x00\x00\x09"
			    "\x00\x04"
			    "code\x02\x00\x03"
			    "Bad\x00\x00\x09";
	struct cme_amf_value object, value, inner;

	(void)state;
	assert_int_not_equal(cme_amf_read((const uint8_t *)bytes, 64, &object), 0);
	assert_true(cme_amf_find(&object, "level", &value));
	assert_true(cme_amf_is(&value, "error"));
	assert_false(cme_amf_is(&value, "erro"));
	assert_true(cme_amf_find(&object, "code", &value)); /* not the inner one */
	assert_true(cme_amf_is(&value, "Bad"));
	assert_true(cme_amf_find(&object, "ex", &inner));
	assert_true(cme_amf_find(&inner, "code", &value));
	assert_true(cme_amf_is(&value, "302"));
	assert_false(cme_amf_find(&object, "description", &value));
	assert_false(cme_amf_find(&value, "code", &value)); /* a string has no members */
}

static void stops_at_the_buffers_limit(void **state)
{
	struct cme_buf buf;

	(void)state;
	cme_buf_init(&buf, 8);
	cme_amf_put_string(&buf, "much too long");
	assert_true(buf.failed);
	cme_buf_fini(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_each_type_as_the_spec_has_it),
		cmocka_unit_test(writes_long_strings_past_65535_bytes),
		cmocka_unit_test(reads_each_type_and_no_cut_form_of_it),
		cmocka_unit_test(refuses_markers_of_no_use),
		cmocka_unit_test(bounds_nesting),
		cmocka_unit_test(finds_members_by_name),
		cmocka_unit_test(stops_at_the_buffers_limit),
	};

	return cmocka_run_group_tests_name("amf", tests, NULL, NULL);
}
