/* SPDX-License-Identifier: MIT
 *
 * The sockets and the timer of one libcurl multi handle, behind one epoll descriptor that any loop can wait
 * for. libcurl tells it what to watch (CURLMOPT_SOCKETFUNCTION, CURLMOPT_TIMERFUNCTION); it tells libcurl
 * what happened (curl_multi_socket_action). It belongs to the pool of the handle, and to its thread.
 */
#ifndef CME_HTTP_WATCH_H
#define CME_HTTP_WATCH_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

#define CME_HTTP_NEVER      INT64_MAX
#define CME_HTTP_EVENTS_MAX 64 /* taken from epoll at once; the rest is taken next */

struct cme_http_watch {
	CURLM *multi;   /* the pool's */
	int epoll;      /* readable while a socket has something for libcurl */
	int64_t due_ms; /* cme_now_ms() at which libcurl wants to be called; CME_HTTP_NEVER */
	size_t sockets; /* that libcurl wants to be watched */
	bool asked;     /* the next run has no need to ask epoll: a wait did */
	int ready;      /* of the events, those that the last question gave; -1: a signal came */
	struct epoll_event events[CME_HTTP_EVENTS_MAX];
};

/* Takes over the handle's sockets and timer. -1: no descriptor left. */
int cme_http_watch_init(struct cme_http_watch *watch, CURLM *multi);

/* After the handle is cleaned up, which calls the watch for the last time. */
void cme_http_watch_fini(struct cme_http_watch *watch);

/* Tells libcurl of what has happened, of more next time if it was very much; does not wait. Transfers that
 * ended are in curl_multi_info_read then. */
void cme_http_watch_run(struct cme_http_watch *watch);

/* Waits until there is something to run, or timeout_ms is over; -1 waits for ever. A signal ends the wait
 * early. Returns whether there is something. */
bool cme_http_watch_wait(struct cme_http_watch *watch, int timeout_ms);

#endif
