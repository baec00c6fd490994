/* SPDX-License-Identifier: MIT
 *
 * Starts one of our own programs as a child process that reads or writes for the engine (cme-push), and ends
 * it. The program stands beside the one that runs. It gets two channels and nothing else of ours:
 *
 *     its fd 0   one end of a socket. The first line that it reads is what it has to do, as JSON; then
 *                media follow, in the direction that the program is for
 *     its fd 1   a pipe on which it says how it fares, as lines of JSON (report.h)
 *     its fd 2   our stderr
 *
 * So secrets never stand among its arguments or in its environment, and it hears of our end by the end of its
 * socket. What it does, however long it takes and whatever memory it needs, is its own matter (enter.h).
 *
 * No call but cme_child_wait and cme_child_close blocks. One thread per child; starting and reaping may be
 * done by any.
 */
#ifndef CME_CHILD_SPAWN_H
#define CME_CHILD_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/err.h"

struct cme_child {
	pid_t pid;     /* 0: none runs */
	int fd;        /* our end of its socket, non-blocking; -1: closed */
	int report_fd; /* what it says, non-blocking; -1: closed */
};

#define CME_CHILD_NONE                              \
	{                                           \
		.pid = 0, .fd = -1, .report_fd = -1 \
	}

/* Starts `program`, a name without a folder. buffer: bytes that the kernel may hold on its socket in each
 * direction; 0: the system's default. 0, or -1 with err (internal). */
int cme_child_start(struct cme_child *child, const char *program, int buffer, struct cme_err *err);

/* Sends the line that it waits for. 0, or -1 with err: it is gone, or the line is too long. */
int cme_child_tell(struct cme_child *child, const char *line, struct cme_err *err);

/* Nothing more follows on its socket: it finishes, and ends. */
void cme_child_hang_up(struct cme_child *child);

/* Tells it a number (enter.h), whatever it does. */
void cme_child_tell_number(const struct cme_child *child, int64_t number);

/* Sends a signal. */
void cme_child_signal(const struct cme_child *child, int number);

/* true: it has ended, with a status as waitpid has it; pid is 0 from then on. */
bool cme_child_ended(struct cme_child *child, int *status);

/* The same, but waits for so many milliseconds until it has. */
bool cme_child_wait(struct cme_child *child, int limit_ms, int *status);

/* Kills it if it runs, and closes our ends. Waits at most a moment: what cannot end yet (a disk that hangs)
 * is left to cme_child_reap. */
void cme_child_close(struct cme_child *child);

/* The same without waiting, for a thread that others wait for: cme_child_reap is to be called until none is
 * left. */
void cme_child_discard(struct cme_child *child);

/* Reaps children that were closed before they could end, as each start does. Returns how many are left. */
unsigned cme_child_reap(void);

/* Where the programs stand, instead of beside the one that runs; for tests. */
void cme_child_folder(const char *folder);

/* How it ended, in words. Returns -1, as cme_err_set. */
int cme_child_fault(const char *program, int status, struct cme_err *err);

#endif
