/* SPDX-License-Identifier: MIT
 *
 * The TLS contexts of a process's clients, one for each CA file: to read the system's authorities takes 30 ms
 * and 0.8 MB, which destinations and sources share. A file that has changed since is read anew for who comes
 * then; those that have the old context keep it. Nobody changes a context.
 *
 * Any thread; who comes while another one reads waits for it.
 */
#ifndef CME_RTMP_CLIENT_AUTHORITIES_H
#define CME_RTMP_CLIENT_AUTHORITIES_H

#include <openssl/ssl.h>

#include "common/err.h"

/* What cme_link_tls_context (link.h) makes of this file, which may be NULL. To be released. NULL with err
 * (network.tls, internal). */
SSL_CTX *cme_authorities_acquire(const char *ca_file, struct cme_err *err);

/* Once for each acquire, when no link uses it any more; NULL does nothing. */
void cme_authorities_release(SSL_CTX *context);

#endif
