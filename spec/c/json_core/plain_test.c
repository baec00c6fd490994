/* SPDX-License-Identifier: MIT */
#include "json_core/plain.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct sample {
	const char *text;
	size_t len;
	bool is_text;
	const char *escaped; /* between quotes; NULL: not UTF-8 */
};

#define SAMPLE(text, is_text, escaped)                   \
	{                                                \
		text, sizeof(text) - 1, is_text, escaped \
	}

static void tells_texts(void **state)
{
	static const struct sample samples[] = {
		SAMPLE("", true, ""),
		SAMPLE("rtmp://a.example/live?k=v", true, "rtmp://a.example/live?k=v"),
		SAMPLE("\xe7\x9b\xb4\xe6\x92\xad", true, "\xe7\x9b\xb4\xe6\x92\xad"),
		SAMPLE("\xf0\x9f\x98\x80", true, "\xf0\x9f\x98\x80"),
		SAMPLE("\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xef\xbf\xbf \xf4\x8f\xbf\xbf", true,
		       "\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xef\xbf\xbf \xf4\x8f\xbf\xbf"),
		SAMPLE("\"", true, "\\\""),
		SAMPLE("\\", true, "\\\\"),
		SAMPLE("a\n", true, "a\\n"),
		SAMPLE("\x7f", true, "\\u007f"),
		SAMPLE("a\0b", false, "a\\u0000b"),
		SAMPLE("\x80", false, NULL),             /* no first byte */
		SAMPLE("\xc1\xbf", false, NULL),         /* overlong */
		SAMPLE("\xe0\x9f\xbf", false, NULL),     /* overlong */
		SAMPLE("\xf0\x8f\xbf\xbf", false, NULL), /* overlong */
		SAMPLE("\xed\xa0\x80", false, NULL),     /* a surrogate */
		SAMPLE("\xf4\x90\x80\x80", false, NULL), /* past U+10FFFF */
		SAMPLE("\xf5\x80\x80\x80", false, NULL),
		SAMPLE("\xe7\x9b", false, NULL), /* cut */
		SAMPLE("\xe7\x9b\x41", false, NULL),
		SAMPLE("\xf0\x9f\x98", false, NULL),
	};

	struct cme_buf out;

	(void)state;
	cme_buf_init(&out, 1000);
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		const struct sample *sample = &samples[i];
		/* exactly as long as it says, so that a read past its end is seen */
		char *copy = malloc(sample->len ? sample->len : 1);

		assert_non_null(copy);
		memcpy(copy, sample->text, sample->len);
		assert_int_equal(sample->is_text, cme_json_is_text(copy, sample->len));
		cme_buf_reset(&out);
		assert_int_equal(sample->escaped != NULL, cme_json_quote(&out, copy, sample->len));
		if (sample->escaped) {
			assert_int_equal(strlen(sample->escaped) + 2, out.len);
			assert_memory_equal(sample->escaped, out.data + 1, out.len - 2);
			assert_true(out.data[0] == '"' && out.data[out.len - 1] == '"');
		}
		free(copy);
	}
	cme_buf_fini(&out);
}

static void counts_values_by_their_commas(void **state)
{
	static const struct {
		const char *text;
		size_t most;
		bool exceeds;
	} samples[] = {
		{ "", 0, false },      { "[1]", 0, false },     { "[1,2]", 0, true },
		{ "[1,2]", 1, false }, { "\",,,\"", 0, false }, { "\"\\\",,\",", 0, true },
		{ "\"\\", 0, false },  { "\",,,,", 0, false },  { "\"\\\\\",,", 1, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		const size_t len = strlen(samples[i].text);
		char *copy = malloc(len ? len : 1); /* exactly as long as it says */

		assert_non_null(copy);
		memcpy(copy, samples[i].text, len);
		assert_int_equal(samples[i].exceeds, cme_json_exceeds(copy, len, samples[i].most));
		free(copy);
	}
}

static void writes_numbers(void **state)
{
	static const struct {
		double value;
		const char *text;
	} samples[] = {
		{ 0, "0" },
		{ -0.0, "0" },
		{ -7, "-7" },
		{ 9007199254740992.0, "9007199254740992" },
		{ -9007199254740992.0, "-9007199254740992" },
		{ 0.1, "0.1" },
		{ 1.0 / 3, "0.33333333333333331" },
		{ 1e300, "1e+300" },
		{ -1.7976931348623157e308, "-1.7976931348623157e+308" },
		{ 5e-324, "4.9406564584125e-324" },
	};
	char text[CME_JSON_NUMBER_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		size_t len = cme_json_number(samples[i].value, text);

		assert_string_equal(samples[i].text, text);
		assert_int_equal(strlen(text), len);
	}
}

/* Texts are looked at eight bytes at once, and by the byte where one is odd. */
static void sees_an_odd_byte_at_each_place(void **state)
{
	static const unsigned char odd[] = { '\0', '\n', 0x1f, '"', '\\', 0x7f, 0x80, 0xff };
	struct cme_buf out;

	(void)state;
	cme_buf_init(&out, 1000);
	for (size_t len = 1; len <= 24; len++)
		for (size_t at = 0; at < len; at++)
			for (size_t i = 0; i < sizeof odd; i++) {
				char *text = malloc(len); /* exactly: a read past its end is seen */

				assert_non_null(text);
				memset(text, 'a', len);
				text[at] = (char)odd[i];
				assert_int_equal(cme_json_is_text(text, len), odd[i] > 0 && odd[i] < 0x80);
				cme_buf_reset(&out);
				assert_int_equal(cme_json_quote(&out, text, len), odd[i] < 0x80);
				assert_true(odd[i] >= 0x80 || out.data[1 + at] == '\\');
				free(text);
			}
	cme_buf_fini(&out);
}

static void tells_integers(void **state)
{
	(void)state;
	assert_true(cme_json_is_integer(0));
	assert_true(cme_json_is_integer(-9007199254740992.0));
	assert_false(cme_json_is_integer(0.5));
	assert_false(cme_json_is_integer(9007199254740994.0));
	assert_false(cme_json_is_integer((double)NAN));
	assert_false(cme_json_is_integer((double)INFINITY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_texts),
		cmocka_unit_test(sees_an_odd_byte_at_each_place),
		cmocka_unit_test(counts_values_by_their_commas),
		cmocka_unit_test(writes_numbers),
		cmocka_unit_test(tells_integers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
