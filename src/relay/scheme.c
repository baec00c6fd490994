/* SPDX-License-Identifier: MIT */
#include "relay/scheme.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define NETWORK "rtmp,rtmps,tcp,tls,http,https,httpproxy,hls,crypto,srt,udp,data"
#define FILES   "file,crypto,data"

static const struct cme_scheme schemes[] = {
	{ "rtmp://", true, "flv", true, NETWORK },   { "rtmps://", true, "flv", true, NETWORK },
	{ "srt://", true, "mpegts", true, NETWORK }, { "udp://", false, "mpegts", true, NETWORK },
	{ "http://", true, NULL, false, NETWORK },   { "https://", true, NULL, false, NETWORK },
	{ "file:///", true, NULL, false, FILES },
};
static const struct cme_scheme file_name = { "", true, NULL, false, FILES };

const struct cme_scheme *cme_scheme_find(const char *url)
{
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (strncasecmp(url, schemes[i].prefix, strlen(schemes[i].prefix)) == 0)
			return url[strlen(schemes[i].prefix)] ? &schemes[i] : NULL;
	/* libavformat reads "word:" as a protocol, so a file name with a colon has to come as a path */
	return url[0] && (url[0] == '/' || !strchr(url, ':')) ? &file_name : NULL;
}
