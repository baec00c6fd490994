/* SPDX-License-Identifier: MIT */
#include "pull/http/fetch.h"

#include <libavutil/error.h>
#include <libavutil/mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/clock.h"
#include "pull/http/fault.h"
#include "pull/public.h"

#define SLICE_MS      100
#define REDIRECTS_MAX 8L
#define HEAD_MAX      ((size_t)256 * 1024) /* bytes of the heads of one answer and its redirects */
#define HEADER_READ   256                  /* bytes of a header that are looked at */
#define TRIES_MAX     3
#define USER_AGENT    "cme-relay/" CME_VERSION

static const AVOption options[] = {
	{ .name = "location",
	  .offset = offsetof(struct cme_fetch, location),
	  .type = AV_OPT_TYPE_STRING,
	  .flags = AV_OPT_FLAG_DECODING_PARAM },
	{ .name = NULL },
};

static const AVClass class_of_fetch = { .class_name = "cme_fetch",
					.item_name = av_default_item_name,
					.option = options,
					.version = LIBAVUTIL_VERSION_INT };

/* ---- what libcurl calls */

static size_t take_body(char *data, size_t size, size_t count, void *ctx)
{
	struct cme_fetch *fetch = ctx;
	size_t len = size * count;

	if (fetch->at) {
		memmove(fetch->ahead, fetch->ahead + fetch->at, fetch->len - fetch->at);
		fetch->len -= fetch->at;
		fetch->at = 0;
	}
	fetch->headed = true;
	if (len > CME_FETCH_AHEAD - fetch->len) {
		fetch->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	memcpy(fetch->ahead + fetch->len, data, len);
	fetch->len += len;
	return len;
}

/* The value of a header of this name, up to its end. NULL: it is another. */
static const char *value_of(const char *line, const char *name)
{
	size_t n = strlen(name);

	if (strncasecmp(line, name, n) != 0 || line[n] != ':')
		return NULL;
	return line + n + 1 + strspn(line + n + 1, " \t");
}

static void take_length(struct cme_fetch *fetch, const char *range)
{
	const char *whole = strchr(range, '/');

	if (whole && whole[1] >= '0' && whole[1] <= '9')
		fetch->size = strtoll(whole + 1, NULL, 10);
	fetch->ranges = true;
}

/* libcurl's bytes end without a NUL. */
static void read_header(struct cme_fetch *fetch, const char *data, size_t len)
{
	char line[HEADER_READ + 1];
	const char *value;

	snprintf(line, sizeof line, "%.*s", (int)(len < sizeof line ? len : sizeof line), data);
	if ((value = value_of(line, "Content-Encoding")) && strncasecmp(value, "identity", 8) != 0)
		fetch->web->log->compressed = true;
	else if ((value = value_of(line, "Content-Range")))
		take_length(fetch, value);
	else if ((value = value_of(line, "Accept-Ranges")))
		fetch->ranges = strncasecmp(value, "bytes", 5) == 0;
}

/* Each head of a redirect begins anew. */
static size_t take_header(char *line, size_t size, size_t count, void *ctx)
{
	struct cme_fetch *fetch = ctx;
	size_t len = size * count;

	fetch->head_bytes += len;
	if (fetch->head_bytes > HEAD_MAX)
		return 0;
	if (len > 5 && strncasecmp(line, "HTTP/", 5) == 0) {
		fetch->ranges = false;
		fetch->web->log->compressed = false;
	}
	if (len > 2) /* libcurl ends every line, the last of which is empty */
		read_header(fetch, line, len);
	return len;
}

/* ---- asking */

static void set_address(struct cme_fetch *fetch)
{
	const struct cme_order *order = fetch->web->order;
	const char *schemes = order->kind->tls ? "https" : "http,https";

	curl_easy_setopt(fetch->easy, CURLOPT_URL, fetch->url);
	curl_easy_setopt(fetch->easy, CURLOPT_PROTOCOLS_STR, schemes);
	curl_easy_setopt(fetch->easy, CURLOPT_REDIR_PROTOCOLS_STR, schemes);
	curl_easy_setopt(fetch->easy, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(fetch->easy, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
	curl_easy_setopt(fetch->easy, CURLOPT_HTTPAUTH, CURLAUTH_ANY);
	curl_easy_setopt(fetch->easy, CURLOPT_USERAGENT, USER_AGENT);
	curl_easy_setopt(fetch->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	if (order->ca_file)
		curl_easy_setopt(fetch->easy, CURLOPT_CAINFO, order->ca_file);
	if (order->public) {
		curl_easy_setopt(fetch->easy, CURLOPT_OPENSOCKETFUNCTION, cme_public_socket);
		curl_easy_setopt(fetch->easy, CURLOPT_OPENSOCKETDATA, fetch->web->refusal);
		curl_easy_setopt(fetch->easy, CURLOPT_PROXY, ""); /* it would connect where it likes */
	}
}

static void set_transfer(struct cme_fetch *fetch)
{
	curl_easy_setopt(fetch->easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(fetch->easy, CURLOPT_WRITEDATA, fetch);
	curl_easy_setopt(fetch->easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(fetch->easy, CURLOPT_HEADERDATA, fetch);
	curl_easy_setopt(fetch->easy, CURLOPT_PRIVATE, fetch);
	curl_easy_setopt(fetch->easy, CURLOPT_ERRORBUFFER, fetch->error);
	curl_easy_setopt(fetch->easy, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(fetch->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(fetch->easy, CURLOPT_SHARE, fetch->web->share);
	curl_easy_setopt(fetch->easy, CURLOPT_COOKIEFILE, "");
}

static void set_range(struct cme_fetch *fetch)
{
	char range[64];

	if (fetch->end)
		snprintf(range, sizeof range, "%lld-%lld", (long long)fetch->offset,
			 (long long)fetch->end - 1);
	else
		snprintf(range, sizeof range, "%lld-", (long long)fetch->offset);
	if (fetch->offset || fetch->end)
		curl_easy_setopt(fetch->easy, CURLOPT_RANGE, range);
}

static void forget(struct cme_fetch *fetch)
{
	if (!fetch->easy)
		return;
	curl_multi_remove_handle(fetch->web->multi, fetch->easy);
	curl_easy_cleanup(fetch->easy);
	fetch->easy = NULL;
}

static int begin(struct cme_fetch *fetch)
{
	forget(fetch);
	fetch->at = fetch->len = fetch->head_bytes = 0;
	fetch->headed = fetch->paused = fetch->done = false;
	fetch->error[0] = '\0';
	fetch->easy = curl_easy_init();
	if (!fetch->easy)
		return AVERROR(ENOMEM);
	set_address(fetch);
	set_transfer(fetch);
	set_range(fetch);
	return curl_multi_add_handle(fetch->web->multi, fetch->easy) == CURLM_OK ? 0 : AVERROR(ENOMEM);
}

/* Lets all of the source's transfers go on, and notes which are done. */
static int step(struct cme_web *web)
{
	CURLMsg *message;
	int left;

	if (curl_multi_perform(web->multi, &left) != CURLM_OK)
		return AVERROR(ENOMEM);
	while ((message = curl_multi_info_read(web->multi, &left))) {
		char *fetch = NULL;

		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &fetch);
		((struct cme_fetch *)(void *)fetch)->done = true;
		((struct cme_fetch *)(void *)fetch)->result = message->data.result;
	}
	return 0;
}

/* Up to the head of the answer, or the next bytes, or the end. */
static int wait_for_more(struct cme_fetch *fetch, bool head)
{
	int rc = step(fetch->web);

	while (rc == 0 && !fetch->done && (head ? !fetch->headed : fetch->at == fetch->len)) {
		if (cme_limit_over(fetch->web->limit))
			return AVERROR_EXIT;
		curl_multi_poll(fetch->web->multi, NULL, 0, SLICE_MS, NULL);
		rc = step(fetch->web);
	}
	return rc;
}

/* What the head of the answer says. Data do not need to be asked for. */
static int check_answer(struct cme_fetch *fetch)
{
	curl_off_t length = -1;
	char *location = NULL;
	long status = 0;

	curl_easy_getinfo(fetch->easy, CURLINFO_EFFECTIVE_URL, &location);
	curl_easy_getinfo(fetch->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status);
	av_freep(&fetch->location);
	fetch->location = av_strdup(location ? location : fetch->url);
	if (fetch->web->log->compressed)
		return cme_http_refuse_compressed(fetch->web->refusal);
	if (fetch->offset && status == 200) /* it begins at 0 whatever was asked for */
		return AVERROR(ENOSYS);
	if (status == 200 && length >= 0)
		fetch->size = length;
	return 0;
}

int cme_fetch_ask(struct cme_fetch *fetch)
{
	int rc = begin(fetch);

	if (rc == 0)
		rc = wait_for_more(fetch, true);
	if (rc == 0 && fetch->done && fetch->result != CURLE_OK)
		rc = cme_http_fault(fetch);
	return rc < 0 ? rc : check_answer(fetch);
}

/* ---- reading */

static bool broke_off(const struct cme_fetch *fetch)
{
	return fetch->result == CURLE_PARTIAL_FILE || fetch->result == CURLE_RECV_ERROR ||
	       fetch->result == CURLE_GOT_NOTHING || fetch->result == CURLE_COULDNT_CONNECT ||
	       fetch->result == CURLE_SEND_ERROR;
}

/* Sleeps while other transfers go on. */
static int pause_for(struct cme_fetch *fetch, int64_t us)
{
	int64_t until_us = cme_now_us() + us;
	int rc = 0;

	while (rc == 0 && cme_now_us() < until_us) {
		if (cme_limit_over(fetch->web->limit))
			return AVERROR_EXIT;
		curl_multi_poll(fetch->web->multi, NULL, 0, SLICE_MS, NULL);
		rc = step(fetch->web);
	}
	return rc;
}

/* A file that broke off is asked for from there on. 0: it goes on; else why it ended. */
static int go_on(struct cme_fetch *fetch)
{
	int fault = cme_http_fault(fetch), rc = fault;

	if (!fetch->web->order->resume || !fetch->ranges || fetch->size < 0)
		return fault;
	while (rc < 0 && broke_off(fetch) && fetch->tries < TRIES_MAX) {
		rc = pause_for(fetch, fetch->tries * CME_SECOND_US);
		fetch->tries++;
		if (rc == 0)
			rc = cme_fetch_ask(fetch);
	}
	return rc < 0 ? fault : 0;
}

/* Room was made: libcurl may go on. */
static void resume(struct cme_fetch *fetch)
{
	if (!fetch->paused)
		return;
	fetch->paused = false;
	curl_easy_pause(fetch->easy, CURLPAUSE_CONT);
}

int cme_fetch_read(struct cme_fetch *fetch, uint8_t *out, int size)
{
	size_t n;

	while (fetch->at == fetch->len) {
		int rc;

		if (fetch->done && fetch->result == CURLE_OK)
			return AVERROR_EOF;
		rc = fetch->done ? go_on(fetch) : wait_for_more(fetch, false);
		if (rc < 0)
			return rc;
	}
	n = fetch->len - fetch->at < (size_t)size ? fetch->len - fetch->at : (size_t)size;
	memcpy(out, fetch->ahead + fetch->at, n);
	fetch->at += n;
	fetch->offset += (int64_t)n;
	fetch->tries = 0;
	if (fetch->at == fetch->len)
		resume(fetch);
	return (int)n;
}

/* ---- life */

struct cme_fetch *cme_fetch_new(struct cme_web *web, const char *url)
{
	struct cme_fetch *fetch = calloc(1, sizeof *fetch);

	if (!fetch)
		return NULL;
	fetch->class = &class_of_fetch;
	fetch->web = web;
	fetch->size = -1;
	fetch->url = strdup(url);
	fetch->ahead = malloc(CME_FETCH_AHEAD);
	if (fetch->url && fetch->ahead)
		return fetch;
	cme_fetch_free(fetch);
	return NULL;
}

void cme_fetch_free(struct cme_fetch *fetch)
{
	if (!fetch)
		return;
	forget(fetch);
	av_free(fetch->location);
	free(fetch->url);
	free(fetch->ahead);
	free(fetch);
}
