/* SPDX-License-Identifier: MIT
 *
 * Nothing of a URL that may be secret survives in what libavformat said.
 */
#include "av/avlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <libavutil/log.h>

static const struct {
	const char *url, *text, *expected;
} rows[] = {
	{ "rtmp://h/live/key9", "Server error: key9 is taken", "Server error: *** is taken" },
	{ "rtmp://h/live/key9?s=Q1Q1&t=Z2Z2", "cannot open key9?s=Q1Q1&t=Z2Z2: Q1Q1, Z2Z2",
	  "cannot open ***?***: ***, ***" },
	{ "rtmp://user:pw@h/a/key1", "auth user:pw of key1 failed", "auth *** of *** failed" },
	{ "srt://h:9?passphrase=pass1", "pass1 pass1", "*** ***" },
	{ "rtmp://h", "nothing to hide", "nothing to hide" },
	{ "/file.flv", "/file.flv: gone", "/file.flv: gone" },
	{ "rtmp://h/a/", "rtmp://h/a/", "rtmp://h/a/" },
	{ "rtmp://h/a/key9/", "key9 of rtmp://h/a/key9/", "*** of rtmp://h/a/***" },
	{ "rtmp://h/a/key9//?s=Q1Q1", "key9, Q1Q1", "***, ***" },
};

static void scrubs_keys_queries_and_userinfo(void **state)
{
	char out[256];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cme_avlog_scrub(rows[i].url, rows[i].text, out, sizeof out);
		assert_string_equal(out, rows[i].expected);
	}
}

static void stays_within_the_buffer(void **state)
{
	char out[16];

	(void)state;
	cme_avlog_scrub("rtmp://h/a/k", "kkkkkkkkkkkkkkkkkkkkkkkk", out, sizeof out);
	assert_true(strlen(out) < sizeof out);
}

static void keeps_the_last_error_and_the_facts(void **state)
{
	struct cme_avlog log;

	(void)state;
	cme_avlog_install();
	cme_avlog_capture(&log, "rtmp://h/live/key9");
	av_log(NULL, AV_LOG_DEBUG, "Sending publish command for '%s'\n", "key9");
	av_log(NULL, AV_LOG_INFO, "hello key9\n");
	assert_true(!log.resolve && !log.tls);
	assert_string_equal(log.error, "");
	av_log(NULL, AV_LOG_ERROR, "Codec (flac) not on whitelist 'h264,aac'\n");
	assert_false(log.unlisted);
	av_log(NULL, AV_LOG_ERROR, "Format not on whitelist 'mov,mpegts'\n");
	assert_true(log.unlisted);
	av_log(NULL, AV_LOG_ERROR, "Server error: Already publishing %s\n", "key9");
	assert_string_equal(log.error, "Server error: Already publishing ***");
	av_log(NULL, AV_LOG_ERROR, "Failed to resolve hostname h: no\n");
	assert_true(log.resolve);
	av_log(NULL, AV_LOG_ERROR, "Cannot open connection\n");
	assert_string_equal(log.error, "Failed to resolve hostname h: no");
	cme_avlog_capture(NULL, NULL);
	av_log(NULL, AV_LOG_ERROR, "into the void\n");
	assert_string_equal(log.error, "Failed to resolve hostname h: no");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scrubs_keys_queries_and_userinfo),
		cmocka_unit_test(stays_within_the_buffer),
		cmocka_unit_test(keeps_the_last_error_and_the_facts),
	};

	return cmocka_run_group_tests_name("avlog", tests, NULL, NULL);
}
