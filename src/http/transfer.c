/* SPDX-License-Identifier: MIT */
#include "http/transfer.h"

#include <stdlib.h>
#include <string.h>

#include "http/easy.h"
#include "http/error.h"

#define CHARGE_FIXED 16384 /* bytes that an easy handle and its read buffer take, about */
#define KEEP_BODY    65536 /* a larger buffer of a body is not kept for the next request */
#define BODY_MAX     (SIZE_MAX / 4)

struct cme_http_transfer *cme_http_transfer_new(struct cme_http_shared *shared)
{
	struct cme_http_transfer *transfer = calloc(1, sizeof *transfer);

	if (!transfer)
		return NULL;
	transfer->easy = curl_easy_init();
	if (!transfer->easy) {
		free(transfer);
		return NULL;
	}
	transfer->shared = shared;
	cme_http_head_init(&transfer->head);
	cme_buf_init(&transfer->body, 0);
	cme_buf_init(&transfer->request_body, BODY_MAX);
	cme_http_lines_init(&transfer->lines);
	cme_buf_init(&transfer->shape, BODY_MAX);
	cme_buf_init(&transfer->wanted, BODY_MAX);
	return transfer;
}

void cme_http_transfer_free(struct cme_http_transfer *transfer)
{
	if (!transfer)
		return;
	transfer->shared->used -= transfer->charged;
	curl_easy_cleanup(transfer->easy);
	curl_url_cleanup(transfer->url);
	cme_buf_fini(&transfer->request_body);
	cme_http_lines_fini(&transfer->lines);
	cme_buf_fini(&transfer->shape);
	cme_buf_fini(&transfer->wanted);
	cme_http_head_fini(&transfer->head);
	cme_buf_fini(&transfer->body);
	free(transfer);
}

/* Empties a buffer; what it has grown to is kept for the next request unless that is a lot. */
static void empty(struct cme_buf *buf)
{
	cme_buf_reset(buf);
	if (buf->cap > KEEP_BODY)
		cme_buf_fini(buf);
}

void cme_http_transfer_reset(struct cme_http_transfer *transfer)
{
	/* libcurl before 8.17 counts its retries of all requests of a handle together, and fails every sixth.
	 * Setting the handle up anew clears the count. */
	if (transfer->err.code[0] || transfer->resend.rounds > 0 || transfer->resend.attempts > 1)
		cme_buf_reset(&transfer->shape);
	empty(&transfer->request_body);
	transfer->shared->used -= transfer->charged;
	transfer->charged = 0;
	cme_http_head_reset(&transfer->head);
	empty(&transfer->body);
	transfer->id = 0;
	transfer->err.code[0] = '\0';
	transfer->status = 0;
	transfer->sent = false;
	transfer->connects = 0;
	transfer->seconds = 0;
	transfer->resend = (struct cme_http_resend){ 0 };
	transfer->text[0] = '\0';
	transfer->parts = (struct cme_http_parts){ 0 };
}

void cme_http_transfer_take(struct cme_http_transfer *transfer)
{
	size_t len = transfer->body.len;

	empty(&transfer->body);
	transfer->shared->used -= len;
	transfer->charged -= len;
	cme_http_parts_taken(transfer);
}

/* Takes memory for the request within the budget. */
static int copy_request(struct cme_http_transfer *transfer, const struct cme_http_request *request)
{
	if (request->body_len > BODY_MAX ||
	    cme_http_easy_charge(transfer, CHARGE_FIXED + request->body_len) != 0)
		return -1;
	if (cme_buf_append(&transfer->request_body, request->body ? request->body : "", request->body_len) !=
		    0 ||
	    cme_http_lines_set(&transfer->lines, request) != 0)
		return cme_err_set(&transfer->err, "network.too_large", "out of memory (%s)", transfer->host);
	return 0;
}

