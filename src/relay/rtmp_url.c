/* SPDX-License-Identifier: MIT */
#include "relay/rtmp_url.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct scheme {
	const char *prefix;
	bool tls;
	uint16_t port;
} schemes[] = { { "rtmp://", false, 1935 }, { "rtmps://", true, 443 } };

/* A part of the text being read. */
struct part {
	const char *at;
	size_t len;
};

static int bad(struct cme_err *err, const char *fact)
{
	return cme_err_set(err, "invalid.url", "destination URL: %s", fact);
}

static const struct scheme *find_scheme(const char *text)
{
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (strncasecmp(text, schemes[i].prefix, strlen(schemes[i].prefix)) == 0)
			return &schemes[i];
	return NULL;
}

/* Control characters and blanks: in no URL, and a way to forge log lines. */
static bool printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return false;
	return true;
}

static int copy(char *out, size_t size, struct part part, struct cme_err *err, const char *too_long)
{
	if (part.len >= size)
		return bad(err, too_long);
	memcpy(out, part.at, part.len);
	out[part.len] = '\0';
	return 0;
}

static int parse_port(struct part part, uint16_t *port, struct cme_err *err)
{
	unsigned value = 0;

	for (size_t i = 0; i < part.len; i++) {
		if (part.at[i] < '0' || part.at[i] > '9' || value > 6553)
			return bad(err, "the port is not a number from 1 to 65535");
		value = value * 10 + (unsigned)(part.at[i] - '0');
	}
	if (value < 1 || value > 65535)
		return bad(err, "the port is not a number from 1 to 65535");
	*port = (uint16_t)value;
	return 0;
}

/* Cuts "[v6]:port" or "host:port" in two; port.at is NULL without one. */
static int split_authority(struct part authority, struct part *host, struct part *port, struct cme_err *err)
{
	bool literal = authority.len > 0 && authority.at[0] == '[';
	const char *end = authority.at + authority.len;
	const char *stop = memchr(authority.at, literal ? ']' : ':', authority.len);

	if (literal && !stop)
		return bad(err, "the IPv6 address has no closing bracket");
	host->at = authority.at + literal;
	host->len = (size_t)((stop ? stop : end) - host->at);
	*port = (struct part){ 0 };
	if (literal)
		stop++;
	if (!stop || stop == end)
		return 0;
	if (*stop != ':')
		return bad(err, "something other than a port follows the address");
	*port = (struct part){ stop + 1, (size_t)(end - stop - 1) };
	return 0;
}

static int parse_authority(struct cme_rtmp_url *url, struct part authority, struct cme_err *err)
{
	struct part host = { 0 }, port = { 0 };

	if (memchr(authority.at, '@', authority.len))
		return bad(err, "user and password in the URL are not supported");
	if (split_authority(authority, &host, &port, err) != 0)
		return -1;
	if (host.len == 0)
		return bad(err, "no host");
	if (copy(url->host, sizeof url->host, host, err, "the host is too long") != 0)
		return -1;
	return port.at ? parse_port(port, &url->port, err) : 0;
}

/* Finds where the server's part ends and the key begins: at the last '/' before the query, or, with only
 * one segment there, at the first '/' inside the query. NULL: there is no such place. */
static const char *find_cut(const char *path)
{
	const char *query = path + strcspn(path, "?");
	const char *cut = memrchr(path, '/', (size_t)(query - path));

	return cut ? cut : strchr(query, '/');
}

static int parse_path(struct cme_rtmp_url *url, const char *path, struct cme_err *err)
{
	const char *cut = find_cut(path);
	struct part app, key;

	if (!cut || cut == path || cut[1] == '\0')
		return bad(err, "an application and a stream key are needed after the host");
	app = (struct part){ path, (size_t)(cut - path) };
	key = (struct part){ cut + 1, strlen(cut + 1) };
	if (copy(url->app, sizeof url->app, app, err, "the application is too long") != 0)
		return -1;
	return copy(url->key, sizeof url->key, key, err, "the stream key is too long");
}

int cme_rtmp_url_parse(struct cme_rtmp_url *url, const char *text, struct cme_err *err)
{
	const struct scheme *scheme = find_scheme(text);
	struct part authority;
	const char *path;

	memset(url, 0, sizeof *url);
	if (!scheme)
		return bad(err, "neither rtmp:// nor rtmps://");
	if (!printable(text))
		return bad(err, "blanks or control characters in it");
	url->tls = scheme->tls;
	url->port = scheme->port;
	authority.at = text + strlen(scheme->prefix);
	authority.len = strcspn(authority.at, "/?#");
	path = authority.at + authority.len;
	if (parse_authority(url, authority, err) != 0 || parse_path(url, *path ? path + 1 : path, err) != 0)
		return -1;
	snprintf(url->tc_url, sizeof url->tc_url, "%s%.*s/%s", scheme->prefix, (int)authority.len,
		 authority.at, url->app);
	return 0;
}
