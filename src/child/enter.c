/* SPDX-License-Identifier: MIT */
#include "child/enter.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true /* its shadow is more memory than any bound */
#else
#define SANITIZED false
#endif

static void bound(__rlimit_resource_t resource, size_t most)
{
	struct rlimit limit = { most, most };

	setrlimit(resource, &limit);
}

void cme_child_enter(const struct cme_child_limits *limits)
{
	bound(RLIMIT_CORE, 0);
	if (limits->data_bytes && !SANITIZED)
		bound(RLIMIT_DATA, limits->data_bytes);
	if (limits->files)
		bound(RLIMIT_NOFILE, limits->files);
	prctl(PR_SET_PDEATHSIG, limits->death_signal);
	signal(SIGPIPE, SIG_IGN);
}

void cme_child_watchdog(unsigned seconds)
{
	alarm(seconds);
}

int64_t cme_child_next_number(void)
{
	siginfo_t info;
	sigset_t set;
	int64_t number;

	sigemptyset(&set);
	sigaddset(&set, CME_CHILD_NUMBER);
	while (sigwaitinfo(&set, &info) < 0 || info.si_code != SI_QUEUE)
		;
	memcpy(&number, &info.si_value, sizeof number);
	return number;
}

/* A byte at a time: what stands behind the line is for somebody else. Returns how many came; the last is the
 * line's end, unless it is too long or the socket ended. */
static size_t read_line(char *line, size_t size)
{
	size_t len = 0;
	ssize_t n = 0;

	while (len < size && (len == 0 || line[len - 1] != '\n')) {
		n = read(STDIN_FILENO, line + len, 1);
		if (n == 0 || (n < 0 && errno != EINTR))
			break;
		len += n == 1;
	}
	return len;
}

json_t *cme_child_told(struct cme_err *err)
{
	static char line[CME_CHILD_LINE_MAX]; /* has secrets */
	size_t len = read_line(line, sizeof line);
	json_t *told = len && line[len - 1] == '\n' ? json_loadb(line, len, 0, NULL) : NULL;

	explicit_bzero(line, len);
	if (!told)
		cme_err_set(err, "internal", "no line of JSON says what to do");
	return told;
}
