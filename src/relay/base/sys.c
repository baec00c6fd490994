/* SPDX-License-Identifier: MIT */
#include "relay/base/sys.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

double cme_wall_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

double cme_random_unit(void)
{
	uint32_t bits;

	if (getrandom(&bits, sizeof bits, GRND_NONBLOCK) != (ssize_t)sizeof bits)
		bits = (uint32_t)cme_now_us() * 2654435761u;
	return (double)bits / 4294967296.0;
}

/* proc(5): the second number is of pages. */
size_t cme_resident(void)
{
	char text[64];
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	unsigned long pages = 0;
	char *rest;

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	(void)strtoul(text, &rest, 10);
	pages = strtoul(rest, NULL, 10);
	return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}
