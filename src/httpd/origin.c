/* SPDX-License-Identifier: MIT */
#include "httpd/origin.h"

#include <netinet/in.h>
#include <string.h>

static void from_v4(const unsigned char bytes[4], struct cme_httpd_origin *origin)
{
	memcpy(origin->bytes, bytes, 4);
	origin->len = 4;
	origin->loopback = bytes[0] == 127;
}

static void from_v6(const struct in6_addr *address, struct cme_httpd_origin *origin)
{
	if (IN6_IS_ADDR_V4MAPPED(address)) {
		from_v4(&address->s6_addr[12], origin);
		return;
	}
	memcpy(origin->bytes, address->s6_addr, sizeof origin->bytes);
	origin->len = sizeof origin->bytes;
	origin->loopback = IN6_IS_ADDR_LOOPBACK(address);
}

void cme_httpd_origin_of(const struct sockaddr *address, struct cme_httpd_origin *origin)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	*origin = (struct cme_httpd_origin){ 0 };
	if (address->sa_family == AF_INET) {
		memcpy(&in, address, sizeof in);
		from_v4((const unsigned char *)&in.sin_addr.s_addr, origin);
	} else if (address->sa_family == AF_INET6) {
		memcpy(&in6, address, sizeof in6);
		from_v6(&in6.sin6_addr, origin);
	}
}

bool cme_httpd_origin_equal(const struct cme_httpd_origin *a, const struct cme_httpd_origin *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

size_t cme_httpd_origin_bucket(const struct cme_httpd_origin *origin)
{
	size_t hash = origin->len;

	for (size_t i = 0; i < origin->len; i++)
		hash = hash * 31 + origin->bytes[i];
	return (hash ^ hash >> 8) % CME_HTTPD_ORIGIN_BUCKETS;
}
