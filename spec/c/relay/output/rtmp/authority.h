/* SPDX-License-Identifier: MIT
 *
 * A certificate for 127.0.0.1 that no system trusts, for tests of TLS. Header only, because a test is one
 * source file.
 */
#ifndef CME_SPEC_AUTHORITY_H
#define CME_SPEC_AUTHORITY_H

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

struct authority {
	char path[64]; /* of its certificate, which is the server's too */
	SSL_CTX *server;
};

static void make_authority(struct authority *authority)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);
	X509_EXTENSION *alt = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
	FILE *file;
	int fd;

	snprintf(authority->path, sizeof authority->path, "/tmp/cme-test-ca-XXXXXX");
	fd = mkstemp(authority->path);
	file = fdopen(fd, "w");
	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"cme test", -1, -1, 0);
	X509_set_issuer_name(cert, name);
	X509_add_ext(cert, alt, -1);
	X509_sign(cert, key, EVP_sha256());
	PEM_write_X509(file, cert);
	fclose(file);
	authority->server = SSL_CTX_new(TLS_server_method());
	SSL_CTX_use_certificate(authority->server, cert);
	SSL_CTX_use_PrivateKey(authority->server, key);
	X509_EXTENSION_free(alt);
	X509_free(cert);
	EVP_PKEY_free(key);
}

#endif
