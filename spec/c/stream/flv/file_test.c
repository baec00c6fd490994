/* SPDX-License-Identifier: MIT */
#include "stream/flv/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HEADER    "FLV\1\5\0\0\0\x09\0\0\0\0"
#define SOUND     "\x08\0\0\3\0\0\1\0\0\0\0\xaf\1x\0\0\0\x0e"
#define EMPTY     "\x09\0\0\0\0\0\2\0\0\0\0\0\0\0\x0b"
#define LATE      "\x12\0\0\1\xff\xff\xfe\x01\0\0\0\2\0\0\0\x0c" /* its time in 32 bits */
#define BYTES(t)  (const uint8_t *)(t), sizeof(t) - 1
#define TAG_LIMIT 64

static void check_tags(const struct cme_flv_tag *tag, size_t n)
{
	static const struct cme_flv_tag expected[] = { { CME_FLV_AUDIO, 1, NULL, 3 },
						       { CME_FLV_VIDEO, 2, NULL, 0 },
						       { CME_FLV_SCRIPT, 0x01fffffe, NULL, 1 } };

	assert_true(n < 3);
	assert_int_equal(tag->type, expected[n].type);
	assert_int_equal(tag->timestamp, expected[n].timestamp);
	assert_int_equal(tag->len, expected[n].len);
	if (n == 0)
		assert_memory_equal(tag->data, "\xaf\1x", 3);
}

static void reads_tags_split_anywhere(void **state)
{
	static const char text[] = HEADER SOUND EMPTY LATE;

	(void)state;
	for (size_t step = 1; step < sizeof text; step++) {
		struct cme_flv_file file;
		struct cme_flv_tag tag;
		struct cme_err err;
		size_t tags = 0;

		cme_flv_file_init(&file, TAG_LIMIT);
		for (size_t at = 0; at < sizeof text - 1; at += step) {
			const uint8_t *data = (const uint8_t *)text + at;
			size_t len = sizeof text - 1 - at < step ? sizeof text - 1 - at : step;

			while (cme_flv_file_read(&file, &data, &len, &tag, &err) == 1)
				check_tags(&tag, tags++);
			assert_int_equal(len, 0);
		}
		assert_int_equal(tags, 3);
		cme_flv_file_fini(&file);
	}
}

static void refuses(const uint8_t *data, size_t len, const char *code)
{
	struct cme_flv_file file;
	struct cme_flv_tag tag;
	struct cme_err err;

	cme_flv_file_init(&file, TAG_LIMIT);
	assert_int_equal(cme_flv_file_read(&file, &data, &len, &tag, &err), -1);
	assert_string_equal(err.code, code);
	cme_flv_file_fini(&file);
}

static void refuses_what_is_no_flv_and_tags_past_the_limit(void **state)
{
	(void)state;
	refuses(BYTES("<html><head>"), "media.unsupported");
	refuses(BYTES(HEADER "\x09\0\0\x41\0\0\0\0\0\0\0"), "media.too_large");
}

static void reads_the_tags_of_an_aggregate(void **state)
{
	const uint8_t *data = (const uint8_t *)SOUND EMPTY LATE;
	size_t len = sizeof(SOUND EMPTY LATE) - 1, n = 0;
	struct cme_flv_tag tag;

	(void)state;
	while (cme_flv_next_tag(&data, &len, &tag))
		check_tags(&tag, n++);
	assert_int_equal(n, 3);
	assert_int_equal(len, 0);
	data = (const uint8_t *)SOUND;
	len = 13; /* a byte short */
	assert_false(cme_flv_next_tag(&data, &len, &tag));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_tags_split_anywhere),
		cmocka_unit_test(refuses_what_is_no_flv_and_tags_past_the_limit),
		cmocka_unit_test(reads_the_tags_of_an_aggregate),
	};

	return cmocka_run_group_tests_name("flv_file", tests, NULL, NULL);
}
