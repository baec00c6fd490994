/* SPDX-License-Identifier: MIT */
#include "relay/output/rtmp/publisher.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "relay/base/life.h"
#include "relay/base/sys.h"
#include "relay/output/rtmp/destination.h"
#include "relay/output/rtmp/linger.h"

#define EVENTS_MAX 64
#define IDLE_US    (60 * CME_SECOND_US)

struct cme_publisher {
	pthread_t thread;
	int epoll_fd;
	int wake_fd;            /* eventfd: act at once. Both are watched edge-triggered and so never read */
	int timer_fd;           /* set by a wake for packets: act then */
	_Atomic size_t stepped; /* `count`, for who has not the steps */
	_Atomic bool woken;     /* the timer was set and not yet answered */
	_Atomic bool stopped;   /* the last owner is gone */
	struct cme_life life;
	int owners;               /* guarded by `global_lock` */
	struct cme_linger linger; /* so, too */

	pthread_mutex_t lock;           /* a leaf */
	struct cme_destination **added; /* not yet seen by the thread; guarded by `lock` */
	size_t added_count;

	pthread_mutex_t steps; /* before out->lock, and never with relay->lock held; guards what follows */
	struct cme_destination **list;
	size_t count;
};

static pthread_mutex_t global_lock = PTHREAD_MUTEX_INITIALIZER;
static struct cme_publisher *global;

/* By a timer and not by an event and a wait, so that the thread is woken once for all that comes meanwhile.
 */
void cme_publisher_wake(struct cme_publisher *publisher)
{
	int64_t wait_us = cme_linger_us(atomic_load(&publisher->stepped));
	struct itimerspec at = { .it_value.tv_nsec = (long)(wait_us * 1000) };

	if (!atomic_exchange(&publisher->woken, true))
		timerfd_settime(publisher->timer_fd, 0, &at, NULL);
}

struct cme_life *cme_publisher_life(struct cme_publisher *publisher)
{
	return &publisher->life;
}

int cme_publisher_add(struct cme_publisher *publisher, struct cme_destination *destination,
		      struct cme_err *err)
{
	struct cme_destination **grown;
	size_t count;

	cme_destination_attach(destination, publisher->epoll_fd, publisher->wake_fd);
	pthread_mutex_lock(&publisher->lock);
	count = publisher->added_count + 1;
	grown = realloc(publisher->added, count * sizeof(struct cme_destination *));
	if (grown) {
		grown[publisher->added_count] = destination;
		publisher->added = grown;
		publisher->added_count = count;
	}
	pthread_mutex_unlock(&publisher->lock);
	if (!grown)
		return cme_err_set(err, "internal", "out of memory");
	cme_publisher_wake(publisher);
	return 0;
}

/* Takes over what was added. Without memory it stays where it is until the next wake. */
static void take_added(struct cme_publisher *publisher)
{
	struct cme_destination **grown;
	size_t count;

	pthread_mutex_lock(&publisher->lock);
	count = publisher->count + publisher->added_count;
	grown = publisher->added_count ? realloc(publisher->list, count * sizeof(struct cme_destination *))
				       : NULL;
	if (grown) {
		for (size_t i = 0; i < publisher->added_count; i++)
			grown[publisher->count++] = publisher->added[i];
		publisher->list = grown;
		publisher->added_count = 0;
	}
	pthread_mutex_unlock(&publisher->lock);
}

static int wait_for_events(struct cme_publisher *publisher, struct epoll_event *events, int64_t until_us)
{
	int64_t now_us = cme_now_us();
	int64_t wait_us = until_us > now_us ? until_us - now_us : 0;

	return epoll_wait(publisher->epoll_fd, events, EVENTS_MAX,
			  (int)((wait_us + CME_MS_US - 1) / CME_MS_US));
}

/* Tells destinations of their events. True: there is a wake to answer. Under steps, which keep their list. */
static bool note_events(const struct epoll_event *events, int count)
{
	bool fresh = false;

	for (int i = 0; i < count; i++) {
		if (events[i].data.ptr)
			cme_destination_ready(events[i].data.ptr);
		else
			fresh = true;
	}
	return fresh;
}

