/* SPDX-License-Identifier: MIT
 *
 * Loaded into ffmpeg and ffprobe with LD_PRELOAD by the playout of a service that reads from public addresses
 * alone (`cme serve --sources public`): the program that connects to another one ends before it does, whether
 * a source, a redirect, a playlist or a name server led there. It says so on stderr, where the playout looks
 * for it. The C library's own connections, to name servers, do not pass here.
 */
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/address.h"

#define REFUSED "cme-refused: " /* twin of lua/cme/playout/child.lua */

typedef int connector(int fd, const struct sockaddr *address, socklen_t len);

static int is_allowed(const struct sockaddr *address)
{
	return (address->sa_family != AF_INET && address->sa_family != AF_INET6) ||
	       cme_address_public(address);
}

__attribute__((visibility("default"))) int connect(int fd, const struct sockaddr *address, socklen_t len)
{
	void *found = dlsym(RTLD_NEXT, "connect");
	char text[INET6_ADDRSTRLEN];
	connector *real;

	if (!found || !is_allowed(address)) {
		dprintf(STDERR_FILENO, REFUSED "%s\n", cme_address_text(address, text, sizeof text));
		_exit(EXIT_FAILURE);
	}
	memcpy(&real, &found, sizeof real); /* ISO C casts no object's address to a function's */
	return real(fd, address, len);
}
