/* SPDX-License-Identifier: MIT */
#include "common/accept.h"

#include <errno.h>
#include <stddef.h>

int cme_accept(int fd, struct sockaddr_storage *address, bool *full)
{
	socklen_t len = sizeof *address;
	int accepted =
		accept4(fd, (struct sockaddr *)address, address ? &len : NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	*full = accepted < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM);
	return accepted;
}
