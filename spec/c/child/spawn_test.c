/* SPDX-License-Identifier: MIT
 *
 * The children are shells, whose script is the line that they are told.
 */
#include "child/spawn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child/report.h"

#define WIDE_MS 20000

static unsigned waits; /* for the end of a child */

/* In place of the C library's: what waits for an end asks for this. */
int pidfd_open(pid_t pid, unsigned flags)
{
	waits++;
	return (int)syscall(SYS_pidfd_open, pid, flags);
}

static void start(struct cme_child *child, const char *script)
{
	struct cme_err err;

	cme_child_folder("/bin");
	assert_int_equal(cme_child_start(child, "sh", 0, &err), 0);
	assert_int_equal(cme_child_tell(child, script, &err), 0);
}

static json_t *next_line(struct cme_report_reader *reader, const struct cme_child *child)
{
	struct pollfd fd = { .fd = child->report_fd, .events = POLLIN };
	json_t *line;

	while (!(line = cme_report_read(reader, child->report_fd)) && !reader->ended)
		assert_int_equal(poll(&fd, 1, WIDE_MS), 1);
	return line;
}

static int wait_for_end(struct cme_child *child)
{
	int status;

	assert_true(cme_child_wait(child, WIDE_MS, &status));
	return status;
}

static void gets_its_two_channels_and_nothing_else(void **state)
{
	struct cme_report_reader reader;
	struct cme_child child;
	json_t *line;

	(void)state;
	cme_report_reader_init(&reader);
	start(&child, "cd /proc/$$/fd; set -- *; echo \"{\\\"fds\\\":\\\"$*\\\",\\\"args\\\":\\\"$(tr '\\0' "
		      "' ' < ../cmdline)\\\"}\"");
	line = next_line(&reader, &child);
	assert_non_null(line);
	assert_string_equal(json_string_value(json_object_get(line, "args")), "sh ");
	assert_memory_equal(json_string_value(json_object_get(line, "fds")), "0 1 2", 5);
	json_decref(line);
	cme_child_close(&child);
}

static void ends_when_nothing_follows(void **state)
{
	struct cme_child child;
	int status;

	(void)state;
	start(&child, "true");
	cme_child_hang_up(&child);
	status = wait_for_end(&child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(child.pid, 0);
	assert_true(cme_child_ended(&child, &status));
	cme_child_close(&child);
}

static void says_how_it_ended(void **state)
{
	struct cme_child child;
	struct cme_err err;
	int status;

	(void)state;
	start(&child, "kill -SEGV $$");
	status = wait_for_end(&child);
	cme_child_close(&child);
	assert_int_equal(cme_child_fault("sh", status, &err), -1);
	assert_string_equal(err.message, "'sh' was ended by signal 11");
	start(&child, "exit 3");
	status = wait_for_end(&child);
	cme_child_close(&child);
	cme_child_fault("sh", status, &err);
	assert_string_equal(err.message, "'sh' ended with code 3");
}

static void is_killed_and_reaped_later(void **state)
{
	struct cme_child child;
	pid_t pid;
	int status;

	(void)state;
	start(&child, "trap '' TERM; while :; do sleep 1; done");
	pid = child.pid;
	assert_false(cme_child_wait(&child, 0, &status));
	cme_child_signal(&child, SIGTERM);
	cme_child_close(&child);
	assert_int_equal(child.pid, 0);
	assert_int_equal(child.fd, -1);
	while (cme_child_reap() > 0)
		poll(NULL, 0, 1);
	assert_int_equal(kill(pid, 0), -1);
}

/* Its thread has others to serve. */
static void is_discarded_without_waiting(void **state)
{
	struct cme_child child;
	pid_t pid;

	(void)state;
	start(&child, "while :; do sleep 1; done");
	pid = child.pid;
	waits = 0;
	cme_child_discard(&child);
	assert_int_equal(waits, 0);
	assert_int_equal(child.pid, 0);
	assert_int_equal(child.fd, -1);
	while (cme_child_reap() > 0)
		poll(NULL, 0, 1);
	assert_int_equal(kill(pid, 0), -1);
}

static void says_what_does_not_start(void **state)
{
	struct cme_child child;
	struct cme_err err;

	(void)state;
	cme_child_folder("/nonexistent");
	assert_int_equal(cme_child_start(&child, "sh", 0, &err), -1);
	assert_string_equal(err.message, "start 'sh': No such file or directory");
	assert_int_equal(child.fd, -1);
	cme_child_close(&child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gets_its_two_channels_and_nothing_else),
		cmocka_unit_test(ends_when_nothing_follows),
		cmocka_unit_test(says_how_it_ended),
		cmocka_unit_test(is_killed_and_reaped_later),
		cmocka_unit_test(is_discarded_without_waiting),
		cmocka_unit_test(says_what_does_not_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
