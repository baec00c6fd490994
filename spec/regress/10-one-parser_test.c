/* SPDX-License-Identifier: MIT
 *
 * A source's URL is taken apart as a destination's: libavformat gets application, stream key and tcUrl
 * as options, since its own rules cut a key at a '/' in its query, take two segments for the application
 * of three, and leave ".flv" out.
 */
#include "relay/base/av_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct {
	const char *url, *app, *playpath, *tc_url;
} rows[] = {
	{ "rtmp://h/live/key?token=ab/cd==", "live", "key?token=ab/cd==", "rtmp://h/live" },
	{ "rtmp://h/one/two/three/key", "one/two/three", "key", "rtmp://h/one/two/three" },
	{ "rtmps://h/live/cam.flv", "live", "cam.flv", "rtmps://h/live" },
	{ "rtmp://h:1936/mystream?user=a&pass=b", "mystream?user=a&pass=b", "",
	  "rtmp://h:1936/mystream?user=a&pass=b" },
};

static void expect_option(const AVDictionary *options, const char *name, const char *value)
{
	const AVDictionaryEntry *entry = av_dict_get(options, name, NULL, 0);

	assert_non_null(entry);
	assert_string_equal(entry->value, value);
}

static void libavformat_is_told_the_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		AVDictionary *options = NULL;
		struct cme_err err;
		char *url = cme_av_url(rows[i].url, &options, &err);

		assert_string_equal(url, rows[i].url);
		expect_option(options, "rtmp_app", rows[i].app);
		expect_option(options, "rtmp_playpath", rows[i].playpath);
		expect_option(options, "rtmp_tcurl", rows[i].tc_url);
		av_dict_free(&options);
		free(url);
	}
}

static void a_url_that_cannot_work_is_not_opened(void **state)
{
	AVDictionary *options = NULL;
	struct cme_err err;

	(void)state;
	assert_null(cme_av_url("rtmp://h/live/", &options, &err));
	assert_string_equal(err.code, "invalid.url");
	assert_null(options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(libavformat_is_told_the_parts),
		cmocka_unit_test(a_url_that_cannot_work_is_not_opened),
	};

	return cmocka_run_group_tests_name("10-one-parser", tests, NULL, NULL);
}
