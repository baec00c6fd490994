/* SPDX-License-Identifier: MIT */
#include "relay/scheme.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define NETWORK "rtmp,rtmps,tcp,tls,http,https,httpproxy,hls,crypto,srt,udp,data"
#define FILES   "file,crypto,data"
#define LOCAL   "unix"

static const struct cme_scheme schemes[] = {
	{ "rtmp://", true, "flv", true, NETWORK },   { "rtmps://", true, "flv", true, NETWORK },
	{ "srt://", true, "mpegts", true, NETWORK }, { "udp://", false, "mpegts", true, NETWORK },
	{ "http://", true, NULL, false, NETWORK },   { "https://", true, NULL, false, NETWORK },
	{ "file:///", true, NULL, false, FILES },    { "unix:/", true, NULL, true, LOCAL },
};
static const struct cme_scheme file_name = { "", true, NULL, false, FILES };

/* A known network scheme with nothing or a path right behind it; "srt://:9000" listens, and is none. */
static bool lacks_host(const char *url)
{
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		size_t len = strlen(schemes[i].prefix);

		if (strcmp(schemes[i].whitelist, NETWORK) == 0 &&
		    strncasecmp(url, schemes[i].prefix, len) == 0)
			return !url[len] || url[len] == '/';
	}
	return false;
}

const char *cme_scheme_fault(const char *url, bool input)
{
	const struct cme_scheme *scheme = cme_scheme_find(url);

	if (lacks_host(url))
		return "no host in the URL";
	if (scheme && (input ? scheme->input : scheme->muxer != NULL))
		return NULL;
	return input ? "rtmp://, rtmps://, http://, https://, srt:// or a file expected"
		     : "rtmp://, rtmps://, srt:// or udp:// expected";
}

const char *cme_scheme_file_fault(const char *url)
{
	const struct cme_scheme *scheme = cme_scheme_find(url);

	if (lacks_host(url))
		return "no host in the URL";
	return scheme && scheme->input && !scheme->live ? NULL : "http://, https:// or a file expected";
}

const struct cme_scheme *cme_scheme_find(const char *url)
{
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (strncasecmp(url, schemes[i].prefix, strlen(schemes[i].prefix)) == 0)
			return url[strlen(schemes[i].prefix)] ? &schemes[i] : NULL;
	/* libavformat reads "word:" as a protocol, so a file name with a colon has to come as a path */
	return url[0] && (url[0] == '/' || !strchr(url, ':')) ? &file_name : NULL;
}
