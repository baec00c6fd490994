/* SPDX-License-Identifier: MIT
 *
 * reaper PROGRAM ARGUMENT...: runs a program for tools/pool.lua and ends when everything that stems from it
 * has ended. Whatever outlives its parent, such as a daemon in a session of its own, becomes a child of the
 * reaper (prctl(2), PR_SET_CHILD_SUBREAPER), so that the runner finds all of it below the reaper.
 *
 * Descriptor 3 gets two lines: the program's exit code, or 128 and the signal that ended it, as soon as it
 * has ended; and, when all has, the milliseconds of processor time that all of it took, in user mode and in
 * the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STATUS_FD = 3, NOT_STARTED = 127 };

/* The program ends with the reaper, however that ends. */
static void become(char **argv)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execvp(argv[0], argv);
	perror(argv[0]);
	_exit(NOT_STARTED);
}

static int code_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void reap(pid_t program)
{
	int status;
	pid_t ended;

	while ((ended = wait(&status)) > 0 || errno == EINTR) {
		if (ended == program)
			dprintf(STATUS_FD, "%d\n", code_of(status));
	}
}

static long long ms_of(struct timeval time)
{
	return time.tv_sec * 1000LL + time.tv_usec / 1000;
}

/* Of each process that was waited for, by its parent or by us. */
static void say_time(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_CHILDREN, &usage) == 0)
		dprintf(STATUS_FD, "%lld %lld\n", ms_of(usage.ru_utime), ms_of(usage.ru_stime));
}

int main(int argc, char **argv)
{
	pid_t program;

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* the runner's end is the end of all */
	if (argc < 2 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || fcntl(STATUS_FD, F_SETFD, FD_CLOEXEC) != 0) {
		fprintf(stderr, "reaper: cannot start: it takes a program, and a pipe on descriptor 3\n");
		return NOT_STARTED;
	}
	program = fork();
	if (program == 0)
		become(argv + 1);
	reap(program);
	say_time();
	/* Not by exit: the search for leaks at the end of a sanitized program is a child of it, and the
	 * runner may be ending all children just then. The search would wait for that one for ever. */
	_exit(program < 0 ? NOT_STARTED : 0);
}
