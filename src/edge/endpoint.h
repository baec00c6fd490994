/* SPDX-License-Identifier: MIT
 *
 * Addresses with their ports, as text: "192.0.2.1:1935", "[2001:db8::1]:1935". Does not block.
 */
#ifndef CME_EDGE_ENDPOINT_H
#define CME_EDGE_ENDPOINT_H

#include <sys/socket.h>

#include "common/err.h"

#define CME_ENDPOINT_MAX 64 /* bytes of one, with the NUL */

/* Reads one to listen on; the port is a number, 0: any. 0, or -1 with err (local.listen). */
int cme_endpoint_read(const char *text, struct sockaddr_storage *address, socklen_t *len,
		      struct cme_err *err);

void cme_endpoint_show(char out[CME_ENDPOINT_MAX], const struct sockaddr *address);

#endif