int cme_http_transfer_open(struct cme_http_transfer *transfer, const struct cme_http_request *request)
{
	CURLcode rc;

	cme_http_host_of(request->url, transfer->host, sizeof transfer->host);
	transfer->proxied = request->proxy && !request->no_proxy;
	transfer->stream = request->stream;
	transfer->shares = cme_http_is_https(request->url) && !request->http1 && !request->stream;
	transfer->timeout = (double)request->timeout_ms / 1000;
	transfer->body.limit = request->stream ? CME_HTTP_WINDOW : request->max_response;
	transfer->lazy_headers = request->lazy_headers;
	if (copy_request(transfer, request) != 0)
		return -1;
	rc = cme_http_easy_set(transfer, request);
	if (rc != CURLE_OK)
		return cme_err_set(&transfer->err, "network.protocol", "libcurl refused the request (%s: %s)",
				   transfer->host, "an option was not taken");
	return 0;
}

bool cme_http_transfer_leads(const struct cme_http_transfer *transfer, const struct cme_http_transfer *other)
{
	return transfer->shares && other->shares && transfer->resend.attempts == 0 &&
	       strcmp(transfer->host, other->host) == 0;
}

static const char *version_name(long version)
{
	switch (version) {
	case CURL_HTTP_VERSION_1_0:
		return "1.0";
	case CURL_HTTP_VERSION_2_0:
		return "2";
	default:
		return "1.1";
	}
}

/* What libcurl measured since it was given the request, added to what it measured before. */
static void add_effort(struct cme_http_transfer *transfer)
{
	curl_off_t total_us = 0;
	long connects = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &connects);
	curl_easy_getinfo(transfer->easy, CURLINFO_TOTAL_TIME_T, &total_us);
	transfer->connects += connects;
	transfer->seconds += (double)total_us / 1e6;
}

static void read_response(struct cme_http_transfer *transfer)
{
	long version = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &transfer->status);
	curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_VERSION, &version);
	transfer->version = version_name(version);
	add_effort(transfer);
}

void cme_http_transfer_answered(struct cme_http_transfer *transfer)
{
	long status = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status < 200)
		return;
	read_response(transfer);
	cme_http_parts_answered(transfer);
}

static void read_failure(struct cme_http_transfer *transfer, CURLcode result)
{
	struct cme_http_failure failure = { .result = result,
					    .proxied = transfer->proxied,
					    .sent = transfer->sent,
					    .host = transfer->host,
					    .detail = transfer->text,
					    .timeout = transfer->timeout };
	long os_errno = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &os_errno);
	curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &failure.connect_code);
	failure.os_errno = (int)os_errno;
	cme_http_describe(&failure, &transfer->err);
}

/* Results that come before a request is written. After one was, libcurl was about to send it again. */
static bool is_before_request(CURLcode result)
{
	switch (result) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_PROXY:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
		return true;
	default:
		return false;
	}
}

/* To libcurl a connection closed within the head is an answer without a body. */
static CURLcode true_result(const struct cme_http_transfer *transfer, CURLcode result)
{
	if (result == CURLE_OK && !transfer->head.ended)
		return transfer->head.lines ? CURLE_PARTIAL_FILE : CURLE_GOT_NOTHING;
	return result;
}

/* Results of a connection that ended after the request was handed to it. */
static bool is_lost_connection(CURLcode result)
{
	switch (result) {
	case CURLE_SEND_ERROR: /* also: libcurl has tried again often enough */
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return true;
	default:
		return false;
	}
}

bool cme_http_transfer_again(struct cme_http_transfer *transfer, CURLcode result)
{
	bool answered = transfer->head.ended || transfer->head.lines;

	if (transfer->err.code[0] || answered || !is_lost_connection(true_result(transfer, result)) ||
	    !cme_http_resend_again(&transfer->resend, &transfer->shared->goaways))
		return false;
	add_effort(transfer);
	transfer->text[0] = '\0';
	return true;
}

void cme_http_transfer_end(struct cme_http_transfer *transfer, CURLcode result)
{
	transfer->sent = !cme_http_resend_is_unread(&transfer->resend, &transfer->shared->goaways);
	if (transfer->sent && is_before_request(result))
		result = CURLE_GOT_NOTHING;
	result = true_result(transfer, result);
	empty(&transfer->request_body);
	if (result == CURLE_OK && !transfer->err.code[0])
		read_response(transfer);
	else if (!transfer->err.code[0])
		read_failure(transfer, result);
}
