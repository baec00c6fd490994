/* SPDX-License-Identifier: MIT */
#include "http/watch.h"

#include <sys/epoll.h>
#include <unistd.h>

#include "common/clock.h"

#define ROUNDS_MAX 4 /* until the loop has its turn: sockets that stay readable would keep it for ever */

/* A socket is added at the first call for it and removed at the last; in between libcurl keeps our mark at
 * it. libcurl may have closed one that it removes, and another may have its number already. The transfer of
 * one that cannot be watched ends at its deadline: -1 would have libcurl end those of all others too. */
static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *ctx, void *known)
{
	struct cme_http_watch *watch = ctx;
	struct epoll_event event = { .data.fd = socket };

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		watch->sockets--;
		epoll_ctl(watch->epoll, EPOLL_CTL_DEL, socket, NULL);
		return 0;
	}
	event.events = (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U);
	if (!known) {
		watch->sockets++;
		curl_multi_assign(watch->multi, socket, watch);
	}
	if (epoll_ctl(watch->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event) != 0)
		epoll_ctl(watch->epoll, known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event);
	return 0;
}

static int watch_timer(CURLM *multi, long timeout_ms, void *ctx)
{
	struct cme_http_watch *watch = ctx;

	(void)multi;
	watch->due_ms = timeout_ms < 0 ? CME_HTTP_NEVER : cme_now_ms() + timeout_ms;
	return 0;
}

int cme_http_watch_init(struct cme_http_watch *watch, CURLM *multi)
{
	watch->multi = multi;
	watch->due_ms = CME_HTTP_NEVER;
	watch->sockets = 0;
	watch->ready = 0;
	watch->asked = false;
	watch->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (watch->epoll < 0)
		return -1;
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, watch);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, watch_timer);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, watch);
	return 0;
}

void cme_http_watch_fini(struct cme_http_watch *watch)
{
	close(watch->epoll);
}

/* A socket that hung up or failed is one to read from and write to: libcurl then finds out what is left in it
 * and what is wrong. Told of an error alone it gives up a transfer whose answer it has read already (HTTP/2).
 */
static int action_of(uint32_t events)
{
	const uint32_t broken = EPOLLERR | EPOLLHUP;

	return (events & (EPOLLIN | broken) ? CURL_CSELECT_IN : 0) |
	       (events & (EPOLLOUT | broken) ? CURL_CSELECT_OUT : 0);
}

/* Takes events out of epoll. Nothing is asked of the kernel while no socket is watched. */
static void take_events(struct cme_http_watch *watch, int timeout_ms)
{
	if (timeout_ms == 0 && watch->sockets == 0)
		watch->ready = 0;
	else
		watch->ready = epoll_wait(watch->epoll, watch->events, CME_HTTP_EVENTS_MAX, timeout_ms);
}

/* Returns whether there may be more events than were taken. What the last wait took comes first: it may be
 * old, which costs a look at a socket that has nothing. */
static bool run_sockets(struct cme_http_watch *watch)
{
	int running;

	if (!watch->asked)
		take_events(watch, 0);
	watch->asked = false;
	for (int i = 0; i < watch->ready; i++)
		curl_multi_socket_action(watch->multi, watch->events[i].data.fd,
					 action_of(watch->events[i].events), &running);
	return watch->ready == CME_HTTP_EVENTS_MAX;
}

void cme_http_watch_run(struct cme_http_watch *watch)
{
	int running;

	for (int round = 0; round < ROUNDS_MAX && run_sockets(watch); round++)
		continue;
	if (watch->due_ms > cme_now_ms())
		return;
	/* libcurl sets the timer anew within, or has nothing to wait for. */
	watch->due_ms = CME_HTTP_NEVER;
	curl_multi_socket_action(watch->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

bool cme_http_watch_wait(struct cme_http_watch *watch, int timeout_ms)
{
	take_events(watch, timeout_ms);
	watch->asked = true;
	return watch->ready > 0;
}
