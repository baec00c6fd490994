/* SPDX-License-Identifier: MIT */
#include "child/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child/enter.h"

#define LEFT_MAX 1024 /* children that were killed and have not ended yet */
#define KILL_MS  100  /* until it has ended, unless it waits for a disk */

extern char **environ;

static char folder[PATH_MAX];

static struct {
	pthread_mutex_t lock;
	pid_t pids[LEFT_MAX];
	unsigned count;
} left = { .lock = PTHREAD_MUTEX_INITIALIZER };

void cme_child_folder(const char *path)
{
	snprintf(folder, sizeof folder, "%s", path);
}

/* The path of a program beside ours. false: it cannot be told. */
static bool find(const char *program, char *out, size_t size)
{
	char own[PATH_MAX];
	ssize_t len;
	char *slash;

	if (folder[0])
		return (size_t)snprintf(out, size, "%s/%s", folder, program) < size;
	len = readlink("/proc/self/exe", own, sizeof own - 1);
	if (len <= 0)
		return false;
	own[len] = '\0';
	slash = strrchr(own, '/');
	if (!slash)
		return false;
	*slash = '\0';
	return (size_t)snprintf(out, size, "%s/%s", own, program) < size;
}

/* Our ends stay open in us alone, its ends in it alone. */
struct ends {
	int own_fd, own_report;
	int its_fd, its_report;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int open_ends(struct ends *ends, int buffer)
{
	int sockets[2], pipes[2];

	*ends = (struct ends){ -1, -1, -1, -1 };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
		return -1;
	ends->own_fd = sockets[0];
	ends->its_fd = sockets[1];
	if (pipe2(pipes, O_CLOEXEC) != 0)
		return -1;
	ends->own_report = pipes[0];
	ends->its_report = pipes[1];
	for (int i = 0; buffer && i < 2; i++) {
		setsockopt(sockets[i], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
		setsockopt(sockets[i], SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
	}
	/* the file status is shared with nobody: each end of a pair has its own */
	return fcntl(ends->own_fd, F_SETFL, O_NONBLOCK) | fcntl(ends->own_report, F_SETFL, O_NONBLOCK);
}

static void close_ends(struct ends *ends)
{
	close_fd(&ends->own_fd);
	close_fd(&ends->own_report);
	close_fd(&ends->its_fd);
	close_fd(&ends->its_report);
}

/* A process group of its own: Ctrl-C in a terminal is for the engine, which ends its children in order. A
 * number may be told before it is ready to hear one. */
static int set_attributes(posix_spawnattr_t *attr)
{
	sigset_t numbers, all;

	sigemptyset(&numbers);
	sigaddset(&numbers, CME_CHILD_NUMBER);
	sigfillset(&all);
	return posix_spawnattr_setsigmask(attr, &numbers) | posix_spawnattr_setsigdefault(attr, &all) |
	       posix_spawnattr_setpgroup(attr, 0) |
	       posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						      POSIX_SPAWN_SETPGROUP);
}

/* Its ends may be 0 and 1 in us, if those are closed: the pipe goes out of the way first. */
static int set_files(posix_spawn_file_actions_t *files, const struct ends *ends)
{
	return posix_spawn_file_actions_adddup2(files, ends->its_report, STDERR_FILENO + 1) |
	       posix_spawn_file_actions_adddup2(files, ends->its_fd, STDIN_FILENO) |
	       posix_spawn_file_actions_adddup2(files, STDERR_FILENO + 1, STDOUT_FILENO) |
	       posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
}

/* 0, or an errno. */
static int spawn(pid_t *pid, const char *path, const char *program, const struct ends *ends)
{
	char *argv[] = { (char *)program, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int rc;

	if (posix_spawnattr_init(&attr) != 0)
		return ENOMEM;
	if (posix_spawn_file_actions_init(&files) != 0) {
		posix_spawnattr_destroy(&attr);
		return ENOMEM;
	}
	rc = set_attributes(&attr) || set_files(&files, ends)
		     ? ENOMEM
		     : posix_spawn(pid, path, &files, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return rc;
}

int cme_child_start(struct cme_child *child, const char *program, int buffer, struct cme_err *err)
{
	char path[PATH_MAX];
	struct ends ends;
	int rc;

	*child = (struct cme_child)CME_CHILD_NONE;
	cme_child_reap();
	if (!find(program, path, sizeof path))
		return cme_err_set(err, "internal", "start '%s': its folder cannot be told", program);
	if (open_ends(&ends, buffer) != 0) {
		rc = errno;
		close_ends(&ends);
		return cme_err_set(err, "internal", "start '%s': %s", program, strerror(rc));
	}
	rc = spawn(&child->pid, path, program, &ends);
	if (rc != 0) {
		child->pid = 0;
		close_ends(&ends);
		return cme_err_set(err, "internal", "start '%s': %s", program, strerror(rc));
	}
	close_fd(&ends.its_fd);
	close_fd(&ends.its_report);
	child->fd = ends.own_fd;
	child->report_fd = ends.own_report;
	return 0;
}

int cme_child_tell(struct cme_child *child, const char *line, struct cme_err *err)
{
	size_t len = strlen(line);
	ssize_t sent = send(child->fd, line, len, MSG_NOSIGNAL);

	if (sent == (ssize_t)len && send(child->fd, "\n", 1, MSG_NOSIGNAL) == 1)
		return 0;
	return cme_err_set(err, "internal", "what it has to do could not be said to a child process");
}

void cme_child_hang_up(struct cme_child *child)
{
	if (child->fd >= 0)
		shutdown(child->fd, SHUT_WR);
}

void cme_child_tell_number(const struct cme_child *child, int64_t number)
{
	union sigval value = { .sival_ptr = NULL };

	_Static_assert(sizeof value >= sizeof number, "a signal carries 64 bits");
	memcpy(&value, &number, sizeof number);
	if (child->pid > 0)
		sigqueue(child->pid, CME_CHILD_NUMBER, value);
}

void cme_child_signal(const struct cme_child *child, int number)
{
	if (child->pid > 0)
		kill(child->pid, number);
}

bool cme_child_ended(struct cme_child *child, int *status)
{
	pid_t pid;

	*status = 0;
	if (child->pid <= 0)
		return true;
	do
		pid = waitpid(child->pid, status, WNOHANG);
	while (pid < 0 && errno == EINTR);
	if (pid == 0)
		return false;
	child->pid = 0;
	return true;
}

bool cme_child_wait(struct cme_child *child, int limit_ms, int *status)
{
	struct pollfd fd = { .fd = -1, .events = POLLIN };

	if (cme_child_ended(child, status))
		return true;
	fd.fd = pidfd_open(child->pid, 0); /* readable when it has ended */
	poll(&fd, 1, limit_ms);
	close_fd(&fd.fd);
	return cme_child_ended(child, status);
}

/* With room for no more, it stays a zombie until we end. */
static void remember(pid_t pid)
{
	pthread_mutex_lock(&left.lock);
	if (left.count < LEFT_MAX)
		left.pids[left.count++] = pid;
	pthread_mutex_unlock(&left.lock);
}

/* limit_ms: to wait for its end. */
static void kill_child(struct cme_child *child, int limit_ms)
{
	int status;

	close_fd(&child->fd);
	close_fd(&child->report_fd);
	cme_child_signal(child, SIGKILL);
	if (!(limit_ms ? cme_child_wait(child, limit_ms, &status) : cme_child_ended(child, &status)))
		remember(child->pid);
	child->pid = 0;
}

void cme_child_close(struct cme_child *child)
{
	kill_child(child, KILL_MS);
}

void cme_child_discard(struct cme_child *child)
{
	kill_child(child, 0);
}

unsigned cme_child_reap(void)
{
	unsigned count, kept = 0;
	int status;

	pthread_mutex_lock(&left.lock);
	for (unsigned i = 0; i < left.count; i++)
		if (waitpid(left.pids[i], &status, WNOHANG) == 0)
			left.pids[kept++] = left.pids[i];
	count = left.count = kept;
	pthread_mutex_unlock(&left.lock);
	return count;
}

int cme_child_fault(const char *program, int status, struct cme_err *err)
{
	if (WIFSIGNALED(status))
		return cme_err_set(err, "internal", "'%s' was ended by signal %d", program, WTERMSIG(status));
	return cme_err_set(err, "internal", "'%s' ended with code %d", program, WEXITSTATUS(status));
}
