/* SPDX-License-Identifier: MIT
 *
 * Base64 (RFC 4648, section 4), strict: no blanks, no line ends, padded. Nothing is allocated.
 */
#ifndef CME_SIGN_BASE64_H
#define CME_SIGN_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "sign/digest.h"

#define CME_BASE64_MAX (256 * 1024 * 1024) /* bytes of a text; OpenSSL counts in int */

/* Digits of so many bytes, with their padding. */
#define CME_BASE64_SIZE(len) (((len) + 2) / 3 * 4)

/* Writes CME_BASE64_SIZE(bytes.len) digits and a NUL. The caller keeps bytes.len below CME_BASE64_MAX / 2. */
void cme_base64_encode(struct cme_bytes bytes, char *out);

/* Writes at most text.len / 4 * 3 bytes, those that padding stands for among them. Returns how many count, or
 * -1 when the text is not base64 in its one canonical form (RFC 4648, 3.5), or is longer than CME_BASE64_MAX.
 */
int64_t cme_base64_decode(struct cme_bytes text, unsigned char *out);

#endif
