/* SPDX-License-Identifier: MIT */
#include "http/error.h"

#include <stdio.h>
#include <string.h>

#define REASON_MAX 256

/* Where the words in parentheses after the host come from. */
enum reason {
	REASON_NONE,
	REASON_SYSTEM, /* strerror of the failed call */
	REASON_TLS,    /* libcurl's text, which in these cases speaks of certificates and handshakes */
	REASON_CURL,   /* libcurl's name for the result, a constant */
};

struct mapping {
	const char *code;
	const char *fact;
	CURLcode result;
	enum reason reason;
};

#define RESET    "network.reset"
#define TLS      "network.tls"
#define PROXY    "network.proxy"
#define LARGE    "network.too_large"
#define PROTOCOL "network.protocol"

static const struct mapping mappings[] = {
	{ "network.resolve", "could not resolve host", CURLE_COULDNT_RESOLVE_HOST, REASON_NONE },
	{ PROXY, "could not resolve the proxy's name", CURLE_COULDNT_RESOLVE_PROXY, REASON_NONE },
	{ PROXY, "the proxy did not connect", CURLE_PROXY, REASON_NONE },
	{ "network.connect", "could not connect", CURLE_COULDNT_CONNECT, REASON_SYSTEM },
	{ "network.connect", "could not connect", CURLE_INTERFACE_FAILED, REASON_SYSTEM },
	{ "network.timeout", "timed out", CURLE_OPERATION_TIMEDOUT, REASON_NONE },
	{ RESET, "connection lost", CURLE_SEND_ERROR, REASON_SYSTEM },
	{ RESET, "connection lost", CURLE_RECV_ERROR, REASON_SYSTEM },
	{ RESET, "connection closed without an answer", CURLE_GOT_NOTHING, REASON_NONE },
	{ RESET, "connection closed in the middle of the answer", CURLE_PARTIAL_FILE, REASON_NONE },
	{ RESET, "the server reset the stream", CURLE_HTTP2_STREAM, REASON_NONE },
	{ RESET, "the HTTP/2 connection failed", CURLE_HTTP2, REASON_NONE },
	{ RESET, "connection lost", CURLE_SEND_FAIL_REWIND, REASON_NONE },
	{ TLS, "certificate not accepted", CURLE_PEER_FAILED_VERIFICATION, REASON_TLS },
	{ TLS, "ca_file cannot be used", CURLE_SSL_CACERT_BADFILE, REASON_NONE },
	{ TLS, "TLS handshake failed", CURLE_SSL_CONNECT_ERROR, REASON_TLS },
	{ TLS, "TLS handshake failed", CURLE_SSL_CERTPROBLEM, REASON_TLS },
	{ TLS, "TLS handshake failed", CURLE_SSL_CIPHER, REASON_TLS },
	{ TLS, "certificate not accepted", CURLE_SSL_ISSUER_ERROR, REASON_TLS },
	{ TLS, "certificate not accepted", CURLE_SSL_INVALIDCERTSTATUS, REASON_TLS },
	{ TLS, "the server wants a client certificate", CURLE_SSL_CLIENTCERT, REASON_NONE },
	{ TLS, "TLS could not be set up", CURLE_SSL_CRL_BADFILE, REASON_CURL },
	{ TLS, "TLS could not be set up", CURLE_SSL_ENGINE_NOTFOUND, REASON_CURL },
	{ TLS, "TLS could not be set up", CURLE_SSL_ENGINE_SETFAILED, REASON_CURL },
	{ TLS, "TLS could not be set up", CURLE_SSL_ENGINE_INITFAILED, REASON_CURL },
	{ TLS, "TLS could not be set up", CURLE_USE_SSL_FAILED, REASON_CURL },
	{ PROTOCOL, "not a URL that can be asked", CURLE_URL_MALFORMAT, REASON_NONE },
	{ PROTOCOL, "not an HTTP answer", CURLE_UNSUPPORTED_PROTOCOL, REASON_NONE },
	{ PROTOCOL, "not an HTTP answer", CURLE_WEIRD_SERVER_REPLY, REASON_NONE },
	{ LARGE, "the answer is larger than max_response", CURLE_FILESIZE_EXCEEDED, REASON_NONE },
	{ LARGE, "the answer is larger than max_response", CURLE_WRITE_ERROR, REASON_NONE },
	{ LARGE, "out of memory", CURLE_OUT_OF_MEMORY, REASON_NONE },
	{ "network.cancelled", "cancelled", CURLE_ABORTED_BY_CALLBACK, REASON_NONE },
};

