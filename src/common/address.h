/* SPDX-License-Identifier: MIT
 *
 * Which addresses belong to the public internet: everything but what the registries of special-purpose
 * addresses (RFC 6890) reserve, multicast, and addresses of version 6 that carry one of version 4 which is
 * not public. Pure; any thread.
 */
#ifndef CME_COMMON_ADDRESS_H
#define CME_COMMON_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* false for other families than IPv4 and IPv6. */
bool cme_address_public(const struct sockaddr *address);

/* Writes the address as people know it, without a port. Returns out. */
const char *cme_address_text(const struct sockaddr *address, char *out, unsigned size);

#endif
