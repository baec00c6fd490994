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
