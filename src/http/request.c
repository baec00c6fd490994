/* SPDX-License-Identifier: MIT */
#include "http/request.h"

#include <string.h>
#include <strings.h>

#include "common/eight.h"

/* tchar of RFC 9110, 5.6.2. */
static bool is_token(const char *text, size_t len)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!alnum && (c == '\0' || !strchr(marks, c)))
			return false;
	}
	return len > 0;
}

/* A byte that ends a line, a string, or that no header or URL may hold. A tab is allowed in values. */
static bool has_control(const char *text, size_t len)
{
	size_t i = 0;

	for (; len - i >= CME_EIGHT; i += CME_EIGHT) {
		uint64_t eight = cme_eight_at(text + i);

		if (cme_eight_below(eight, ' ') || cme_eight_has(eight, 0x7f))
			break;
	}
	for (; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

static size_t scheme_len(const char *url)
{
	if (strncasecmp(url, "http://", 7) == 0)
		return 7;
	if (strncasecmp(url, "https://", 8) == 0)
		return 8;
	return 0;
}

/* The first byte of host:port; *len is how long that part is. */
static const char *authority(const char *url, size_t *len)
{
	const char *start = url + scheme_len(url);
	const char *end = start + strcspn(start, "/?#\\");
	const char *at = memrchr(start, '@', (size_t)(end - start));

	if (at)
		start = at + 1;
	*len = (size_t)(end - start);
	return start;
}

const char *cme_http_check_url(const char *url, size_t len)
{
	size_t host_len;
	const char *host;

	if (has_control(url, len) || memchr(url, ' ', len) || memchr(url, '\t', len))
		return "a space or control character in it";
	if (!scheme_len(url))
		return "http:// or https:// expected";
	host = authority(url, &host_len);
	if (host_len == 0 || *host == ':')
		return "it has no host";
	if (host_len >= CME_HTTP_HOST_MAX)
		return "its host is too long";
	return NULL;
}

const char *cme_http_check_method(const char *method, size_t len)
{
	if (!is_token(method, len))
		return "not an HTTP method";
	if (len >= CME_HTTP_METHOD_MAX)
		return "too long";
	return NULL;
}

const char *cme_http_check_header(const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);

	if (has_control(line, len))
		return "a control character in it";
	if (!colon || !is_token(line, (size_t)(colon - line)))
		return "'Name: value' expected";
	return NULL;
}

const char *cme_http_check_plain(const char *text, size_t len)
{
	if (len == 0)
		return "it is empty";
	return has_control(text, len) ? "a control character in it" : NULL;
}

bool cme_http_is_https(const char *url)
{
	return scheme_len(url) == 8;
}

void cme_http_host_of(const char *url, char *out, size_t size)
{
	size_t len;
	const char *host = authority(url, &len);

	if (len >= size)
		len = size - 1;
	memcpy(out, host, len);
	out[len] = '\0';
}

bool cme_http_header_is(const char *line, const char *name)
{
	size_t len = strlen(name);

	return strncasecmp(line, name, len) == 0 && line[len] == ':';
}
