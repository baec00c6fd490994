/* SPDX-License-Identifier: MIT
 *
 * Which URLs are taken, as source and as destination.
 */
#include "relay/scheme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *url;
	bool input;
	const char *muxer;
} rows[] = {
	{ "rtmp://h/a/k", true, "flv" },
	{ "RTMP://h/a/k", true, "flv" },
	{ "rtmps://h/a/k", true, "flv" },
	{ "srt://h:9", true, "mpegts" },
	{ "udp://h:9", false, "mpegts" },
	{ "http://h/x.flv", true, NULL },
	{ "https://h/x.m3u8", true, NULL },
	{ "/var/show.flv", true, NULL },
	{ "show.flv", true, NULL },
	{ "/a:b.flv", true, NULL },
	{ "file:///a.ts", true, NULL },
	{ "rtmp://", false, NULL },
	{ "", false, NULL },
	{ "pipe:0", false, NULL },
	{ "concat:a|b", false, NULL },
	{ "data:x", false, NULL },
	{ "gopher://h", false, NULL },
	{ "file:x", false, NULL },
	{ "subfile,,start,0:x", false, NULL },
};

static void takes_what_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct cme_scheme *scheme = cme_scheme_find(rows[i].url);

		assert_int_equal(scheme && scheme->input, rows[i].input);
		if (rows[i].muxer)
			assert_string_equal(scheme->muxer, rows[i].muxer);
		else
			assert_true(!scheme || !scheme->muxer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(takes_what_the_table_says) };

	return cmocka_run_group_tests_name("scheme", tests, NULL, NULL);
}
