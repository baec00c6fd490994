/* SPDX-License-Identifier: MIT
 *
 * Secrets at rest: AES-256-GCM under a key that is kept apart from what it seals. A sealed text is bound
 * to its context (the secret id or the record it belongs to), so that it is of no use in another's place.
 *
 *    sealed = nonce (12 random bytes) | tag (16) | ciphertext (as long as the plain text)
 *
 * Functions return 0, or -1 with err filled and OpenSSL's error queue emptied. Nothing is allocated and
 * nothing kept between calls. Any thread may call them.
 */
#ifndef CME_SIGN_SEAL_H
#define CME_SIGN_SEAL_H

#include <stddef.h>

#include "sign/digest.h"

#define CME_SEAL_KEY_SIZE 32                /* bytes */
#define CME_SEAL_EXTRA    28                /* bytes that a sealed text has more than its plain text */
#define CME_SEAL_MAX      (4 * 1024 * 1024) /* bytes of plain text, or of context */

/* Reads 64 hex digits of either case. Returns -1 with code "invalid.master_key" for anything else. */
int cme_seal_key_from_hex(struct cme_bytes hex, unsigned char key[CME_SEAL_KEY_SIZE], struct cme_err *err);

/* out takes plain.len + CME_SEAL_EXTRA bytes. Codes: "invalid.plain" (longer than CME_SEAL_MAX),
 * "sign.crypto". */
int cme_seal(const unsigned char key[CME_SEAL_KEY_SIZE], struct cme_bytes context, struct cme_bytes plain,
	     unsigned char *out, struct cme_err *err);

/* out takes sealed.len - CME_SEAL_EXTRA bytes, CME_SEAL_MAX at most; it is wiped when the text is not what
 * that key sealed for that context (code "sign.sealed"). */
int cme_unseal(const unsigned char key[CME_SEAL_KEY_SIZE], struct cme_bytes context, struct cme_bytes sealed,
	       unsigned char *out, struct cme_err *err);

/* Reads hex digits into out, which takes hex.len / 2 bytes. Returns -1 when they are not hex or an odd
 * number. */
int cme_unhex(struct cme_bytes hex, unsigned char *out);

#endif
