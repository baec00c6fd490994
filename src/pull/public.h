/* SPDX-License-Identifier: MIT
 *
 * Sources that may stand at public addresses alone (`cme serve --sources public`): what a name resolves to is
 * looked at where it is connected to, so that neither a redirect, a playlist nor a name server that answers
 * differently each time leads into the operator's own network. libcurl opens its sockets here; for
 * libavformat's protocols, getaddrinfo leaves other addresses out. One thread sets it, before any other.
 */
#ifndef CME_PULL_PUBLIC_H
#define CME_PULL_PUBLIC_H

#include <curl/curl.h>
#include <netdb.h>
#include <stdbool.h>

#include "common/err.h"

/* From now on getaddrinfo finds public addresses alone; what it leaves out it says in the refusal. NULL: it
 * finds all. */
void cme_public_only(struct cme_err *refusal);

/* Of what a name resolved to, frees what may not be used. false: nothing is left. */
bool cme_public_keep(struct addrinfo **list);

/* libcurl's open-socket callback; ctx is the refusal. */
curl_socket_t cme_public_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address);

#endif
