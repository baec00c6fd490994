/* SPDX-License-Identifier: MIT
 *
 * What libavformat returned and said -> our code and sentence.
 */
#include "av/averr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <jansson.h>
#include <libavutil/error.h>

#include "stream/end.h"

#define URL "rtmp://h/live/key9?s=Q1"

static const struct {
	struct cme_averr what;
	struct cme_avlog log;
	const char *code, *message;
} rows[] = {
	{ { .rc = AVERROR(ECONNREFUSED), .open = true },
	  { 0 },
	  "network.connect",
	  "open 'rtmp://h/live/***': connection refused" },
	{ { .rc = AVERROR_EXIT, .open = true, .limit_s = 10 },
	  { 0 },
	  "network.timeout",
	  "open 'rtmp://h/live/***': no answer within 10 s" },
	{ { .rc = AVERROR_EXIT, .limit_s = 5 },
	  { 0 },
	  "network.timeout",
	  "send 'rtmp://h/live/***': no progress within 5 s" },
	{ { .rc = AVERROR_EXIT, .input = true, .limit_s = 10 },
	  { 0 },
	  "network.timeout",
	  "read 'rtmp://h/live/***': no media within 10 s" },
	{ { .rc = AVERROR(EIO), .open = true },
	  { .resolve = true, .error = "Failed to resolve h" },
	  "network.resolve",
	  "open 'rtmp://h/live/***': host name not resolved (Failed to resolve h)" },
	{ { .rc = AVERROR(EIO), .open = true },
	  { .tls = true },
	  "network.tls",
	  "open 'rtmp://h/live/***': TLS failed" },
	{ { .rc = AVERROR(EPIPE), .unproven = true },
	  { 0 },
	  "publish.refused",
	  "send 'rtmp://h/live/***': the server closed the connection at the publish" },
	{ { .rc = AVERROR(EPIPE) },
	  { 0 },
	  "network.reset",
	  "send 'rtmp://h/live/***': connection closed by the peer" },
	{ { .rc = AVERROR(EIO), .open = true, .unproven = true },
	  { 0 },
	  "network.connect",
	  "open 'rtmp://h/live/***': connection failed" },
	{ { .rc = AVERROR_EOF, .input = true },
	  { 0 },
	  "source.ended",
	  "read 'rtmp://h/live/***': the source ended" },
	{ { .rc = AVERROR_HTTP_NOT_FOUND, .input = true, .open = true },
	  { 0 },
	  "source.refused",
	  "open 'rtmp://h/live/***': not found (http 404)" },
	{ { .rc = AVERROR_INVALIDDATA, .input = true, .open = true },
	  { 0 },
	  "media.unsupported",
	  "open 'rtmp://h/live/***': not a stream that can be read" },
	{ { .rc = AVERROR(EINVAL), .input = true, .open = true },
	  { .unlisted = true },
	  "media.unsupported",
	  "open 'rtmp://h/live/***': a format or protocol that no source of this kind may have (FLV, "
	  "MPEG-TS, MP4, Matroska and HLS are read)" },
	{ { .rc = AVERROR(ENOENT), .input = true, .open = true },
	  { 0 },
	  "source.refused",
	  "open 'rtmp://h/live/***': no such file (what is not a file begins "
	  "with "
	  "rtmp://, rtmps://, srt://, http:// or https://)" },
	{ { .rc = AVERROR_UNKNOWN }, { 0 }, "network.reset", "send 'rtmp://h/live/***': connection failed" },
};

static void says_what_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cme_averr what = rows[i].what;
		struct cme_err err;

		what.url = URL;
		what.log = &rows[i].log;
		assert_int_equal(cme_averr_set(&err, &what), -1);
		assert_string_equal(err.code, rows[i].code);
		assert_string_equal(err.message, rows[i].message);
	}
}

/* A message that is not UTF-8 would take its whole entry out of `stat`. */
static void stays_utf8_where_a_url_is_cut(void **state)
{
	char url[512] = "rtmp://h/";
	struct cme_averr what = { .rc = AVERROR(ECONNREFUSED), .open = true, .url = url };
	struct cme_avlog log = { 0 };
	struct cme_err err;

	(void)state;
	what.log = &log;
	for (size_t pad = 0; pad < 3; pad++) {
		size_t n = strlen("rtmp://h/");
		json_t *json;

		for (size_t i = 0; i < pad; i++)
			url[n++] = 'x';
		for (size_t i = 0; i < 120; i++, n += 3)
			memcpy(url + n, "\xE6\x8E\xA8", 3);
		memcpy(url + n, "/key", 5);
		cme_averr_set(&err, &what);
		json = json_string(err.message);
		assert_non_null(json);
		json_decref(json);
	}
}

static void knows_the_ends_of_a_stream(void **state)
{
	(void)state;
	assert_int_equal(cme_averr_of_end(0), 0);
	assert_int_equal(cme_averr_of_end(CME_END_OVER), AVERROR_EOF);
	assert_int_equal(cme_averr_of_end(CME_END_PICTURE), AVERROR_PATCHWELCOME);
	assert_int_equal(cme_averr_of_end(CME_END_MEMORY), AVERROR(ENOMEM));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_the_table_says),
		cmocka_unit_test(stays_utf8_where_a_url_is_cut),
		cmocka_unit_test(knows_the_ends_of_a_stream),
	};

	return cmocka_run_group_tests_name("averr", tests, NULL, NULL);
}
