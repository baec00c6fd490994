/* SPDX-License-Identifier: MIT */
#include "rtmp/link_tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX  (1024 * 1024) /* bytes of a certificate with its chain, or of a key */
#define READS_MAX 64            /* of the socket in one call: messages that say nothing may come for ever */

static BIO_METHOD *method;
static pthread_once_t method_once = PTHREAD_ONCE_INIT;

static bool again(ssize_t n)
{
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static int bio_write(BIO *bio, const char *data, int len)
{
	struct cme_link *link = BIO_get_data(bio);
	ssize_t n = send(link->fd, data, (size_t)len, MSG_NOSIGNAL);

	BIO_clear_retry_flags(bio);
	if (again(n)) {
		BIO_set_retry_write(bio);
		link->more = errno == EINTR;
	}
	if (n > 0)
		link->written += (uint64_t)n;
	return (int)n;
}

static int bio_read(BIO *bio, char *data, int len)
{
	struct cme_link *link = BIO_get_data(bio);
	ssize_t n;

	BIO_clear_retry_flags(bio);
	if (link->reads-- <= 0) {
		BIO_set_retry_read(bio);
		return -1;
	}
	n = recv(link->fd, data, (size_t)len, 0);
	link->ended = n == 0;
	if (again(n)) {
		BIO_set_retry_read(bio);
		link->more = errno == EINTR;
	}
	return (int)n;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
	(void)bio;
	(void)number;
	(void)pointer;
	return command == BIO_CTRL_FLUSH;
}

static int bio_create(BIO *bio)
{
	BIO_set_init(bio, 1);
	return 1;
}

static void make_method(void)
{
	method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "cme link");
	if (!method)
		return;
	BIO_meth_set_write(method, bio_write);
	BIO_meth_set_read(method, bio_read);
	BIO_meth_set_ctrl(method, bio_ctrl);
	BIO_meth_set_create(method, bio_create);
}

/* What both ends' contexts have. NULL with err. */
static SSL_CTX *new_context(const SSL_METHOD *side, struct cme_err *err)
{
	SSL_CTX *context = SSL_CTX_new(side);

	pthread_once(&method_once, make_method);
	if (!context || !method) {
		cme_err_set(err, "network.tls", "TLS could not be set up");
		SSL_CTX_free(context);
		return NULL;
	}
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
	/* or a read goes on for as long as the peer sends records that are no data: updates of its keys */
	SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
	return context;
}

SSL_CTX *cme_link_tls_context(const char *ca_file, struct cme_err *err)
{
	SSL_CTX *context = new_context(TLS_client_method(), err);

	if (!context)
		return NULL;
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_default_verify_paths(context);
	if (ca_file && SSL_CTX_load_verify_locations(context, ca_file, NULL) != 1) {
		cme_err_set(err, "network.tls", "ca file '%s': no certificate could be read", ca_file);
		SSL_CTX_free(context);
		context = NULL;
	}
	ERR_clear_error();
	return context;
}

/* Nobody is there to type a passphrase: OpenSSL would ask the terminal for it, and everything would wait. */
static int no_passphrase(char *text, int size, int writing, void *asked)
{
	(void)text;
	(void)size;
	(void)writing;
	if (asked)
		*(bool *)asked = true;
	return 0;
}

/* A regular file, for nobody may wait for what a pipe or a device gives. NULL: it is none, or cannot be read.
 */
static BIO *open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	FILE *file = NULL;
	BIO *bio;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX)
		file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return NULL;
	}
	bio = BIO_new_fp(file, BIO_CLOSE);
	if (!bio)
		fclose(file);
	return bio;
}

/* The certificate, and those that vouch for it. */
static bool use_certificates(SSL_CTX *context, BIO *bio)
{
	X509 *certificate = PEM_read_bio_X509_AUX(bio, NULL, no_passphrase, NULL);
	bool good = certificate && SSL_CTX_use_certificate(context, certificate) == 1;

	X509_free(certificate);
	ERR_clear_error();
	while (good && (certificate = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL))) {
		good = SSL_CTX_add0_chain_cert(context, certificate) == 1;
		if (!good)
			X509_free(certificate);
	}
	return good && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE; /* that was all */
}

/* 0, or -1 with err. */
static int use_certificate(SSL_CTX *context, const char *path, struct cme_err *err)
{
	BIO *bio = open_file(path);
	bool good = bio && use_certificates(context, bio);

	BIO_free(bio);
	return good ? 0
		    : cme_err_set(err, "network.tls", "certificate '%s': no certificate could be read", path);
}

/* 0, or -1 with err. */
static int use_key(SSL_CTX *context, const char *key, struct cme_err *err)
{
	BIO *bio = open_file(key);
	bool asked = false;
	EVP_PKEY *read = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &asked) : NULL;
	bool good = read && SSL_CTX_use_PrivateKey(context, read) == 1;

	EVP_PKEY_free(read);
	BIO_free(bio);
	if (good)
		return 0;
	if (asked)
		return cme_err_set(err, "network.tls",
				   "key '%s': it has a passphrase, which nobody is there to type (openssl "
				   "pkey takes it off)",
				   key);
	return cme_err_set(err, "network.tls", "key '%s': no key of this certificate could be read", key);
}

