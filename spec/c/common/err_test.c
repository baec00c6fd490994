/* SPDX-License-Identifier: MIT */
#include "common/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void prefixes_keep_the_code_and_the_fact(void **state)
{
	struct cme_err err = { .code = "" };

	(void)state;
	assert_int_equal(cme_err_set(&err, "network.timeout", "no answer in %d s", 5), -1);
	assert_int_equal(cme_err_prefix(&err, "output '%s'", "live1"), -1);
	assert_string_equal(err.code, "network.timeout");
	assert_string_equal(err.message, "output 'live1': no answer in 5 s");
}

/* Asserts phrase `index`, whose first value is at `value`. */
static void assert_phrase(const struct cme_err *err, int index, const char *format, size_t value,
			  const char *said)
{
	assert_string_equal(err->phrases[index].format, format);
	assert_string_equal(cme_err_value(err, value), said);
}

static void the_parts_of_a_message_are_kept(void **state)
{
	struct cme_err err;

	(void)state;
	cme_err_set(&err, "x", "%s%% %.*s %zu %ld %d %.1f %02x %u %g", "a", 2, "bcd", (size_t)7, -8L, 9, 0.25,
		    10, 11U, 1.5);
	assert_int_equal(err.phrase_count, 1);
	assert_int_equal(err.phrases[0].count, 9);
	for (size_t i = 0; i < 9; i++) {
		static const char *const said[] = { "a", "bc", "7", "-8", "9", "0.2", "0a", "11", "1.5" };

		assert_string_equal(cme_err_value(&err, i), said[i]);
	}
	cme_err_prefix(&err, "output '%s'", "live1");
	assert_int_equal(err.phrase_count, 2);
	assert_phrase(&err, 1, "output '%s'", 9, "live1");
	cme_err_set(&err, "x", "again %.3s", "long\xFF");
	assert_int_equal(err.phrase_count, 1);
	assert_phrase(&err, 0, "again %.3s", 0, "lon");
}

static void parts_that_do_not_fit_are_not_kept(void **state)
{
	char text[CME_ERR_MESSAGE_MAX + 1];
	struct cme_err err;

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	cme_err_set(&err, "x", "%s", text);
	assert_int_equal(err.phrase_count, 0);
	cme_err_prefix(&err, "%s", "outer");
	assert_int_equal(err.phrase_count, 0);
	cme_err_set(&err, "x", "no");
	for (int i = 1; i < CME_ERR_PHRASES_MAX; i++)
		cme_err_prefix(&err, "outer");
	assert_int_equal(err.phrase_count, CME_ERR_PHRASES_MAX);
	cme_err_prefix(&err, "one more");
	assert_int_equal(err.phrase_count, 0);
}

static void long_texts_are_cut(void **state)
{
	char text[2 * CME_ERR_MESSAGE_MAX];
	struct cme_err err;

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	cme_err_set(&err, text, "%s", text);
	assert_int_equal(strlen(err.code), CME_ERR_CODE_MAX - 1);
	assert_int_equal(strlen(err.message), CME_ERR_MESSAGE_MAX - 1);
	cme_err_prefix(&err, "%s", text);
	assert_int_equal(strlen(err.message), CME_ERR_MESSAGE_MAX - 1);
}

/* What a peer said goes into JSON, which is UTF-8 or nothing. */
static const struct {
	const char *said, *kept;
} texts[] = {
	{ "\xE6\x8E\xA8\xE6\xB5\x81", "\xE6\x8E\xA8\xE6\xB5\x81" }, /* two characters */
	{ "\xF0\x9F\x8E\xA5 live", "\xF0\x9F\x8E\xA5 live" },       /* of four bytes */
	{ "\xC4\xA7\xCA\xA7", "\xC4\xA7\xCA\xA7" },
	{ "\xB2\xBB\xB4\xE6", "????" }, /* GBK */
	{ "\xCD\xC6\xC1\xF7 no", "???? no" },
	{ "a\xE6\x8E' b", "a?\?' b" }, /* cut within */
	{ "\xC0\xAF", "??" },          /* overlong */
	{ "\xE0\x80\xAF", "???" },
	{ "\xED\xA0\x80", "???" },      /* half of a surrogate pair */
	{ "\xF4\x90\x80\x80", "????" }, /* past U+10FFFF */
	{ "\xFF", "?" },
	{ "cut \xE6\x8E", "cut ??" },
};

static void messages_are_utf8(void **state)
{
	struct cme_err err, outer;
	char expected[64];

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		cme_err_set(&err, "publish.refused", "%s", texts[i].said);
		assert_string_equal(err.message, texts[i].kept);
		cme_err_set(&outer, "publish.refused", "no");
		cme_err_prefix(&outer, "%s", texts[i].said);
		snprintf(expected, sizeof expected, "%s: no", texts[i].kept);
		assert_string_equal(outer.message, expected);
	}
}

static void cuts_are_between_characters(void **state)
{
	struct cme_err err;
	char text[CME_ERR_MESSAGE_MAX + 8];

	(void)state;
	for (size_t lead = 0; lead < 4; lead++) {
		memset(text, 'x', sizeof text);
		for (size_t at = lead; at + 4 < sizeof text; at += 4)
			memcpy(text + at, "\xF0\x9F\x8E\xA5", 4);
		text[sizeof text - 4] = '\0';
		cme_err_set(&err, "a.b", "%s", text);
		assert_null(strchr(err.message, '?'));
		assert_int_equal((strlen(err.message) - lead) % 4, 0);
		assert_true(strlen(err.message) > CME_ERR_MESSAGE_MAX - 5);
		cme_err_prefix(&err, "y");
		assert_null(strchr(err.message, '?'));
		assert_int_equal((strlen(err.message) - lead - 3) % 4, 0);
	}
}

static void nobody_has_to_listen(void **state)
{
	(void)state;
	assert_int_equal(cme_err_set(NULL, "a.b", "x"), -1);
	assert_int_equal(cme_err_prefix(NULL, "x"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_keep_the_code_and_the_fact),
		cmocka_unit_test(the_parts_of_a_message_are_kept),
		cmocka_unit_test(parts_that_do_not_fit_are_not_kept),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(messages_are_utf8),
		cmocka_unit_test(cuts_are_between_characters),
		cmocka_unit_test(nobody_has_to_listen),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
