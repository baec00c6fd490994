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
#include <sched.h>
#include <signal.h>
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
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = "/nowhere/cme-jail" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	return fd < 0 ? OTHER : outcome(connect(fd, (const struct sockaddr *)&to, sizeof to));
}

static int open_ip(void)
{
	return outcome(socket(AF_INET, SOCK_STREAM, 0));
}

static int open_datagram(void)
{
	return outcome(socket(AF_UNIX, SOCK_DGRAM, 0));
}

static int pair_datagram(void)
{
	int fds[2];

	return outcome(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds));
}

static int udp_fd; /* opened before, as libsrt's are */

static int send_to(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(9),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return outcome(sendto(udp_fd, "x", 1, 0, (const struct sockaddr *)&to, sizeof to));
}

static int answer_caller(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(9),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct iovec part = { .iov_base = "x", .iov_len = 1 };
	struct msghdr message = {
		.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &part, .msg_iovlen = 1
	};

	return outcome(sendmsg(udp_fd, &message, 0));
}

static int send_fast(void)
{
	return outcome(send(udp_fd, "x", 1, MSG_FASTOPEN));
}

static int send_message_fast(void)
{
	struct msghdr message = { .msg_iovlen = 0 };

	return outcome(sendmsg(udp_fd, &message, MSG_FASTOPEN));
}

static int cut_file(void)
{
	return outcome(open("/dev/null", O_RDONLY | O_TRUNC | O_CLOEXEC));
}

static int change_mode(void)
{
	return outcome(chmod("/nowhere/cme-jail", 0600));
}

static int change_mode_newly(void)
{
	if (syscall(452, AT_FDCWD, "/nowhere/cme-jail", 0600, 0) >= 0)
		return DONE;
	return errno == ENOSYS ? DENIED : OTHER;
}

static int make_folder(void)
{
	return outcome(mkdir("/nowhere/cme-jail", 0700));
}

static int signal_parent(void)
{
	return outcome(syscall(SYS_tgkill, getppid(), getppid(), 0));
}

static int kill_parent(void)
{
	return outcome(kill(getppid(), 0));
}

static int find_parent(void)
{
	return outcome(syscall(SYS_pidfd_open, getppid(), 0));
}

static int signal_by_descriptor(void)
{
	return outcome(syscall(SYS_pidfd_send_signal, -1, 0, NULL, 0));
}

static int signal_myself(void)
{
	return outcome(raise(0));
}

static int nobody(void *arg)
{
	(void)arg;
	_exit(0);
}

/* What has the memory of this process, and is a process. */
static int clone_process(void)
{
	static char stack[65536] __attribute__((aligned(16)));

	return outcome(clone(nobody, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL));
}

static int clone_user(void)
{
	static char stack[65536] __attribute__((aligned(16)));

	return outcome(clone(nobody, stack + sizeof stack, CLONE_NEWUSER | SIGCHLD, NULL));
}

static int take_tree(void)
{
	return outcome(syscall(SYS_open_tree, AT_FDCWD, "/", 0));
}

static int open_filesystem(void)
{
	return outcome(syscall(SYS_fsopen, "tmpfs", 0));
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

struct
try {
	const char *name;
	int (*call)(void);
};

#define TRY(name)           \
	{                   \
#name, name \
	}

static const struct try always[] = {
	TRY(write_file),      TRY(create_file),       TRY(cut_file),    TRY(open_newly),
	TRY(change_mode),     TRY(change_mode_newly), TRY(make_folder), TRY(link_away),
	TRY(connect_out),     TRY(open_ip),           TRY(netlink),     TRY(open_datagram),
	TRY(pair_datagram),   TRY(send_to),           TRY(send_fast),   TRY(send_message_fast),
	TRY(clone_user),      TRY(find_parent),       TRY(take_tree),   TRY(signal_by_descriptor),
	TRY(open_filesystem),
};

static const struct try without_programs[] = {
	TRY(start_program), TRY(start_process), TRY(clone_process), TRY(signal_parent), TRY(kill_parent),
};

static void is_denied(const struct try *tries, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (in_jail(tries[i].call) != DENIED)
			fail_msg("%s is not denied", tries[i].name);
}

static void test_denies_what_an_edge_never_does(void **state)
{
	(void)state;
	if (!CME_JAIL)
		skip();
	programs = false;
	is_denied(always, sizeof always / sizeof always[0]);
	is_denied(without_programs, sizeof without_programs / sizeof without_programs[0]);
}

static void test_starts_readers_of_srt_which_stay_within(void **state)
{
	(void)state;
	if (!CME_JAIL)
		skip();
	programs = true;
	assert_int_equal(in_jail(start_program), 0); /* of its own */
	assert_int_equal(in_jail(start_process), DONE);
	assert_int_equal(in_jail(answer_caller), DONE);
	is_denied(always, sizeof always / sizeof always[0]);
}

static void test_allows_what_it_does(void **state)
{
	(void)state;
	programs = false;
	assert_int_equal(in_jail(read_file), DONE);
	assert_int_equal(in_jail(listen_here), DONE);
	assert_int_equal(in_jail(start_thread), DONE);
	assert_int_equal(in_jail(signal_myself), DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_denies_what_an_edge_never_does),
		cmocka_unit_test(test_allows_what_it_does),
		cmocka_unit_test(test_starts_readers_of_srt_which_stay_within),
	};

	udp_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
