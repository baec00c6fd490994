/* SPDX-License-Identifier: MIT
 *
 * A source's URL is taken apart as a destination's: the rules of libavformat, which read sources before, cut
 * a key at a '/' in its query, took two segments for the application of three, and left ".flv" out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../c/relay/output/rtmp/rtmp_sink.h"
#include "relay/source/feed.h"

static const struct {
	const char *path, *key;
} rows[] = {
	{ "live/key?token=ab/cd==", "key?token=ab/cd==" },
	{ "one/two/three/key", "key" },
	{ "live/cam.flv", "cam.flv" },
	{ "mystream?user=a&pass=b", "" },
};

static void the_server_is_asked_for_the_key(void **state)
{
	static const struct sink_message first = { CME_RTMP_AUDIO, 0, "", 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cme_cancel cancel;
		struct cme_feed feed = { .cancel = &cancel };
		struct cme_err err;
		struct sink sink;
		char url[128];

		assert_true(sink_start(&sink, SINK_GOOD, NULL));
		sink.tape = &first;
		sink.tape_len = 1;
		snprintf(url, sizeof url, "rtmp://127.0.0.1:%d/%s", sink.port, rows[i].path);
		feed.url = url;
		cme_cancel_init(&cancel);
		if (cme_feed_open(&feed, &err) != 0)
			fail_msg("%s", err.message);
		cme_feed_close(&feed);
		sink_stop(&sink);
		assert_string_equal(sink.key, rows[i].key);
	}
}

static void a_url_that_cannot_work_is_not_opened(void **state)
{
	struct cme_cancel cancel;
	struct cme_feed feed = { .url = "rtmp://h/live/", .cancel = &cancel };
	struct cme_err err;

	(void)state;
	cme_cancel_init(&cancel);
	assert_int_equal(cme_feed_open(&feed, &err), -1);
	assert_string_equal(err.code, "invalid.url");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_server_is_asked_for_the_key),
		cmocka_unit_test(a_url_that_cannot_work_is_not_opened),
	};

	return cmocka_run_group_tests_name("10-one-parser", tests, NULL, NULL);
}
