/* SPDX-License-Identifier: MIT */
#include "relay/base/scheme.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Twins of the lists in lua/cme/playout/arguments.lua. */
#define CONTAINERS \
	"mov,mp4,m4a,3gp,matroska,webm,flv,live_flv,mpegts,mpeg,avi,asf,ogg,mp3,aac,wav,flac,h264,hevc"
#define PLAYLISTS     CONTAINERS ",hls,applehttp"
#define HTTP          "http,https,httpproxy,tcp,tls,crypto,data"
#define HTTPS         "https,httpproxy,tcp,tls,crypto,data"
#define LISTENER_TEXT "mode=listener waits for any caller (give the address of an SRT sender)"

const char cme_scheme_decoders[] =
	"h264,hevc,mpeg1video,mpeg2video,mpeg4,aac,aac_latm,mp3,mp3float,mp2,mp2float,"
	"ac3,eac3,opus";

static const struct cme_scheme schemes[] = {
	{ "rtmp://", true, "flv", true, "rtmp,tcp", "flv,live_flv" },
	{ "rtmps://", true, "flv", true, "rtmps,tls,tcp", "flv,live_flv" },
	{ "srt://", true, "mpegts", true, "srt", "mpegts" },
	{ "udp://", false, "mpegts", true, "udp", "mpegts" },
	{ "http://", true, NULL, false, HTTP, PLAYLISTS },
	{ "https://", true, NULL, false, HTTPS, PLAYLISTS },
	{ "file:///", true, NULL, false, "file", CONTAINERS },
	{ "unix:/", true, NULL, true, "unix", "flv,live_flv" },
};
static const struct cme_scheme file_name = { "", true, NULL, false, "file", CONTAINERS };

static const struct cme_scheme *prefix_of(const char *url)
{
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (strncasecmp(url, schemes[i].prefix, strlen(schemes[i].prefix)) == 0)
			return &schemes[i];
	return NULL;
}

/* A network scheme with nothing, a port or a path right behind it. An SRT destination may wait for its
 * reader: "srt://:9000?mode=listener". */
static bool lacks_host(const char *url, bool input)
{
	const struct cme_scheme *scheme = prefix_of(url);
	const char *rest;

	if (!scheme || strcmp(scheme->protocols, "file") == 0 || strcmp(scheme->protocols, "unix") == 0)
		return false;
	rest = url + strlen(scheme->prefix);
	return !*rest || strchr(input ? "/:?" : "/", *rest) != NULL;
}

/* Its query asks for another mode than calling: libavformat takes the first `mode`, we take none. */
static bool listens(const char *url)
{
	const char *query = strncasecmp(url, "srt://", 6) == 0 ? strchr(url, '?') : NULL;

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

const char *cme_scheme_fault(const char *url, bool input)
{
	const struct cme_scheme *scheme = cme_scheme_find(url);

	if (lacks_host(url, input) && !(scheme && input && listens(url)))
		return "no host in the URL";
	if (input && listens(url))
		return LISTENER_TEXT;
	if (scheme && (input ? scheme->input : scheme->muxer != NULL))
		return NULL;
	return input ? "rtmp://, rtmps://, http://, https://, srt:// or a file expected"
		     : "rtmp://, rtmps://, srt:// or udp:// expected";
}

const char *cme_scheme_file_fault(const char *url)
{
	const struct cme_scheme *scheme = cme_scheme_find(url);

	if (lacks_host(url, true))
		return "no host in the URL";
	return scheme && scheme->input && !scheme->live ? NULL : "http://, https:// or a file expected";
}

const struct cme_scheme *cme_scheme_find(const char *url)
{
	const struct cme_scheme *scheme = prefix_of(url);

	if (scheme)
		return url[strlen(scheme->prefix)] ? scheme : NULL;
	/* libavformat reads "word:" as a protocol, so a file name with a colon has to come as a path */
	return url[0] && (url[0] == '/' || !strchr(url, ':')) ? &file_name : NULL;
}

/* libavformat follows a redirect over TCP whatever the list says of http. */
bool cme_scheme_allows(const struct cme_scheme *scheme, const char *location)
{
	return strcmp(scheme->protocols, HTTPS) != 0 || strncasecmp(location, "http:", 5) != 0;
}
