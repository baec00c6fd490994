/* SPDX-License-Identifier: MIT
 *
 * A caller whose process is a script in the place of cme-pull.
 */
#include "edge/srt/caller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define WIDE_MS 20000

static unsigned ends, batches;

static void on_media(struct cme_caller *caller, const struct cme_flv_tag *tag)
{
	(void)caller;
	(void)tag;
}

static void on_batch(struct cme_caller *caller)
{
	(void)caller;
	batches++;
}

static void on_ended(struct cme_caller *caller, const struct cme_err *err)
{
	assert_non_null(err);
	ends++;
	cme_caller_close(caller);
}

static void write_program(const char *path, const char *script)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(script, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0700), 0);
}

/* It says 5000 lines, then media come: what it says is not read to its end, which may never come. */
static void one_that_chatters_holds_nobody(void **state)
{
	static const struct cme_caller_calls calls = { on_media, on_batch, on_ended };
	char folder[] = "/tmp/cme-caller-test-XXXXXX", program[64];
	struct cme_caller *caller;
	struct cme_poll poll_set;
	struct cme_err err;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(program, sizeof program, "%s/cme-pull", folder);
	write_program(program, "#!/bin/sh\nread -r line\nyes '{}' | head -n 5000\nprintf F >&0\n"
			       "read -r line\nprintf 'no such media' >&0\nexec sleep 600\n");
	cme_child_folder(folder);
	assert_int_equal(cme_poll_open(&poll_set), 0);
	caller = cme_caller_new(&poll_set, 0, &calls);
	assert_non_null(caller);
	assert_int_equal(cme_caller_start(caller, &err), 0);
	assert_int_equal(cme_poll_watch(&poll_set, caller->child.fd, &caller->watch, EPOLLIN), 0);
	while (!batches)
		cme_poll_run(&poll_set, WIDE_MS);
	assert_int_equal(ends, 0);
	assert_true(cme_report_waits(&caller->reports));
	assert_int_equal(cme_child_tell(&caller->child, "more", &err), 0);
	while (!ends)
		cme_poll_run(&poll_set, WIDE_MS);
	cme_poll_close(&poll_set);
	while (cme_child_reap()) /* it was killed */
		poll(NULL, 0, 1);
	unlink(program);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(one_that_chatters_holds_nobody) };

	return cmocka_run_group_tests_name("caller", tests, NULL, NULL);
}
