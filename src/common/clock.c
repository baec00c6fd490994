/* SPDX-License-Identifier: MIT */
#include "common/clock.h"

#include <time.h>

#define BUSY_US CME_SECOND_US /* that a busy machine lets a process wait */

static int64_t read_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * CME_SECOND_US + now.tv_nsec / 1000;
}

int64_t cme_now_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t cme_boot_ms(void)
{
	return read_us(CLOCK_BOOTTIME) / CME_MS_US;
}

int64_t cme_now_ms(void)
{
	return cme_now_us() / CME_MS_US;
}

int64_t cme_stood_still_us(int64_t asked_us, int64_t took_us)
{
	int64_t beyond_us = took_us - asked_us;

	return beyond_us > BUSY_US ? beyond_us : 0;
}

double cme_wall_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
