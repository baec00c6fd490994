/* SPDX-License-Identifier: MIT */
#include "pull/http/fault.h"

#include <errno.h>
#include <libavutil/error.h>
#include <strings.h>

static const struct {
	CURLcode result;
	int rc;
} facts[] = {
	{ CURLE_COULDNT_CONNECT, AVERROR(ECONNREFUSED) },
	{ CURLE_OPERATION_TIMEDOUT, AVERROR(ETIMEDOUT) },
	{ CURLE_GOT_NOTHING, AVERROR(ECONNRESET) },
	{ CURLE_RECV_ERROR, AVERROR(ECONNRESET) },
	{ CURLE_SEND_ERROR, AVERROR(EPIPE) },
	{ CURLE_PARTIAL_FILE, AVERROR(ECONNRESET) },
	{ CURLE_OUT_OF_MEMORY, AVERROR(ENOMEM) },
	{ CURLE_RANGE_ERROR, AVERROR(ENOSYS) },
};

static int of_status(long status)
{
	switch (status) {
	case 400:
		return AVERROR_HTTP_BAD_REQUEST;
	case 401:
		return AVERROR_HTTP_UNAUTHORIZED;
	case 403:
		return AVERROR_HTTP_FORBIDDEN;
	case 404:
		return AVERROR_HTTP_NOT_FOUND;
	default:
		return status < 500 ? AVERROR_HTTP_OTHER_4XX : AVERROR_HTTP_SERVER_ERROR;
	}
}

static bool is_tls(CURLcode result)
{
	return result == CURLE_SSL_CONNECT_ERROR || result == CURLE_PEER_FAILED_VERIFICATION ||
	       result == CURLE_SSL_CACERT_BADFILE || result == CURLE_SSL_CERTPROBLEM ||
	       result == CURLE_SSL_CIPHER || result == CURLE_SSL_ISSUER_ERROR;
}

/* libcurl refuses a redirect that leaves TLS as a protocol that is not allowed. */
static bool leaves_tls(struct cme_fetch *fetch)
{
	char *location = NULL;

	curl_easy_getinfo(fetch->easy, CURLINFO_REDIRECT_URL, &location);
	return fetch->web->order->kind->tls && location && strncasecmp(location, "http:", 5) == 0;
}

static void say(struct cme_fetch *fetch)
{
	const char *text = fetch->error[0] ? fetch->error : curl_easy_strerror(fetch->result);

	cme_avlog_scrub(fetch->web->order->url, text, fetch->web->log->error, sizeof fetch->web->log->error);
}

static int of_result(struct cme_fetch *fetch)
{
	long number = 0;

	if (fetch->result == CURLE_COULDNT_CONNECT &&
	    curl_easy_getinfo(fetch->easy, CURLINFO_OS_ERRNO, &number) == CURLE_OK && number)
		return AVERROR((int)number);
	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
		if (facts[i].result == fetch->result)
			return facts[i].rc;
	return AVERROR(EIO);
}

int cme_http_fault(struct cme_fetch *fetch)
{
	struct cme_avlog *log = fetch->web->log;
	long status = 0;

	say(fetch);
	curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status);
	if (fetch->web->refusal->code[0])
		return AVERROR_INVALIDDATA;
	if (fetch->result == CURLE_HTTP_RETURNED_ERROR)
		return of_status(status);
	if (fetch->result == CURLE_UNSUPPORTED_PROTOCOL && leaves_tls(fetch))
		cme_err_set(fetch->web->refusal, "source.refused",
			    "the server redirects from https to plain http");
	else if (fetch->result == CURLE_UNSUPPORTED_PROTOCOL)
		log->unlisted = true;
	else if (fetch->result == CURLE_COULDNT_RESOLVE_HOST || fetch->result == CURLE_COULDNT_RESOLVE_PROXY)
		log->resolve = true;
	else if (is_tls(fetch->result))
		log->tls = true;
	return of_result(fetch);
}

int cme_http_refuse_compressed(struct cme_err *refusal)
{
	cme_err_set(refusal, "media.unsupported",
		    "the server compresses its answer (turn that off for media and playlists)");
	return AVERROR_INVALIDDATA;
}
