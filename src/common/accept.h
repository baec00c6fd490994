/* SPDX-License-Identifier: MIT
 *
 * Taking a connection off a listening socket. A socket that has no descriptor left for it stays readable, so
 * whoever waits for that is told to rest. Any thread; does not block when the socket does not.
 */
#ifndef CME_COMMON_ACCEPT_H
#define CME_COMMON_ACCEPT_H

#include <stdbool.h>
#include <sys/socket.h>

/* The connection, non-blocking and closed on exec; -1: there is none. *full: descriptors or memory ran out,
 * and it waits until there are some. address: who came; NULL: nobody asks. */
int cme_accept(int fd, struct sockaddr_storage *address, bool *full);

#endif
