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

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child/spawn.h"
#include "relay/source/pull/reader_process.h"

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

/* A process that was taken over says lines as fast as they are read: each call ends all the same. */
static void a_process_that_chatters_holds_nobody(void **state)
{
	static const char script[] = "#!/bin/sh\nread -r line\nexec yes '{}'\n";
	const struct cme_feed feed = { .url = "srt://127.0.0.1:9" };
	char folder[] = "/tmp/cme-feed-test-XXXXXX", program[64];
	struct cme_reader_process process;
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(program, sizeof program, "%s/cme-pull", folder);
	file = fopen(program, "w");
	assert_non_null(file);
	assert_true(fputs(script, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(program, 0700), 0);
	cme_child_folder(folder);
	assert_int_equal(cme_reader_process_start(&process, &feed), 0);
	for (int i = 0; i < 100; i++)
		cme_reader_process_take(&process, 20);
	assert_false(process.reports.ended);
	cme_reader_process_end(&process, NULL);
	cme_child_folder(CME_PROGRAMS);
	unlink(program);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(opens_what_the_table_has_a_reader_for),
					    cmocka_unit_test(a_process_that_chatters_holds_nobody) };

	cme_child_folder(CME_PROGRAMS);
	return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
