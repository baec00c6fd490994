/* SPDX-License-Identifier: MIT
 *
 * Whole texts at rest, sealed by keys that are replaced from time to time: a file has one key a line, the
 * first of which seals and all of which open. A sealed text says which key it needs, and is bound to the name
 * of the record that it stands in, so that it is of no use in another's place.
 *
 *    sealed = "s1." id "." base64 of what cme_seal gives          id = 8 hex digits that tell keys apart
 *
 * Functions return 0, or -1 with err filled and OpenSSL's error queue emptied. A keyring that nobody changes
 * may be used by many threads.
 */
#ifndef CME_SIGN_KEYRING_H
#define CME_SIGN_KEYRING_H

#include <stdbool.h>

#include "common/buf.h"
#include "sign/digest.h"
#include "sign/seal.h"

#define CME_KEYRING_MAX     8 /* keys */
#define CME_KEYRING_ID_SIZE 9 /* bytes of an id, with its NUL */

struct cme_keyring_key {
	unsigned char key[CME_SEAL_KEY_SIZE];
	char id[CME_KEYRING_ID_SIZE]; /* HMAC-SHA256 of a fixed text, cut: says nothing about the key */
};

struct cme_keyring {
	struct cme_keyring_key keys[CME_KEYRING_MAX];
	size_t count; /* 0: none was read, or they were wiped */
};

/* Reads the text of a key file: 64 hex digits or the base64 of 32 bytes on each line; empty lines and those
 * that begin with "#" are passed over. Code "invalid.seal_key"; the ring is empty then. */
int cme_keyring_read(struct cme_keyring *ring, struct cme_digest *digest, struct cme_bytes text,
		     struct cme_err *err);

/* Empties it. Idempotent. */
void cme_keyring_wipe(struct cme_keyring *ring);

/* Appends the sealed form of plain to out. Codes: "invalid.plain" (longer than CME_SEAL_MAX), "sign.crypto",
 * "sign.memory" (past out's limit, or no memory). */
int cme_keyring_seal(const struct cme_keyring *ring, struct cme_bytes name, struct cme_bytes plain,
		     struct cme_buf *out, struct cme_err *err);

/* Whether a text was sealed by the key that seals now. What was sealed is not looked at. */
bool cme_keyring_is_current(const struct cme_keyring *ring, struct cme_bytes sealed);

/* Appends the plain text of a sealed one to out; nothing when it fails. Codes: "sign.sealed" (no sealed text,
 * another name, or changed), "sign.seal_key" (its key is not in the ring), "sign.memory". */
int cme_keyring_open(const struct cme_keyring *ring, struct cme_bytes name, struct cme_bytes sealed,
		     struct cme_buf *out, struct cme_err *err);

#endif
