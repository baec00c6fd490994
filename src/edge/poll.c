/* SPDX-License-Identifier: MIT */
#include "edge/poll.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#define BATCH 256

int cme_poll_open(struct cme_poll *poll)
{
	*poll = (struct cme_poll){ .fd = epoll_create1(EPOLL_CLOEXEC) };
	return poll->fd < 0 ? -1 : 0;
}

static void bury_all(struct cme_poll *poll)
{
	while (poll->graves) {
		struct cme_watch *watch = poll->graves;

		poll->graves = watch->next_grave;
		watch->free(watch);
	}
}

void cme_poll_close(struct cme_poll *poll)
{
	bury_all(poll);
	if (poll->fd >= 0)
		close(poll->fd);
	poll->fd = -1;
}

int cme_poll_watch(struct cme_poll *poll, int fd, struct cme_watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (epoll_ctl(poll->fd, EPOLL_CTL_ADD, fd, &event) == 0)
		return 0;
	return errno == EEXIST ? epoll_ctl(poll->fd, EPOLL_CTL_MOD, fd, &event) : -1;
}

void cme_poll_forget(struct cme_poll *poll, int fd)
{
	if (fd >= 0)
		(void)epoll_ctl(poll->fd, EPOLL_CTL_DEL, fd, NULL);
}

void cme_poll_bury(struct cme_poll *poll, struct cme_watch *watch)
{
	if (watch->gone)
		return;
	watch->gone = true;
	watch->next_grave = poll->graves;
	poll->graves = watch;
}

void cme_poll_run(struct cme_poll *poll, int timeout_ms)
{
	struct epoll_event events[BATCH];
	int n = epoll_wait(poll->fd, events, BATCH, timeout_ms);

	for (int i = 0; i < n; i++) {
		struct cme_watch *watch = events[i].data.ptr;

		if (!watch->gone)
			watch->ready(watch, events[i].events);
	}
	bury_all(poll);
}
