/* SPDX-License-Identifier: MIT
 *
 * The certificate chain and key that a TLS address shows, by GnuTLS, which libmicrohttpd speaks TLS with.
 * Every handshake gets a copy of its own, so that the pair can be replaced at any time without touching
 * connections.
 */
#ifndef CME_HTTPD_IDENTITY_H
#define CME_HTTPD_IDENTITY_H

#include <gnutls/abstract.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

struct cme_httpd_identity;

/* Reads PEM texts: the certificate with those that signed it (its own first), and its key without a
 * passphrase. Returns NULL with code server.certificate; no message holds any of the key. */
struct cme_httpd_identity *cme_httpd_identity_new(const char *certificate, size_t certificate_len,
						  const char *key, size_t key_len, struct cme_err *err);

/* Wipes the key. NULL is allowed. */
void cme_httpd_identity_free(struct cme_httpd_identity *identity);

/* When the certificate expires, in unix seconds. */
int64_t cme_httpd_identity_expires(const struct cme_httpd_identity *identity);

/* Hands out copies that GnuTLS frees (with GNUTLS_CERT_RETR_DEINIT_ALL). Returns 0, or -1 when out of memory.
 */
int cme_httpd_identity_copy(const struct cme_httpd_identity *identity, gnutls_pcert_st **chain,
			    unsigned *count, gnutls_privkey_t *key);

#endif
