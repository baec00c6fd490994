/* SPDX-License-Identifier: MIT */
#include "pull/public.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/address.h"

static struct cme_err *told; /* NULL: every address may be used */

void cme_public_only(struct cme_err *refusal)
{
	told = refusal;
}

static void refuse(struct cme_err *refusal, const struct sockaddr *address)
{
	char text[INET6_ADDRSTRLEN];

	cme_err_set(refusal, "source.not_public",
		    "%s is no public address, and this service reads from public ones alone",
		    cme_address_text(address, text, sizeof text));
}

curl_socket_t cme_public_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
	(void)purpose;
	if (cme_address_public(&address->addr))
		return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	refuse(ctx, &address->addr);
	return CURL_SOCKET_BAD;
}

/* The list as the C library made it has to be freed whole: of what is left out, the first that is public
 * takes the place. false: none is. */
static bool keep_public(struct addrinfo **list)
{
	struct addrinfo **at = list, *out = NULL;

	while (*at) {
		struct addrinfo *entry = *at;

		if (cme_address_public(entry->ai_addr)) {
			at = &entry->ai_next;
			continue;
		}
		*at = entry->ai_next;
		entry->ai_next = out;
		out = entry;
	}
	if (!*list && out)
		refuse(told, out->ai_addr);
	if (out)
		freeaddrinfo(out); /* glibc frees entry by entry */
	return *list != NULL;
}

bool cme_public_keep(struct addrinfo **list)
{
	return !told || keep_public(list);
}
