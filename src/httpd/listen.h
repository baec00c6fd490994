/* SPDX-License-Identifier: MIT
 *
 * The listening socket and the process's descriptors. Addresses are numeric (plus "localhost"): a name
 * would mean a lookup that nobody can bound.
 */
#ifndef CME_HTTPD_LISTEN_H
#define CME_HTTPD_LISTEN_H

#include <stddef.h>
#include <sys/socket.h>

#include "common/err.h"

#define CME_HTTPD_ADDRESS_MAX 64 /* "[ipv6]:port" and its NUL */

/* Binds and listens, non-blocking and close-on-exec; port 0 picks a free one. "::" takes IPv4 too.
 * Returns the descriptor, or -1 with code server.listen. */
int cme_httpd_listen_open(const char *host, unsigned port, struct cme_err *err);

/* The address a socket is bound to: host without brackets, CME_HTTPD_ADDRESS_MAX bytes. Returns the port. */
unsigned cme_httpd_listen_address(int fd, char *host);

/* "1.2.3.4:80" or "[::1]:80"; IPv4 carried in IPv6 is written as IPv4. out: CME_HTTPD_ADDRESS_MAX bytes. */
void cme_httpd_address_text(const struct sockaddr *address, char *out);

/* Raises the process's soft limit of descriptors as far as that many connections need and the hard
 * limit allows. Returns how many connections there is room for, at most `wanted`. */
unsigned cme_httpd_descriptors_ensure(unsigned wanted);

#endif
