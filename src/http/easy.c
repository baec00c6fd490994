/* SPDX-License-Identifier: MIT */
#include "http/easy.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#if LIBCURL_VERSION_NUM < 0x075700
#error "libcurl 7.87 or later is needed (CURLOPT_QUICK_EXIT, CURLOPT_PREREQFUNCTION)"
#endif

#define USER_TIMEOUT_MS 20000 /* sent bytes unacknowledged for so long: the peer is gone */

struct long_option {
	CURLoption option;
	long value;
};

/* The same for every transfer. */
static const struct long_option fixed_options[] = {
	{ CURLOPT_NOSIGNAL, 1 },
	{ CURLOPT_NOPROGRESS, 1 },
	{ CURLOPT_FOLLOWLOCATION, 0 },
	{ CURLOPT_SSL_VERIFYPEER, 1 },
	{ CURLOPT_SSL_VERIFYHOST, 2 },
	{ CURLOPT_PROXY_SSL_VERIFYPEER, 1 },
	{ CURLOPT_PROXY_SSL_VERIFYHOST, 2 },
	{ CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
	{ CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
	{ CURLOPT_HEADEROPT, CURLHEADER_SEPARATE }, /* Authorization is not the proxy's to see */
	{ CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
	{ CURLOPT_TCP_KEEPALIVE, 1 },
	{ CURLOPT_TCP_KEEPIDLE, 30 },
	{ CURLOPT_TCP_KEEPINTVL, 10 },
	/* Servers and what is between close idle connections after a minute or more; meeting that moment
	 * costs a request of unknown outcome. */
	{ CURLOPT_MAXAGE_CONN, 50 },
	/* A resolver thread that outlives its transfer is left to end by itself: joining it would block. */
	{ CURLOPT_QUICK_EXIT, 1 },
};

int cme_http_easy_charge(struct cme_http_transfer *transfer, size_t bytes)
{
	struct cme_http_shared *shared = transfer->shared;

	if (bytes > shared->limit - shared->used)
		return cme_err_set(&transfer->err, "network.too_large",
				   "too much in flight (%s: the pool would hold more than %zu bytes)",
				   transfer->host, shared->limit);
	shared->used += bytes;
	transfer->charged += bytes;
	return 0;
}

static size_t on_header(char *line, size_t size, size_t count, void *arg)
{
	struct cme_http_transfer *transfer = arg;
	size_t len = size * count;

	if (cme_http_head_add(&transfer->head, line, len) == 0) {
		if (transfer->stream && transfer->head.ended)
			cme_http_transfer_answered(transfer);
		return len;
	}
	cme_err_set(&transfer->err, "network.too_large", "the answer's head is too large (%s)",
		    transfer->host);
	return 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct cme_http_transfer *transfer = arg;
	size_t len = size * count;

	if (transfer->stream && !cme_http_parts_have_room(transfer, len))
		return CURL_WRITEFUNC_PAUSE;
	if (cme_http_easy_charge(transfer, len) != 0 || cme_buf_append(&transfer->body, data, len) != 0)
		return 0;
	if (transfer->stream)
		cme_http_parts_came(transfer);
	return len;
}

/* libcurl is about to write the request to a connection. */
static int on_request(void *arg, char *peer_ip, char *own_ip, int peer_port, int own_port)
{
	struct cme_http_transfer *transfer = arg;

	(void)peer_ip, (void)own_ip, (void)peer_port;
	if (cme_http_resend_allow(&transfer->resend, &transfer->shared->goaways, own_port))
		return CURL_PREREQFUNC_OK;
	cme_err_set(&transfer->err, "network.reset", "connection closed without an answer (%s)",
		    transfer->host);
	return CURL_PREREQFUNC_ABORT;
}

static int on_trace(CURL *easy, curl_infotype type, char *data, size_t size, void *arg)
{
	struct cme_http_transfer *transfer = arg;

	(void)easy;
	if (type == CURLINFO_TEXT && transfer->resend.attempts > 0)
		cme_http_resend_trace(&transfer->resend, &transfer->shared->goaways, data, size);
	return 0;
}

/* As libcurl would, but closed in programs that the script starts, and given up when the peer is gone:
 * an HTTP/2 connection is shared, so a dead one would fail request after request. */
static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *addr)
{
	int fd = socket(addr->family, addr->socktype | SOCK_CLOEXEC, addr->protocol);
	unsigned timeout_ms = USER_TIMEOUT_MS;

	(void)arg, (void)purpose;
	if (fd >= 0 && addr->socktype == SOCK_STREAM && (addr->family == AF_INET || addr->family == AF_INET6))
		setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static CURLcode set_fixed(struct cme_http_transfer *transfer)
{
	CURL *easy = transfer->easy;
	CURLcode rc = CURLE_OK;

	for (size_t i = 0; i < sizeof fixed_options / sizeof *fixed_options; i++)
		rc |= curl_easy_setopt(easy, fixed_options[i].option, fixed_options[i].value);
	rc |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	rc |= curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	rc |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->text);
	rc |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	rc |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	rc |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	rc |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	rc |= curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
	rc |= curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
	rc |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	return rc;
}

/* libcurl has two default places of the system's CAs, a bundle and a directory. The bundle is parsed once
 * per pool, but only where no directory is set beside it (17 ms of CPU for every connection otherwise).
 * With ca_file in the bundle's place the system's CAs come from the directory, which is read by need. */
static CURLcode set_trust(struct cme_http_transfer *transfer, const struct cme_http_request *request)
{
	if (request->ca_file)
		return curl_easy_setopt(transfer->easy, CURLOPT_CAINFO, request->ca_file);
	return curl_easy_setopt(transfer->easy, transfer->shared->bundle ? CURLOPT_CAPATH : CURLOPT_CAINFO,
				NULL);
}

/* A URL that libcurl gets as text it parses, and writes out again, with each request; one that is parsed it
 * only copies. Text stays what it cannot parse, so that the transfer tells what is wrong, and what may have a
 * zone, which its copies lose (7.88). */
static CURLcode set_url(struct cme_http_transfer *transfer, const char *text)
{
	curl_url_cleanup(transfer->url);
	transfer->url = strchr(text, '%') ? NULL : curl_url();
	if (transfer->url && curl_url_set(transfer->url, CURLUPART_URL, text, 0) == CURLUE_OK)
		return curl_easy_setopt(transfer->easy, CURLOPT_CURLU, transfer->url);
	return curl_easy_setopt(transfer->easy, CURLOPT_URL, text);
}

/* Where it goes, over what, and for how long. */
static CURLcode set_route(struct cme_http_transfer *transfer, const struct cme_http_request *request)
{
	CURL *easy = transfer->easy;
	CURLcode rc = CURLE_OK;

	rc |= set_url(transfer, request->url);
	rc |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, request->stream ? 0L : request->timeout_ms);
	rc |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, request->connect_timeout_ms);
	rc |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
			       transfer->shares ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
	/* Wait for a connection being made and share it; without HTTP/2 there is nothing to share. */
	rc |= curl_easy_setopt(easy, CURLOPT_PIPEWAIT, transfer->shares ? 1L : 0L);
	if (transfer->shares) {
		rc |= curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_trace);
		rc |= curl_easy_setopt(easy, CURLOPT_DEBUGDATA, transfer);
		rc |= curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
	}
	/* Empty strings, not NULL: NULL would have libcurl read http_proxy and no_proxy. */
	rc |= curl_easy_setopt(easy, CURLOPT_PROXY, request->proxy ? request->proxy : "");
	rc |= curl_easy_setopt(easy, CURLOPT_NOPROXY, request->no_proxy ? request->no_proxy : "");
	/* libcurl keeps connections made with one certificate apart from those made with another, or none. */
	rc |= curl_easy_setopt(easy, CURLOPT_SSLCERT, request->cert_file);
	rc |= curl_easy_setopt(easy, CURLOPT_SSLKEY, request->key_file);
	return rc | set_trust(transfer, request);
}

