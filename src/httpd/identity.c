/* SPDX-License-Identifier: MIT */
#include "httpd/identity.h"

#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#define ID_SIZE 64 /* bytes of a key's id, at most */

struct cme_httpd_identity {
	gnutls_x509_crt_t *chain; /* GnuTLS's array */
	unsigned count;
	gnutls_x509_privkey_t key; /* NULL until it is read */
};

static int fail(struct cme_err *err, const char *what, const char *fact)
{
	return cme_err_set(err, "server.certificate", "%s: %s", what, fact);
}

static gnutls_datum_t datum_of(const char *text, size_t len)
{
	return (gnutls_datum_t){ .data = (unsigned char *)text, .size = (unsigned)len };
}

static int read_chain(struct cme_httpd_identity *identity, const char *text, size_t len, struct cme_err *err)
{
	const gnutls_datum_t datum = datum_of(text, len);
	int code = gnutls_x509_crt_list_import2(&identity->chain, &identity->count, &datum,
						GNUTLS_X509_FMT_PEM, GNUTLS_X509_CRT_LIST_SORT);

	if (code == GNUTLS_E_NO_CERTIFICATE_FOUND || code == GNUTLS_E_BASE64_DECODING_ERROR ||
	    code == GNUTLS_E_BASE64_UNEXPECTED_HEADER_ERROR)
		return fail(err, "certificate", "no certificate in PEM form is in it");
	return code < 0 ? fail(err, "certificate", gnutls_strerror(code)) : 0;
}

static int read_key(struct cme_httpd_identity *identity, const char *text, size_t len, struct cme_err *err)
{
	const gnutls_datum_t datum = datum_of(text, len);
	int code;

	if (memmem(text, len, "ENCRYPTED", strlen("ENCRYPTED")))
		return fail(err, "key",
			    "it has a passphrase, which nobody is there to type (openssl pkey takes it off)");
	code = gnutls_x509_privkey_init(&identity->key);
	if (code == 0)
		code = gnutls_x509_privkey_import2(identity->key, &datum, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (code == GNUTLS_E_BASE64_UNEXPECTED_HEADER_ERROR || code == GNUTLS_E_BASE64_DECODING_ERROR ||
	    code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return fail(err, "key", "no private key in PEM form is in it");
	return code < 0 ? fail(err, "key", gnutls_strerror(code)) : 0;
}

static int check_pair(const struct cme_httpd_identity *identity, struct cme_err *err)
{
	unsigned char of_certificate[ID_SIZE], of_key[ID_SIZE];
	size_t certificate_len = sizeof of_certificate, key_len = sizeof of_key;
	int code = gnutls_x509_crt_get_key_id(identity->chain[0], GNUTLS_KEYID_USE_SHA256, of_certificate,
					      &certificate_len);

	if (code == 0)
		code = gnutls_x509_privkey_get_key_id(identity->key, GNUTLS_KEYID_USE_SHA256, of_key,
						      &key_len);
	if (code < 0)
		return fail(err, "certificate and key", gnutls_strerror(code));
	if (certificate_len != key_len || memcmp(of_certificate, of_key, key_len) != 0)
		return fail(err, "certificate and key", "they do not belong together");
	return 0;
}

struct cme_httpd_identity *cme_httpd_identity_new(const char *certificate, size_t certificate_len,
						  const char *key, size_t key_len, struct cme_err *err)
{
	struct cme_httpd_identity *identity = calloc(1, sizeof *identity);

	if (!identity) {
		cme_err_set(err, "server.memory", "certificate: out of memory");
		return NULL;
	}
	if (read_chain(identity, certificate, certificate_len, err) == 0 &&
	    read_key(identity, key, key_len, err) == 0 && check_pair(identity, err) == 0)
		return identity;
	cme_httpd_identity_free(identity);
	return NULL;
}

void cme_httpd_identity_free(struct cme_httpd_identity *identity)
{
	if (!identity)
		return;
	for (unsigned i = 0; i < identity->count; i++)
		gnutls_x509_crt_deinit(identity->chain[i]);
	gnutls_free(identity->chain);
	if (identity->key)
		gnutls_x509_privkey_deinit(identity->key);
	free(identity);
}

int64_t cme_httpd_identity_expires(const struct cme_httpd_identity *identity)
{
	return gnutls_x509_crt_get_expiration_time(identity->chain[0]);
}

static gnutls_pcert_st *copy_chain(const struct cme_httpd_identity *identity)
{
	gnutls_pcert_st *chain = gnutls_calloc(identity->count, sizeof *chain);
	unsigned done = 0;

	while (chain && done < identity->count &&
	       gnutls_pcert_import_x509(&chain[done], identity->chain[done], 0) == 0)
		done++;
	if (chain && done == identity->count)
		return chain;
	for (unsigned i = 0; i < done; i++)
		gnutls_pcert_deinit(&chain[i]);
	gnutls_free(chain);
	return NULL;
}

int cme_httpd_identity_copy(const struct cme_httpd_identity *identity, gnutls_pcert_st **chain,
			    unsigned *count, gnutls_privkey_t *key)
{
	if (gnutls_privkey_init(key) != 0)
		return -1;
	if (gnutls_privkey_import_x509(*key, identity->key, GNUTLS_PRIVKEY_IMPORT_COPY) == 0) {
		*chain = copy_chain(identity);
		*count = identity->count;
		if (*chain)
			return 0;
	}
	gnutls_privkey_deinit(*key);
	return -1;
}
