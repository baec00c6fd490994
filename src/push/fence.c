/* SPDX-License-Identifier: MIT */
#include "push/fence.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "child/enter.h"

static int end_at(timer_t timer, int64_t until_ms)
{
	struct itimerspec at = { .it_value = { .tv_sec = until_ms / 1000,
					       .tv_nsec = until_ms % 1000 * 1000000 } };

	return timer_settime(timer, TIMER_ABSTIME, &at, NULL);
}

/* Puts the end off, whenever the engine says so. */
static void *run(void *arg)
{
	for (;;)
		end_at(arg, cme_child_next_number());
	return NULL;
}

int cme_push_fence(int64_t until_ms, struct cme_err *err)
{
	struct sigevent kill = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL };
	pthread_t thread;
	timer_t timer;

	if (timer_create(CLOCK_BOOTTIME, &kill, &timer) == 0 && end_at(timer, until_ms) == 0 &&
	    pthread_create(&thread, NULL, run, timer) == 0 && pthread_detach(thread) == 0)
		return 0;
	return cme_err_set(err, "internal", "the end of the lease cannot be watched: %s", strerror(errno));
}
