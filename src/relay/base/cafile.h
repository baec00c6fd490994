/* SPDX-License-Identifier: MIT
 *
 * The certificates to trust, as one file for TLS here and in our children: the system's, and those of
 * --ca-file added.
 */
#ifndef CME_RELAY_BASE_CAFILE_H
#define CME_RELAY_BASE_CAFILE_H

#include <stddef.h>

#include "common/err.h"

#define CME_CAFILE_SYSTEM "/etc/ssl/certs/ca-certificates.crt"

/* Writes to path (size bytes) the name of a file for `ca_file`: with extra NULL the system's, "" if
 * there is none; else a file in memory, held until the process ends. 0, or -1 when extra cannot be read. */
int cme_cafile(const char *extra, char *path, size_t size, struct cme_err *err);

#endif
