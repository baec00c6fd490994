/* SPDX-License-Identifier: MIT
 *
 * SHA-256, SHA-1, MD5 and their HMACs over OpenSSL 3, with every fetched algorithm and context kept
 * between calls: a one-shot HMAC() costs more in look-ups than in hashing. Nothing here knows what
 * is being signed.
 *
 * A struct cme_digest belongs to one thread at a time. All its parts are made at their first use, so
 * init cannot fail, and one that was finished works again (and needs another fini). Functions return
 * 0, or -1 with err filled (code "sign.crypto") and OpenSSL's error queue emptied.
 */
#ifndef CME_SIGN_DIGEST_H
#define CME_SIGN_DIGEST_H

#include <openssl/evp.h>
#include <stddef.h>

#include "common/err.h"

#define CME_SHA256_SIZE 32
#define CME_HASH_MAX    32 /* the longest of all, in bytes */
#define CME_HMAC_BLOCK  64 /* longer keys are not remembered */
#define CME_HEX_SIZE    65 /* that in hex, with its NUL */

enum cme_hash { CME_HASH_SHA256, CME_HASH_SHA1, CME_HASH_MD5, CME_HASH_COUNT };

/* Borrowed bytes; data is never NULL, not even for len 0. */
struct cme_bytes {
	const char *data;
	size_t len;
};

struct cme_digest_mac {
	EVP_MAC_CTX *ctx;                  /* NULL until the first use */
	unsigned char key[CME_HMAC_BLOCK]; /* the key that ctx is ready for, so that it is not set up again */
	size_t key_len;                    /* bytes; 0: none is remembered */
};

struct cme_digest {
	EVP_MD *md[CME_HASH_COUNT];                /* fetched at first use, else NULL */
	EVP_MD_CTX *hash;                          /* reused by every plain hash */
	EVP_MAC *hmac;                             /* fetched at first use, else NULL */
	struct cme_digest_mac mac[CME_HASH_COUNT]; /* one per hash */
};

void cme_digest_init(struct cme_digest *digest);

/* Wipes the keys and frees all of it. Idempotent. */
void cme_digest_fini(struct cme_digest *digest);

/* Wipes the keys that are held for the next HMAC, which then makes a new context. */
void cme_digest_forget(struct cme_digest *digest);

/* Bytes that the hash gives. */
size_t cme_digest_size(enum cme_hash hash);

/* out takes cme_digest_size(hash) bytes. */
int cme_digest_hash(struct cme_digest *digest, enum cme_hash hash, struct cme_bytes data, unsigned char *out,
		    struct cme_err *err);

/* The same in lower-case hex with a NUL. */
int cme_digest_hash_hex(struct cme_digest *digest, enum cme_hash hash, struct cme_bytes data,
			char out[CME_HEX_SIZE], struct cme_err *err);

/* out takes cme_digest_size(hash) bytes; it may be where the key is. Cheapest with the last call's key. */
int cme_digest_hmac(struct cme_digest *digest, enum cme_hash hash, struct cme_bytes key,
		    struct cme_bytes data, unsigned char *out, struct cme_err *err);

/* Writes len bytes as 2 * len lower-case hex digits and a NUL. */
void cme_hex(const unsigned char *data, size_t len, char *out);

#endif
