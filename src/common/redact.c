/* SPDX-License-Identifier: MIT */
#include "common/redact.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define HIDDEN      "***"
#define TOKEN_STAMP 8  /* hex digits, then '-' */
#define TOKEN_MAC   32 /* hex digits */
#define TOKEN_LEN   (TOKEN_STAMP + 1 + TOKEN_MAC)

/* A file name: whole, but for what follows a '?' or '#'. */
static void redact_name(const char *name, char *out, size_t size)
{
	size_t end = strcspn(name, "?#");

	snprintf(out, size, "%.*s%s", (int)end, name, name[end] ? HIDDEN : "");
}

const char *cme_redact_key(const char *path, size_t len, size_t *key_len)
{
	size_t end = len;
	const char *slash;

	while (end > 0 && path[end - 1] == '/')
		end--;
	slash = memrchr(path, '/', end);
	if (!slash || (slash == path && end < len))
		return NULL;
	*key_len = end - (size_t)(slash + 1 - path);
	return slash + 1;
}

/* A token of playback (lua/cme/server/edge/token.lua). */
static bool is_token(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (i == TOKEN_STAMP ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	return len == TOKEN_LEN;
}

/* The first token in a path; NULL: there is none. */
static const char *find_token(const char *path, const char *end)
{
	for (const char *slash = path; slash < end; slash += 1 + strcspn(slash + 1, "/?#"))
		if (is_token(slash + 1, strcspn(slash + 1, "/?#")))
			return slash + 1;
	return NULL;
}

char *cme_redact_url(const char *url, char *out, size_t size)
{
	const char *end = url + strcspn(url, "?#");
	const char *sep = strstr(url, "://");
	const char *host, *path, *at, *key, *token;
	size_t key_len;

	if (!sep || sep > end) {
		redact_name(url, out, size);
		return out;
	}
	host = sep + 3;
	path = host + strcspn(host, "/?#");
	at = memrchr(host, '@', (size_t)(path - host));
	key = cme_redact_key(path, (size_t)(end - path), &key_len);
	token = find_token(path, end);
	if (token)
		key = token;
	if (at)
		host = at + 1;
	snprintf(out, size, "%.*s%s%.*s%s", (int)(sep + 3 - url), url, at ? HIDDEN "@" : "",
		 (int)((key ? key : end) - host), host, key || *end ? HIDDEN : "");
	return out;
}
