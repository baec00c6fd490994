/* SPDX-License-Identifier: MIT */
#include "httpd/strict.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <microhttpd.h>

#include "common/text.h"

/* How often a header is there; *differ: not always with the same value. */
static unsigned count(const struct cme_httpd_message *message, const char *name, bool *differ)
{
	size_t cursor = 0;
	const char *first = cme_httpd_message_find(message, name, &cursor), *value = first;
	unsigned found = 0;

	*differ = false;
	while (value) {
		found++;
		*differ |= strcmp(first, value) != 0;
		value = cme_httpd_message_find(message, name, &cursor);
	}
	return found;
}

/* Where a body ends must not be a matter of opinion. */
static const char *framing_fault(const struct cme_httpd_message *message)
{
	bool lengths_differ, codings_differ;
	const unsigned lengths = count(message, "Content-Length", &lengths_differ);
	const unsigned codings = count(message, "Transfer-Encoding", &codings_differ);
	size_t cursor = 0;

	if (lengths_differ)
		return "the request has two different Content-Length headers\n";
	if (lengths && codings)
		return "the request has both Content-Length and Transfer-Encoding\n";
	if (codings > 1)
		return "the request has more than one Transfer-Encoding header\n";
	if (codings &&
	    strcasecmp(cme_httpd_message_find(message, "Transfer-Encoding", &cursor), "chunked") != 0)
		return "the request's Transfer-Encoding is not chunked\n";
	return NULL;
}

/* Blanks before the colon, or at the start of the first header's line. */
static bool has_blank_in_a_name(const struct cme_httpd_message *message)
{
	const char *name = cme_buf_str(&message->text) + message->headers;
	const char *end = cme_buf_str(&message->text) + message->text.len;

	while (name < end) {
		if (strpbrk(name, " \t"))
			return true;
		name += strlen(name) + 1; /* the value */
		name += strlen(name) + 1;
	}
	return false;
}

const char *cme_httpd_head_fault(const struct cme_httpd_message *message, const char *version)
{
	bool differ;
	const unsigned hosts = count(message, "Host", &differ);

	if (hosts == 0 && strcmp(version, MHD_HTTP_VERSION_1_0) != 0)
		return "the request has no Host header\n";
	if (hosts > 1)
		return "the request has more than one Host header\n";
	if (strchr(cme_httpd_message_path(message), ' ') || strchr(cme_httpd_message_query(message), ' '))
		return "the request's target has a space in it\n";
	if (has_blank_in_a_name(message))
		return "a header's name has a space in it\n";
	return framing_fault(message);
}

void cme_httpd_seam_part(struct cme_httpd_seam *seam, const char *part, size_t len, size_t most)
{
	const char *at = seam->at;

	seam->at = part + len;
	if (seam->torn || !at)
		return;
	seam->torn = (uintptr_t)part <= (uintptr_t)at || (uintptr_t)part - (uintptr_t)at > most;
	for (; !seam->torn && at < part; at++)
		seam->torn = *at != '\0' && !cme_is_blank(*at);
}
