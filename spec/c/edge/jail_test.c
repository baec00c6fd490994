/* SPDX-License-Identifier: MIT
 *
 * A child goes into the jail and tells by its exit code what it could do there.
 */
#include "edge/jail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DENIED = 10, DONE, OTHER, NO_JAIL };

/* What was tried returned this. */
static int outcome(long rc)
{
	return rc >= 0 ? DONE : errno == EPERM ? DENIED : OTHER;
}

static bool programs;

static int in_jail(int (*try)(void))
{
	struct cme_err err;
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(cme_jail_enter(programs, &err) == 0 ? try() : NO_JAIL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int start_program(void)
{
	return outcome(execl("/bin/true", "true", (char *)NULL));
}

static int start_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return outcome(pid);
}

static int write_file(void)
{
	return outcome(open("/dev/null", O_WRONLY | O_CLOEXEC));
}

static int create_file(void)
{
	return outcome(open("/tmp/cme-jail-file", O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
}

/* Its flags lie in memory, where the filter does not see them. */
static int open_newly(void)
{
	struct open_how how = { .flags = O_WRONLY };

	if (syscall(SYS_openat2, AT_FDCWD, "/dev/null", &how, sizeof how) >= 0)
		return DONE;
	return errno == ENOSYS ? DENIED : OTHER;
}

static int link_away(void)
{
	return outcome(symlink("/etc", "/tmp/cme-jail-link"));
}

static int connect_out(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return fd < 0 ? OTHER : outcome(connect(fd, (const struct sockaddr *)&to, sizeof to));
}

static int netlink(void)
{
	return outcome(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int read_file(void)
{
	return outcome(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

static int listen_here(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(at.sun_path, sizeof at.sun_path, "/tmp/cme-jail-%d", (int)getpid());
	if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 1) != 0)
		return OTHER;
	return outcome(unlink(at.sun_path));
}

static void *nothing(void *arg)
{
	return arg;
}

static int start_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, nothing, NULL) != 0)
		return OTHER;
	pthread_join(thread, NULL);
	return DONE;
}

static void test_denies_what_an_edge_never_does(void **state)
{
	int (*const tries[])(void) = { start_program, start_process, write_file,  create_file,
				       open_newly,    link_away,     connect_out, netlink };

	(void)state;
	if (!CME_JAIL)
		skip();
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++)
		assert_int_equal(in_jail(tries[i]), DENIED);
}

static void test_starts_readers_of_srt_which_stay_within(void **state)
{
	(void)state;
	if (!CME_JAIL)
		skip();
	programs = true;
	assert_int_equal(in_jail(start_program), 0); /* of its own */
	assert_int_equal(in_jail(start_process), DONE);
	assert_int_equal(in_jail(write_file), DENIED);
	assert_int_equal(in_jail(connect_out), DENIED);
}

static void test_allows_what_it_does(void **state)
{
	(void)state;
	programs = false;
	assert_int_equal(in_jail(read_file), DONE);
	assert_int_equal(in_jail(listen_here), DONE);
	assert_int_equal(in_jail(start_thread), DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_denies_what_an_edge_never_does),
		cmocka_unit_test(test_allows_what_it_does),
		cmocka_unit_test(test_starts_readers_of_srt_which_stay_within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
