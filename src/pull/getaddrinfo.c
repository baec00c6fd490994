/* SPDX-License-Identifier: MIT
 *
 * getaddrinfo of this program: the C library's, of which public.h may leave addresses out. The program's
 * symbol comes before the C library's, in shared libraries too.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>

#include "pull/public.h"

typedef int resolver(const char *host, const char *service, const struct addrinfo *hints,
		     struct addrinfo **list);

__attribute__((visibility("default"))) int getaddrinfo(const char *restrict host,
						       const char *restrict service,
						       const struct addrinfo *restrict hints,
						       struct addrinfo **restrict list)
{
	void *found = dlsym(RTLD_NEXT, "getaddrinfo");
	resolver *real;
	int rc;

	if (!found)
		return EAI_SYSTEM;
	memcpy(&real, &found, sizeof real); /* ISO C casts no object's address to a function's */
	rc = real(host, service, hints, list);
	return rc != 0 || cme_public_keep(list) ? rc : EAI_NONAME;
}