static const struct mapping unknown = { PROTOCOL, "HTTP exchange failed", CURLE_OK, REASON_CURL };
static const struct mapping refused_by_proxy = { PROXY, "the proxy refused to connect", CURLE_OK,
						 REASON_NONE };
static const struct mapping proxy_down = { PROXY, "could not connect to the proxy", CURLE_OK, REASON_SYSTEM };
static const struct mapping no_tls = { TLS, "the server does not speak TLS", CURLE_OK, REASON_NONE };
static const struct mapping cut_handshake = { RESET, "connection lost in the TLS handshake", CURLE_OK,
					      REASON_NONE };

/* How OpenSSL, through libcurl, names a peer that hung up instead of shaking hands. */
static bool handshake_was_cut(const char *detail)
{
	static const char *const signs[] = { "SSL_ERROR_SYSCALL", "unexpected eof", "Connection reset" };

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (strstr(detail, signs[i]))
			return true;
	return false;
}

static const struct mapping *find(const struct cme_http_failure *failure)
{
	if (failure->connect_code && failure->connect_code / 100 != 2)
		return &refused_by_proxy;
	if (failure->result == CURLE_COULDNT_CONNECT && failure->proxied)
		return &proxy_down;
	if (failure->result == CURLE_SSL_CONNECT_ERROR && handshake_was_cut(failure->detail))
		return &cut_handshake;
	if (failure->result == CURLE_SSL_CONNECT_ERROR && strstr(failure->detail, "wrong version number"))
		return &no_tls;
	for (size_t i = 0; i < sizeof mappings / sizeof *mappings; i++)
		if (mappings[i].result == failure->result)
			return &mappings[i];
	return &unknown;
}

/* The words in parentheses after the host, or none. */
static void reason_text(const struct mapping *map, const struct cme_http_failure *failure, char *out,
			size_t size)
{
	const char *words = "";

	if (map->reason == REASON_SYSTEM && failure->os_errno)
		words = strerror(failure->os_errno);
	else if (map->reason == REASON_TLS)
		words = failure->detail;
	else if (map->reason == REASON_CURL)
		words = curl_easy_strerror(failure->result);
	snprintf(out, size, "%s", words);
	for (char *c = out; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
}

void cme_http_describe(const struct cme_http_failure *failure, struct cme_err *err)
{
	const struct mapping *map = find(failure);
	char reason[REASON_MAX];

	reason_text(map, failure, reason, sizeof reason);
	if (map == &refused_by_proxy)
		cme_err_set(err, map->code, "%s (%s: it answered %ld)", map->fact, failure->host,
			    failure->connect_code);
	else if (map->result == CURLE_OPERATION_TIMEDOUT && failure->sent)
		cme_err_set(err, map->code, "%s (%s: no whole answer within %g s)", map->fact, failure->host,
			    failure->timeout);
	else if (map->result == CURLE_OPERATION_TIMEDOUT)
		cme_err_set(err, map->code, "%s (%s: no connection within %g s)", map->fact, failure->host,
			    failure->timeout);
	else if (reason[0])
		cme_err_set(err, map->code, "%s (%s: %s)", map->fact, failure->host, reason);
	else
		cme_err_set(err, map->code, "%s (%s)", map->fact, failure->host);
}
