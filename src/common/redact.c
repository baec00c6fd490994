/* SPDX-License-Identifier: MIT */
#include "common/redact.h"

#include <stdio.h>
#include <string.h>

#define HIDDEN "***"

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

char *cme_redact_url(const char *url, char *out, size_t size)
{
	const char *end = url + strcspn(url, "?#");
	const char *sep = strstr(url, "://");
	const char *host, *path, *at, *key;
	size_t key_len;

	if (!sep || sep > end) {
		redact_name(url, out, size);
		return out;
	}
	host = sep + 3;
	path = host + strcspn(host, "/?#");
	at = memrchr(host, '@', (size_t)(path - host));
	key = cme_redact_key(path, (size_t)(end - path), &key_len);
	if (at)
		host = at + 1;
	snprintf(out, size, "%.*s%s%.*s%s", (int)(sep + 3 - url), url, at ? HIDDEN "@" : "",
		 (int)((key ? key : end) - host), host, key || *end ? HIDDEN : "");
	return out;
}
