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

char *cme_redact_url(const char *url, char *out, size_t size)
{
	const char *end = url + strcspn(url, "?#");
	const char *sep = strstr(url, "://");
	const char *host, *path, *at, *slash;
	const char *key = "";

	if (!sep || sep > end) {
		redact_name(url, out, size);
		return out;
	}
	host = sep + 3;
	path = host + strcspn(host, "/?#");
	at = memrchr(host, '@', (size_t)(path - host));
	slash = memrchr(path, '/', (size_t)(end - path));
	if ((slash && slash + 1 < end) || *end)
		key = HIDDEN;
	if (at)
		host = at + 1;
	snprintf(out, size, "%.*s%s%.*s%s", (int)(sep + 3 - url), url, at ? HIDDEN "@" : "",
		 (int)((slash ? slash + 1 : path) - host), host, key);
	return out;
}
