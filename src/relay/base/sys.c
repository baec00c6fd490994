/* SPDX-License-Identifier: MIT */
#include "relay/base/sys.h"

#include <stdint.h>
#include <sys/random.h>

double cme_random_unit(void)
{
	uint32_t bits;

	if (getrandom(&bits, sizeof bits, GRND_NONBLOCK) != (ssize_t)sizeof bits)
		bits = (uint32_t)cme_now_us() * 2654435761u;
	return (double)bits / 4294967296.0;
}

int cme_wait_for_peer(struct pollfd *fds, nfds_t count, int wait_ms, int64_t *limit_us)
{
	int64_t from_us = cme_now_us();
	int ready = poll(fds, count, wait_ms);

	*limit_us += cme_stood_still_us(wait_ms * CME_MS_US, cme_now_us() - from_us);
	return ready;
}
