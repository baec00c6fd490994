/* SPDX-License-Identifier: MIT */
#include "http/parts.h"

#include <curl/curl.h>
#include <stdint.h>

#include "http/transfer.h"

static void queue(struct cme_http_transfer *transfer)
{
	struct cme_http_shared *shared = transfer->shared;

	if (transfer->parts.queued)
		return;
	transfer->parts.queued = true;
	transfer->parts.next_news = NULL;
	if (shared->last_news)
		shared->last_news->parts.next_news = transfer;
	else
		shared->news = transfer;
	shared->last_news = transfer;
}

void cme_http_parts_answered(struct cme_http_transfer *transfer)
{
	transfer->parts.answered = true;
	transfer->deadline_ms = INT64_MAX;
	queue(transfer);
}

bool cme_http_parts_have_room(struct cme_http_transfer *transfer, size_t len)
{
	size_t held = transfer->body.len;

	transfer->parts.paused = held > 0 && len > CME_HTTP_WINDOW - held;
	return !transfer->parts.paused;
}

void cme_http_parts_came(struct cme_http_transfer *transfer)
{
	if (!transfer->parts.hungry)
		return;
	transfer->parts.hungry = false;
	queue(transfer);
}

void cme_http_parts_taken(struct cme_http_transfer *transfer)
{
	if (!transfer->parts.paused || transfer->parts.ended)
		return;
	transfer->parts.paused = false;
	curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
}

void cme_http_parts_forget(struct cme_http_transfer *transfer)
{
	struct cme_http_shared *shared = transfer->shared;
	struct cme_http_transfer *before = NULL, *at = shared->news;

	if (!transfer->parts.queued)
		return;
	for (; at != transfer; at = at->parts.next_news)
		before = at;
	if (before)
		before->parts.next_news = transfer->parts.next_news;
	else
		shared->news = transfer->parts.next_news;
	if (shared->last_news == transfer)
		shared->last_news = before;
	transfer->parts.queued = false;
}
