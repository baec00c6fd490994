/* SPDX-License-Identifier: MIT */
#include "common/write_all.h"

#include <errno.h>
#include <unistd.h>

bool cme_write_all(int fd, const void *data, size_t len)
{
	const char *next = data;

	while (len > 0) {
		ssize_t n = write(fd, next, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			next += n;
			len -= (size_t)n;
		}
	}
	return true;
}
