/* SPDX-License-Identifier: MIT
 *
 * Who a connection is from, for counting: an IPv4 address, or the /64 network of an IPv6 one, since a single
 * host has all of that. Pure.
 */
#ifndef CME_HTTPD_ORIGIN_H
#define CME_HTTPD_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define CME_HTTPD_ORIGIN_BUCKETS 256

struct cme_httpd_origin {
	unsigned char bytes[8];
	size_t len;    /* of bytes in use: 4, 8; 0 for what is neither IPv4 nor IPv6 */
	bool loopback; /* of this machine */
};

/* IPv4 carried in IPv6 counts as IPv4. */
void cme_httpd_origin_of(const struct sockaddr *address, struct cme_httpd_origin *origin);

bool cme_httpd_origin_equal(const struct cme_httpd_origin *a, const struct cme_httpd_origin *b);

/* Below CME_HTTPD_ORIGIN_BUCKETS; the same for equal ones. */
size_t cme_httpd_origin_bucket(const struct cme_httpd_origin *origin);

#endif
