/* SPDX-License-Identifier: MIT */
#include "sign/digest.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <stdbool.h>
#include <string.h>

#define FIRST_RESUMING 0x30000030UL /* OpenSSL 3.0.3 */

static const struct {
	const char *name; /* as OpenSSL's providers know it */
	size_t size;      /* bytes */
} HASHES[CME_HASH_COUNT] = {
	[CME_HASH_SHA256] = { "SHA256", 32 },
	[CME_HASH_SHA1] = { "SHA1", 20 },
	[CME_HASH_MD5] = { "MD5", 16 },
};

void cme_digest_init(struct cme_digest *digest)
{
	*digest = (struct cme_digest){ 0 };
}

void cme_digest_forget(struct cme_digest *digest)
{
	for (int i = 0; i < CME_HASH_COUNT; i++)
		EVP_MAC_CTX_free(digest->mac[i].ctx);
	OPENSSL_cleanse(digest->mac, sizeof digest->mac);
}

void cme_digest_fini(struct cme_digest *digest)
{
	cme_digest_forget(digest);
	for (int i = 0; i < CME_HASH_COUNT; i++)
		EVP_MD_free(digest->md[i]);
	EVP_MD_CTX_free(digest->hash);
	EVP_MAC_free(digest->hmac);
	cme_digest_init(digest);
}

size_t cme_digest_size(enum cme_hash hash)
{
	return HASHES[hash].size;
}

/* OpenSSL's reason goes into the message; what else it queued is dropped with it. */
static int crypto_failed(struct cme_err *err, const char *operation, enum cme_hash hash)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return cme_err_set(err, "sign.crypto", "%s '%s': failed (%s)", operation, HASHES[hash].name,
			   reason ? reason : "no reason given");
}

static int ready_hash(struct cme_digest *digest, enum cme_hash hash)
{
	if (!digest->hash && !(digest->hash = EVP_MD_CTX_new()))
		return -1;
	if (!digest->md[hash] && !(digest->md[hash] = EVP_MD_fetch(NULL, HASHES[hash].name, NULL)))
		return -1;
	return 0;
}

int cme_digest_hash(struct cme_digest *digest, enum cme_hash hash, struct cme_bytes data, unsigned char *out,
		    struct cme_err *err)
{
	if (ready_hash(digest, hash) != 0 || !EVP_DigestInit_ex2(digest->hash, digest->md[hash], NULL) ||
	    !EVP_DigestUpdate(digest->hash, data.data, data.len) ||
	    !EVP_DigestFinal_ex(digest->hash, out, NULL))
		return crypto_failed(err, "hash", hash);
	return 0;
}

int cme_digest_hash_hex(struct cme_digest *digest, enum cme_hash hash, struct cme_bytes data,
			char out[CME_HEX_SIZE], struct cme_err *err)
{
	unsigned char raw[CME_HASH_MAX] = { 0 };

	if (cme_digest_hash(digest, hash, data, raw, err) != 0)
		return -1;
	cme_hex(raw, HASHES[hash].size, out);
	return 0;
}

static EVP_MAC_CTX *new_mac(struct cme_digest *digest, enum cme_hash hash)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)HASHES[hash].name, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC_CTX *ctx;

	if (!digest->hmac && !(digest->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL)))
		return NULL;
	ctx = EVP_MAC_CTX_new(digest->hmac);
	if (ctx && EVP_MAC_CTX_set_params(ctx, params))
		return ctx;
	EVP_MAC_CTX_free(ctx);
	return NULL;
}

/* With the same key as last time its two blocks need not be hashed again. OpenSSL before 3.0.3 takes
 * that request too, but goes on from the finished state and gives a wrong result. */
static bool can_resume(const struct cme_digest_mac *mac, struct cme_bytes key)
{
	return mac->key_len > 0 && mac->key_len == key.len && memcmp(mac->key, key.data, key.len) == 0 &&
	       OpenSSL_version_num() >= FIRST_RESUMING;
}

static int start_mac(struct cme_digest_mac *mac, struct cme_bytes key)
{
	if (can_resume(mac, key))
		return EVP_MAC_init(mac->ctx, NULL, 0, NULL) ? 0 : -1;
	mac->key_len = 0;
	if (!EVP_MAC_init(mac->ctx, (const unsigned char *)key.data, key.len, NULL))
		return -1;
	if (key.len <= sizeof mac->key) {
		memcpy(mac->key, key.data, key.len);
		mac->key_len = key.len;
	}
	return 0;
}

int cme_digest_hmac(struct cme_digest *digest, enum cme_hash hash, struct cme_bytes key,
		    struct cme_bytes data, unsigned char *out, struct cme_err *err)
{
	struct cme_digest_mac *mac = &digest->mac[hash];
	size_t len;

	if (!mac->ctx)
		mac->ctx = new_mac(digest, hash);
	if (!mac->ctx || start_mac(mac, key) != 0 ||
	    !EVP_MAC_update(mac->ctx, (const unsigned char *)data.data, data.len) ||
	    !EVP_MAC_final(mac->ctx, out, &len, HASHES[hash].size)) {
		mac->key_len = 0;
		return crypto_failed(err, "hmac", hash);
	}
	return 0;
}

void cme_hex(const unsigned char *data, size_t len, char *out)
{
	static const char DIGITS[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*out++ = DIGITS[data[i] >> 4];
		*out++ = DIGITS[data[i] & 15];
	}
	*out = '\0';
}
