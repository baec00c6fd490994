/* SPDX-License-Identifier: MIT
 *
 * Looking up a host's addresses without waiting. getaddrinfo can neither be interrupted nor given a
 * deadline, so each lookup has a thread of its own, which ends when getaddrinfo does; whoever asked may
 * have lost interest by then. So a slow name server delays only the names that it serves. Numeric addresses
 * need no thread and are there at once.
 *
 * A lookup has two owners, the one who asked and the thread, and is freed by the last to let go.
 */
#ifndef CME_RTMP_RESOLVER_H
#define CME_RTMP_RESOLVER_H

#include <netdb.h>
#include <stdint.h>

#include "common/err.h"

struct cme_lookup;

/* Begins a lookup for TCP. wake_fd is an eventfd, written to once there is a result; it may be closed
 * any time. NULL with err: out of memory, threads or descriptors. */
struct cme_lookup *cme_lookup_start(const char *host, uint16_t port, int wake_fd, struct cme_err *err);

/* 0: still running; 1: *list has the addresses, valid until the drop; -1 with err (network.resolve). */
int cme_lookup_result(struct cme_lookup *lookup, const struct addrinfo **list, struct cme_err *err);

/* Lets go of the lookup; it may still be running. NULL does nothing. */
void cme_lookup_drop(struct cme_lookup *lookup);

#endif