static bool has_body(const struct cme_http_request *request)
{
	return request->body || strcmp(request->method, "POST") == 0 || strcmp(request->method, "PUT") == 0;
}

static CURLcode set_method(struct cme_http_transfer *transfer, const struct cme_http_request *request)
{
	CURL *easy = transfer->easy;
	CURLcode rc = CURLE_OK;

	if (has_body(request))
		rc |= curl_easy_setopt(easy, CURLOPT_POST, 1L);
	if (strcmp(request->method, "HEAD") == 0)
		rc |= curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else if (!request->stream)
		rc |= curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->max_response);
	return rc | curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

/* An optional text: absent and empty are two things. */
static void add_text(struct cme_buf *shape, const char *text)
{
	cme_buf_append(shape, text ? "+" : "-", 1);
	cme_buf_append(shape, text ? text : "", text ? strlen(text) + 1 : 1);
}

/* All of a request that options of the easy handle are made of, but its headers and body. */
static int write_shape(struct cme_buf *shape, const struct cme_http_request *request)
{
	const int64_t numbers[] = {
		request->timeout_ms, request->connect_timeout_ms, (int64_t)request->max_response,
		request->http1,      has_body(request),           request->stream
	};

	cme_buf_reset(shape);
	cme_buf_append(shape, numbers, sizeof numbers);
	add_text(shape, request->url);
	add_text(shape, request->method);
	add_text(shape, request->ca_file);
	add_text(shape, request->cert_file);
	add_text(shape, request->key_file);
	add_text(shape, request->proxy);
	add_text(shape, request->no_proxy);
	return shape->failed ? -1 : 0;
}

static bool is_same(const struct cme_buf *a, const struct cme_buf *b)
{
	return a->len == b->len && a->len && memcmp(a->data, b->data, a->len) == 0;
}

/* Sets the easy handle up for requests of this shape. Most are of the shape that the handle has from the last
 * one: setting three dozen options again would take as long as libcurl's own work on a request. */
static CURLcode take_shape(struct cme_http_transfer *transfer, const struct cme_http_request *request)
{
	struct cme_buf last;
	CURLcode rc;

	if (write_shape(&transfer->wanted, request) != 0)
		return CURLE_OUT_OF_MEMORY;
	if (is_same(&transfer->shape, &transfer->wanted))
		return CURLE_OK;
	cme_buf_reset(&transfer->shape);
	curl_easy_reset(transfer->easy);
	rc = set_fixed(transfer) | set_route(transfer, request) | set_method(transfer, request);
	if (rc != CURLE_OK)
		return rc;
	last = transfer->shape;
	transfer->shape = transfer->wanted;
	transfer->wanted = last;
	return CURLE_OK;
}

/* What no request has in common with the last. */
static CURLcode set_content(struct cme_http_transfer *transfer, const struct cme_http_request *request)
{
	CURL *easy = transfer->easy;
	CURLcode rc = curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->lines.list);

	if (has_body(request)) {
		rc |= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, cme_buf_str(&transfer->request_body));
		rc |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
	}
	return rc;
}

CURLcode cme_http_easy_set(struct cme_http_transfer *transfer, const struct cme_http_request *request)
{
	return take_shape(transfer, request) | set_content(transfer, request);
}