SSL_CTX *cme_link_tls_server_context(const char *certificate, const char *key, struct cme_err *err)
{
	SSL_CTX *context = new_context(TLS_server_method(), err);

	if (!context)
		return NULL;
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); /* strangers would fill it */
	if (use_certificate(context, certificate, err) == 0 && use_key(context, key, err) == 0)
		return context;
	ERR_clear_error();
	SSL_CTX_free(context);
	return NULL;
}

/* The name the certificate has to carry, and SNI, which is for names only. */
static int expect_host(SSL *ssl, const char *host)
{
	struct in6_addr address;

	if (inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host);
	return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

/* Puts TLS on the link, for either end. 0 or -1 with err; then some of it may be there. */
static int add_tls(struct cme_link *link, SSL_CTX *context, struct cme_err *err)
{
	BIO *bio = BIO_new(method);

	link->ssl = SSL_new(context);
	link->staged = malloc(CME_LINK_RECORD);
	link->staged_at = link->staged_len = 0;
	if (!bio || !link->ssl || !link->staged) {
		BIO_free(bio);
		return cme_err_set(err, "network.tls", "TLS could not be set up");
	}
	BIO_set_data(bio, link);
	SSL_set_bio(link->ssl, bio, bio);
	return 0;
}

int cme_link_secure(struct cme_link *link, SSL_CTX *context, const char *host, struct cme_err *err)
{
	if (add_tls(link, context, err) != 0)
		return -1;
	if (!expect_host(link->ssl, host))
		return cme_err_set(err, "network.tls", "TLS could not be set up");
	SSL_set_connect_state(link->ssl);
	return 0;
}

int cme_link_serve_tls(struct cme_link *link, SSL_CTX *context, struct cme_err *err)
{
	if (add_tls(link, context, err) != 0)
		return -1;
	SSL_set_accept_state(link->ssl);
	return 0;
}

/* Why a call returned rc. 0: it only has to be made again; else -1 with err. */
static int explain(struct cme_link *link, int rc, struct cme_err *err)
{
	int number = errno;
	int why = SSL_get_error(link->ssl, rc);
	long verdict = SSL_get_verify_result(link->ssl);
	unsigned long reason = ERR_peek_error();
	const char *text = reason ? ERR_reason_error_string(reason) : NULL;

	ERR_clear_error();
	if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
		return 0;
	if (verdict != X509_V_OK)
		return cme_err_set(err, "network.tls", "the certificate was not accepted (%s)",
				   X509_verify_cert_error_string(verdict));
	link->ended = link->ended || why == SSL_ERROR_ZERO_RETURN;
	if (why == SSL_ERROR_ZERO_RETURN || ERR_GET_REASON(reason) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return cme_link_fail(EPIPE, "network.reset", err);
	if (why == SSL_ERROR_SYSCALL)
		return cme_link_fail(number ? number : EPIPE, "network.reset", err);
	return cme_err_set(err, "network.tls", "TLS failed (%s)", text ? text : "no reason given");
}

/* Before each call that reads or writes. */
static void begin_call(struct cme_link *link)
{
	ERR_clear_error();
	errno = 0;
	link->reads = READS_MAX;
	link->more = true;
}

int cme_link_handshake(struct cme_link *link, struct cme_err *err)
{
	int rc;

	begin_call(link);
	rc = SSL_do_handshake(link->ssl);
	return rc == 1 ? 1 : explain(link, rc, err);
}

ssize_t cme_link_tls_read(struct cme_link *link, uint8_t *data, size_t size, struct cme_err *err)
{
	int rc;

	begin_call(link);
	rc = SSL_read(link->ssl, data, (int)(size < CME_LINK_RECORD ? size : CME_LINK_RECORD));
	return rc > 0 ? rc : explain(link, rc, err);
}

int cme_link_tls_flush(struct cme_link *link, struct cme_err *err)
{
	while (link->staged_at < link->staged_len) {
		int rc;

		begin_call(link);
		rc = SSL_write(link->ssl, link->staged + link->staged_at,
			       (int)(link->staged_len - link->staged_at));
		if (rc <= 0)
			return explain(link, rc, err);
		link->staged_at += (size_t)rc;
	}
	return 1;
}

/* Copies the front of the plan into the staging memory. */
static void stage(struct cme_link *link, const struct cme_plan *plan)
{
	link->staged_at = link->staged_len = 0;
	for (int i = 0; i < plan->count && link->staged_len < CME_LINK_RECORD; i++) {
		size_t room = CME_LINK_RECORD - link->staged_len;
		size_t n = plan->iov[i].iov_len < room ? plan->iov[i].iov_len : room;

		memcpy(link->staged + link->staged_len, plan->iov[i].iov_base, n);
		link->staged_len += n;
	}
}

/* What is staged counts as taken: it will be written, or the link fails. */
ssize_t cme_link_tls_write(struct cme_link *link, const struct cme_plan *plan, struct cme_err *err)
{
	int rc = cme_link_tls_flush(link, err);

	if (rc <= 0)
		return rc;
	stage(link, plan);
	return cme_link_tls_flush(link, err) < 0 ? -1 : (ssize_t)link->staged_len;
}

void cme_link_tls_end(struct cme_link *link)
{
	begin_call(link);
	SSL_shutdown(link->ssl);
	ERR_clear_error();
}
