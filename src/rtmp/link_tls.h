/* SPDX-License-Identifier: MIT
 *
 * The TLS half of a link (link.h has the contract of each); for link.c alone. Reads and writes go through
 * a BIO of ours, because OpenSSL's own would raise SIGPIPE.
 */
#ifndef CME_RTMP_LINK_TLS_H
#define CME_RTMP_LINK_TLS_H

#include "rtmp/link.h"

ssize_t cme_link_tls_read(struct cme_link *link, uint8_t *data, size_t size, struct cme_err *err);
ssize_t cme_link_tls_write(struct cme_link *link, const struct cme_plan *plan, struct cme_err *err);
int cme_link_tls_flush(struct cme_link *link, struct cme_err *err);
void cme_link_tls_end(struct cme_link *link);

/* Fills err from an errno; `code` where the table has none. Returns -1. */
int cme_link_fail(int number, const char *code, struct cme_err *err);

#endif
