/* SPDX-License-Identifier: MIT */
#include "edge/poll.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "common/clock.h"

#define BATCH   256
#define REST_US (100 * CME_MS_US)

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

void cme_poll_rest(struct cme_poll *poll, int fd, struct cme_watch *watch)
{
	cme_poll_watch(poll, fd, watch, 0);
	if (watch->resting)
		return;
	if (!poll->resting)
		poll->wake_us = cme_now_us() + REST_US;
	watch->resting = true;
	watch->resting_fd = fd;
	watch->next_resting = poll->resting;
	poll->resting = watch;
}

static void leave_resting(struct cme_poll *poll, struct cme_watch *watch)
{
	struct cme_watch **link = &poll->resting;

	if (!watch->resting)
		return;
	while (*link != watch)
		link = &(*link)->next_resting;
	*link = watch->next_resting;
	watch->resting = false;
}

static void wake_all(struct cme_poll *poll)
{
	while (poll->resting) {
		struct cme_watch *watch = poll->resting;

		leave_resting(poll, watch);
		cme_poll_watch(poll, watch->resting_fd, watch, EPOLLIN);
	}
}

void cme_poll_stop_delay(struct cme_poll *poll, struct cme_delay *delay)
{
	if (!delay->at_us)
		return;
	delay->at_us = 0;
	*(delay->previous ? &delay->previous->next : &poll->first_delay) = delay->next;
	*(delay->next ? &delay->next->previous : &poll->last_delay) = delay->previous;
}

void cme_poll_delay(struct cme_poll *poll, struct cme_delay *delay, int64_t at_us)
{
	struct cme_delay *before;

	cme_poll_stop_delay(poll, delay);
	before = poll->last_delay;
	while (before && before->at_us > at_us)
		before = before->previous;
	delay->at_us = at_us;
	delay->previous = before;
	delay->next = before ? before->next : poll->first_delay;
	*(delay->previous ? &delay->previous->next : &poll->first_delay) = delay;
	*(delay->next ? &delay->next->previous : &poll->last_delay) = delay;
}

static void end_delays(struct cme_poll *poll)
{
	int64_t now_us = poll->first_delay ? cme_now_us() : 0;

	while (poll->first_delay && poll->first_delay->at_us <= now_us) {
		struct cme_delay *delay = poll->first_delay;

		cme_poll_stop_delay(poll, delay);
		delay->over(delay);
	}
}

/* When something is to be done, whatever happens; INT64_MAX: never. */
static int64_t next_us(const struct cme_poll *poll)
{
	int64_t at_us = poll->first_delay ? poll->first_delay->at_us : INT64_MAX;

	return poll->resting && poll->wake_us < at_us ? poll->wake_us : at_us;
}

/* How long to wait, if not for longer than that. */
static int limit(const struct cme_poll *poll, int timeout_ms)
{
	int64_t at_us = next_us(poll);
	int64_t left_us = at_us == INT64_MAX ? 0 : at_us - cme_now_us();
	int left_ms = left_us > 0 ? (int)(left_us / CME_MS_US) + 1 : 0;

	return at_us != INT64_MAX && (timeout_ms < 0 || left_ms < timeout_ms) ? left_ms : timeout_ms;
}

void cme_poll_bury(struct cme_poll *poll, struct cme_watch *watch)
{
	if (watch->gone)
		return;
	leave_resting(poll, watch);
	watch->gone = true;
	watch->next_grave = poll->graves;
	poll->graves = watch;
}

void cme_poll_run(struct cme_poll *poll, int timeout_ms)
{
	struct epoll_event events[BATCH];
	int n = epoll_wait(poll->fd, events, BATCH, limit(poll, timeout_ms));

	for (int i = 0; i < n; i++) {
		struct cme_watch *watch = events[i].data.ptr;

		if (!watch->gone)
			watch->ready(watch, events[i].events);
	}
	end_delays(poll);
	bury_all(poll);
	if (poll->resting && cme_now_us() >= poll->wake_us)
		wake_all(poll);
}
