/* SPDX-License-Identifier: MIT */
#include "sign/seal.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdbool.h>

#define NONCE_SIZE 12
#define TAG_SIZE   16

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int cme_unhex(struct cme_bytes hex, unsigned char *out)
{
	if (hex.len % 2)
		return -1;
	for (size_t i = 0; i < hex.len; i += 2) {
		int high = digit_of(hex.data[i]), low = digit_of(hex.data[i + 1]);

		if (high < 0 || low < 0)
			return -1;
		out[i / 2] = (unsigned char)(high << 4 | low);
	}
	return 0;
}

int cme_seal_key_from_hex(struct cme_bytes hex, unsigned char key[CME_SEAL_KEY_SIZE], struct cme_err *err)
{
	if (hex.len == 2 * (size_t)CME_SEAL_KEY_SIZE && cme_unhex(hex, key) == 0)
		return 0;
	OPENSSL_cleanse(key, CME_SEAL_KEY_SIZE);
	return cme_err_set(err, "invalid.master_key", "master key: 64 hex digits expected");
}

static int crypto_failed(struct cme_err *err, const char *operation)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return cme_err_set(err, "sign.crypto", "%s 'AES-256-GCM': failed (%s)", operation,
			   reason ? reason : "no reason given");
}

/* Encrypts or decrypts all but the tag. An empty text is one too. */
static bool run(EVP_CIPHER_CTX *ctx, struct cme_bytes context, const unsigned char *in, size_t len,
		unsigned char *out)
{
	int done;

	return EVP_CipherUpdate(ctx, NULL, &done, (const unsigned char *)context.data, (int)context.len) &&
	       (len == 0 || EVP_CipherUpdate(ctx, out, &done, in, (int)len));
}

int cme_seal(const unsigned char key[CME_SEAL_KEY_SIZE], struct cme_bytes context, struct cme_bytes plain,
	     unsigned char *out, struct cme_err *err)
{
	unsigned char *tag = out + NONCE_SIZE, *text = out + CME_SEAL_EXTRA;
	EVP_CIPHER_CTX *ctx;
	bool ok;
	int done;

	if (plain.len > CME_SEAL_MAX || context.len > CME_SEAL_MAX)
		return cme_err_set(err, "invalid.plain", "seal: more than %d bytes", CME_SEAL_MAX);
	ctx = EVP_CIPHER_CTX_new();
	ok = ctx && RAND_bytes(out, NONCE_SIZE) == 1 &&
	     EVP_EncryptInit_ex2(ctx, EVP_aes_256_gcm(), key, out, NULL) &&
	     run(ctx, context, (const unsigned char *)plain.data, plain.len, text) &&
	     EVP_EncryptFinal_ex(ctx, text + plain.len, &done) &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, tag);
	EVP_CIPHER_CTX_free(ctx); /* wipes its key */
	return ok ? 0 : crypto_failed(err, "seal");
}

int cme_unseal(const unsigned char key[CME_SEAL_KEY_SIZE], struct cme_bytes context, struct cme_bytes sealed,
	       unsigned char *out, struct cme_err *err)
{
	const unsigned char *in = (const unsigned char *)sealed.data;
	unsigned char tag[TAG_SIZE];
	EVP_CIPHER_CTX *ctx;
	size_t len;
	bool ok;
	int done;

	if (sealed.len < CME_SEAL_EXTRA || sealed.len > CME_SEAL_EXTRA + CME_SEAL_MAX ||
	    context.len > CME_SEAL_MAX)
		return cme_err_set(err, "sign.sealed", "unseal: not a sealed text");
	len = sealed.len - CME_SEAL_EXTRA;
	for (size_t i = 0; i < TAG_SIZE; i++) /* OpenSSL takes it by a pointer that is not const */
		tag[i] = in[NONCE_SIZE + i];
	ctx = EVP_CIPHER_CTX_new();
	ok = ctx && EVP_DecryptInit_ex2(ctx, EVP_aes_256_gcm(), key, in, NULL) &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag) &&
	     run(ctx, context, in + CME_SEAL_EXTRA, len, out) && EVP_DecryptFinal_ex(ctx, out + len, &done);
	EVP_CIPHER_CTX_free(ctx);
	if (ok)
		return 0;
	OPENSSL_cleanse(out, len);
	ERR_clear_error();
	return cme_err_set(err, "sign.sealed",
			   "unseal: it was sealed with another key, for another owner, or changed");
}
