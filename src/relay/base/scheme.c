/* SPDX-License-Identifier: MIT */
#include "relay/base/scheme.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define LISTENER_TEXT "mode=listener waits for any caller (give the address of an SRT sender)"
#define CALLER_TEXT   "option 'mode' in the URL: one of caller expected"

/* The row that the URL begins with, which of file names is the last. */
static const struct cme_scheme *row_of(const char *url)
{
	const struct cme_scheme *scheme = cme_schemes;

	while (strncasecmp(url, scheme->prefix, strlen(scheme->prefix)) != 0)
		scheme++;
	return scheme;
}

/* A network scheme with nothing, a port or a path right behind it. */
static bool lacks_host(const char *url)
{
	const struct cme_scheme *scheme = row_of(url);
	const char *rest = url + strlen(scheme->prefix);

	if (!(scheme->traits & CME_SCHEME_HOST))
		return false;
	return !*rest || strchr("/:?", *rest) != NULL;
}

static bool lacks_port(const char *url)
{
	const struct cme_scheme *scheme = row_of(url);
	const char *rest = url + strlen(scheme->prefix);
	const char *port = NULL;

	if (!(scheme->traits & CME_SCHEME_PORT))
		return false;
	for (; *rest && !strchr("/?#", *rest); rest++)
		if (*rest == ':' || *rest == ']') /* an address of IPv6 has colons, too */
			port = *rest == ':' ? rest + 1 : NULL;
	return !port || !*port || strspn(port, "0123456789") != (size_t)(rest - port);
}

/* Its query asks for another mode than calling: libavformat takes the first `mode`, we take none. */
static bool listens(const char *url)
{
	const char *query = row_of(url)->traits & CME_SCHEME_MODE ? strchr(url, '?') : NULL;

	while (query) {
		const char *value = query + 6;

		query++;
		if (strncmp(query, "mode=", 5) == 0 &&
		    (strcspn(value, "&") != 6 || strncmp(value, "caller", 6) != 0))
			return true;
		query = strchr(query, '&');
	}
	return false;
}

bool cme_scheme_has_host(const char *url)
{
	return row_of(url)->traits & CME_SCHEME_HOST;
}

bool cme_scheme_is_socket(const char *url)
{
	unsigned traits = row_of(url)->traits;

	return (traits & CME_SCHEME_LIVE) && !(traits & CME_SCHEME_HOST);
}

const char *cme_scheme_fault(const char *url, bool input)
{
	const struct cme_scheme *scheme = cme_scheme_find(url);

	if (listens(url))
		return input ? LISTENER_TEXT : CALLER_TEXT;
	if (lacks_host(url))
		return "no host in the URL";
	if (lacks_port(url))
		return "no port in the URL";
	if (scheme && (input ? scheme->source != NULL : scheme->output != NULL))
		return NULL;
	return input ? cme_schemes_of_sources : cme_schemes_of_destinations;
}

const char *cme_scheme_file_fault(const char *url)
{
	const struct cme_scheme *scheme = cme_scheme_find(url);

	if (lacks_host(url))
		return "no host in the URL";
	if (scheme && scheme->source && !(scheme->traits & CME_SCHEME_LIVE))
		return NULL;
	return "http://, https:// or a file expected";
}

const struct cme_scheme *cme_scheme_find(const char *url)
{
	const struct cme_scheme *scheme = row_of(url);

	if (scheme->prefix[0])
		return url[strlen(scheme->prefix)] ? scheme : NULL;
	/* libavformat reads "word:" as a protocol, so a file name with a colon has to come as a path */
	return url[0] && (url[0] == '/' || !strchr(url, ':')) ? scheme : NULL;
}
