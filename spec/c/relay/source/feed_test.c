/* SPDX-License-Identifier: MIT
 *
 * The table of schemes says what reads a URL, and what nothing reads is refused before anything is opened.
 */
#include "relay/source/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "child/spawn.h"

static const struct {
	const char *url;
	const char *code;
	const char *message;
} rows[] = {
	{ "tcp://h:9", "invalid.url",
	  "rtmp://, rtmps://, http://, https://, srt://, rtsp://, udp://, rtp:// or a file expected" },
	{ "pipe:0", "invalid.url",
	  "rtmp://, rtmps://, http://, https://, srt://, rtsp://, udp://, rtp:// or a file expected" },
	{ "/absent/x.flv", "source.refused", NULL },
};

static void opens_what_the_table_has_a_reader_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cme_cancel cancel;
		struct cme_feed feed = { .url = rows[i].url, .cancel = &cancel };
		struct cme_err err;

		cme_cancel_init(&cancel);
		assert_int_equal(cme_feed_open(&feed, &err), -1);
		assert_string_equal(err.code, rows[i].code);
		if (rows[i].message)
			assert_string_equal(err.message, rows[i].message);
		cme_feed_close(&feed); /* of one that did not open: nothing */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(opens_what_the_table_has_a_reader_for) };

	cme_child_folder(CME_PROGRAMS);
	return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
