/* SPDX-License-Identifier: MIT
 *
 * timed CORE PROGRAM ARGUMENT...: runs a program on one core and, after all that it wrote, prints a line
 * "process WALL CPU RSS" of it: milliseconds from before the fork until it was waited for, milliseconds of
 * CPU, and KiB of memory at its peak. A shell's `time` has neither the precision nor the memory. The exit
 * status is the program's.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double cpu_ms(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1e3 +
	       (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e3;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	cpu_set_t cores;
	double start;
	int status;
	pid_t pid;

	if (argc < 3) {
		fputs("usage: timed CORE PROGRAM ARGUMENT...\n", stderr);
		return 2;
	}
	CPU_ZERO(&cores);
	CPU_SET((size_t)strtoul(argv[1], NULL, 10), &cores);
	if (sched_setaffinity(0, sizeof cores, &cores) != 0) {
		perror("timed: sched_setaffinity");
		return 2;
	}
	start = now_ms();
	pid = vfork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
		perror("timed");
		return 2;
	}
	printf("process %.3f %.3f %ld\n", now_ms() - start, cpu_ms(&usage), usage.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