/* Steps all destinations, forgets those that are gone, and returns when to do so again. fresh: of a wake. */
static int64_t step_all(struct cme_publisher *publisher, bool fresh)
{
	int64_t now_us = cme_now_us();
	int64_t next_us = now_us + IDLE_US;

	for (size_t i = publisher->count; i-- > 0;) {
		struct cme_destination *destination = publisher->list[i];
		int64_t at_us;

		if (!cme_destination_step(destination, fresh, now_us)) {
			publisher->list[i] = publisher->list[--publisher->count];
			cme_destination_finish(destination);
			continue;
		}
		at_us = cme_destination_at_us(destination);
		if (at_us < next_us)
			next_us = at_us;
	}
	return next_us;
}

static void *run(void *arg)
{
	struct cme_publisher *publisher = arg;
	struct epoll_event events[EVENTS_MAX];
	int64_t next_us = 0;
	bool fresh;
	int count;

	cme_life_begin(&publisher->life);
	while (!atomic_load(&publisher->stopped)) {
		count = wait_for_events(publisher, events, next_us);
		cme_life_sign();
		pthread_mutex_lock(&publisher->steps);
		fresh = note_events(events, count);
		if (fresh) {
			atomic_store(&publisher->woken, false); /* before the queues are looked at */
			take_added(publisher);
		}
		next_us = step_all(publisher, fresh);
		atomic_store(&publisher->stepped, publisher->count);
		pthread_mutex_unlock(&publisher->steps);
	}
	cme_life_end();
	return NULL;
}

static void destroy(struct cme_publisher *publisher)
{
	if (publisher->epoll_fd >= 0)
		close(publisher->epoll_fd);
	if (publisher->wake_fd >= 0)
		close(publisher->wake_fd);
	if (publisher->timer_fd >= 0)
		close(publisher->timer_fd);
	pthread_mutex_destroy(&publisher->lock);
	pthread_mutex_destroy(&publisher->steps);
	free(publisher->added);
	free(publisher->list);
	free(publisher);
}

static bool watch(const struct cme_publisher *publisher, int fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.ptr = NULL };

	return fd >= 0 && epoll_ctl(publisher->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static struct cme_publisher *create(void)
{
	struct cme_publisher *publisher = calloc(1, sizeof *publisher);

	if (!publisher)
		return NULL;
	pthread_mutex_init(&publisher->lock, NULL);
	pthread_mutex_init(&publisher->steps, NULL);
	cme_life_init(&publisher->life);
	publisher->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	publisher->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	publisher->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (publisher->epoll_fd < 0 || !watch(publisher, publisher->wake_fd) ||
	    !watch(publisher, publisher->timer_fd) ||
	    pthread_create(&publisher->thread, NULL, run, publisher) != 0) {
		destroy(publisher);
		return NULL;
	}
	return publisher;
}

struct cme_publisher *cme_publisher_acquire(struct cme_err *err)
{
	struct cme_publisher *publisher;

	pthread_mutex_lock(&global_lock);
	if (!global)
		global = create();
	if (global)
		global->owners++;
	publisher = global;
	pthread_mutex_unlock(&global_lock);
	if (!publisher)
		cme_err_set(err, "internal", "no thread, descriptor or memory left for the publisher");
	return publisher;
}

void cme_publisher_release(struct cme_publisher *publisher)
{
	bool last;

	pthread_mutex_lock(&global_lock);
	last = --publisher->owners == 0;
	if (last)
		global = NULL;
	pthread_mutex_unlock(&global_lock);
	if (!last)
		return;
	atomic_store(&publisher->stopped, true);
	eventfd_write(publisher->wake_fd, 1);
	pthread_join(publisher->thread, NULL);
	pthread_mutex_lock(&publisher->steps); /* one that carries may not be through yet */
	pthread_mutex_unlock(&publisher->steps);
	destroy(publisher);
}

/* Where the caller may step them at once, it holds the steps. Otherwise the thread does it. */
static struct cme_publisher *take_steps(void)
{
	struct cme_publisher *publisher;

	pthread_mutex_lock(&global_lock);
	publisher = global;
	if (publisher &&
	    (cme_linger_pays(&publisher->linger, atomic_load(&publisher->stepped), cme_now_us()) ||
	     pthread_mutex_trylock(&publisher->steps) != 0)) {
		cme_publisher_wake(publisher);
		publisher = NULL;
	}
	pthread_mutex_unlock(&global_lock);
	return publisher;
}

void cme_publisher_carry(void)
{
	struct cme_publisher *publisher = take_steps();
	bool all = true;

	if (!publisher)
		return;
	for (size_t i = 0; i < publisher->count; i++)
		all = cme_destination_carry(publisher->list[i]) && all;
	if (!all)
		cme_publisher_wake(publisher);
	pthread_mutex_unlock(&publisher->steps);
}
