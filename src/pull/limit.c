/* SPDX-License-Identifier: MIT */
#include "pull/limit.h"

#include <signal.h>

#include "common/clock.h"

static volatile sig_atomic_t asked;

static void ask(int number)
{
	(void)number;
	asked = 1;
}

void cme_limit_install(void)
{
	struct sigaction action = { .sa_handler = ask };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
}

bool cme_limit_asked(void)
{
	return asked;
}

void cme_limit_set(struct cme_limit *limit, int64_t from_now_us)
{
	limit->at_us = cme_now_us() + from_now_us;
}

bool cme_limit_over(const struct cme_limit *limit)
{
	return asked || (limit->cut && *limit->cut) || cme_now_us() >= limit->at_us;
}

static int over(void *opaque)
{
	return cme_limit_over(opaque);
}

AVIOInterruptCB cme_limit_callback(struct cme_limit *limit)
{
	return (AVIOInterruptCB){ .callback = over, .opaque = limit };
}
