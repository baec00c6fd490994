/* SPDX-License-Identifier: MIT */
#include "edge/endpoint.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The parts of HOST:PORT. false: it is not that. */
static bool split(const char *text, char *host, size_t size, const char **port)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;

	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len == 0 || len >= size)
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	*port = colon + 1;
	return true;
}

int cme_endpoint_read(const char *text, struct sockaddr_storage *address, socklen_t *len, struct cme_err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
	char host[CME_ENDPOINT_MAX - 8] = "";
	struct addrinfo *info = NULL;
	const char *port = "";

	if (!split(text, host, sizeof host, &port) || getaddrinfo(host, port, &hints, &info) != 0)
		return cme_err_set(err, "local.listen", "listen '%s': an address and a port expected", text);
	*address = (struct sockaddr_storage){ 0 };
	memcpy(address, info->ai_addr, info->ai_addrlen);
	*len = info->ai_addrlen;
	freeaddrinfo(info);
	return 0;
}

void cme_endpoint_show(char out[CME_ENDPOINT_MAX], const struct sockaddr *address)
{
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)(const void *)address;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)address;
	char text[INET6_ADDRSTRLEN] = "";

	if (address->sa_family == AF_INET) {
		inet_ntop(AF_INET, &in4->sin_addr, text, sizeof text);
		snprintf(out, CME_ENDPOINT_MAX, "%s:%u", text, ntohs(in4->sin_port));
	} else {
		inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof text);
		snprintf(out, CME_ENDPOINT_MAX, "[%s]:%u", text, ntohs(in6->sin6_port));
	}
}
