/* SPDX-License-Identifier: MIT */
#include "rtmp/url.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"

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
	return cme_err_set(err, "invalid.url", "%s", fact);
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
			return bad(err, "the port in the URL must be a number from 1 to 65535");
		value = value * 10 + (unsigned)(part.at[i] - '0');
	}
	if (value < 1 || value > 65535)
		return bad(err, "the port in the URL must be a number from 1 to 65535");
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
		return bad(err, "the IPv6 address in the URL has no closing bracket");
	host->at = authority.at + literal;
	host->len = (size_t)((stop ? stop : end) - host->at);
	*port = (struct part){ 0 };
	if (literal)
		stop++;
	if (!stop || stop == end)
		return 0;
	if (*stop != ':')
		return bad(err, "something other than a port follows the address in the URL");
	*port = (struct part){ stop + 1, (size_t)(end - stop - 1) };
	return 0;
}

static int copy_decoded(char out[CME_RTMP_USER_MAX], struct part part, struct cme_err *err)
{
	if (copy(out, CME_RTMP_USER_MAX, part, err, "the user or the password in the URL is too long") != 0)
		return -1;
	cme_percent_decode(out);
	return 0;
}

/* Cuts "user:password@" off the authority. */
static int take_login(struct cme_rtmp_url *url, struct part *authority, struct cme_err *err)
{
	const char *at = memrchr(authority->at, '@', authority->len);
	struct part user = { authority->at, at ? (size_t)(at - authority->at) : 0 }, password = { "", 0 };
	const char *colon = memchr(user.at, ':', user.len);

	url->login = at != NULL;
	if (!at)
		return 0;
	authority->len -= user.len + 1;
	authority->at = at + 1;
	if (colon) {
		password = (struct part){ colon + 1, (size_t)(at - colon - 1) };
		user.len = (size_t)(colon - user.at);
	}
	return copy_decoded(url->user, user, err) == 0 ? copy_decoded(url->password, password, err) : -1;
}

static int parse_authority(struct cme_rtmp_url *url, struct part authority, struct cme_err *err)
{
	struct part host = { 0 }, port = { 0 };

	if (split_authority(authority, &host, &port, err) != 0)
		return -1;
	if (host.len == 0)
		return bad(err, "no host in the URL");
	if (copy(url->host, sizeof url->host, host, err, "the host in the URL is too long") != 0)
		return -1;
	return port.at ? parse_port(port, &url->port, err) : 0;
}

/* The scheme and the server; *path is what follows. */
static int parse_server(struct cme_rtmp_url *url, const char *text, struct part *authority, const char **path,
			struct cme_err *err)
{
	const struct scheme *scheme = find_scheme(text);

	if (!scheme)
		return bad(err, "the URL begins with neither rtmp:// nor rtmps://");
	if (!printable(text))
		return bad(err, "a space or control character in the URL");
	url->tls = scheme->tls;
	url->port = scheme->port;
	text += strlen(scheme->prefix);
	*authority = (struct part){ text, strcspn(text, "/?#") };
	*path = text + authority->len;
	return take_login(url, authority, err) == 0 ? parse_authority(url, *authority, err) : -1;
}

static int set_app(struct cme_rtmp_url *url, struct part authority, struct part app, struct cme_err *err)
{
	while (app.len > 0 && app.at[app.len - 1] == '/') /* of "app//key" */
		app.len--;
	if (copy(url->app, sizeof url->app, app, err, "the application in the URL is too long") != 0)
		return -1;
	snprintf(url->tc_url, sizeof url->tc_url, "%s://%.*s/%s", url->tls ? "rtmps" : "rtmp",
		 (int)authority.len, authority.at, url->app);
	return 0;
}

/* Where the server's part ends: at the last '/' before the query, or, with only one segment there, at the
 * first '/' in the query. NULL: there is no such place. */
static const char *find_cut(const char *path)
{
	const char *query = path + strcspn(path, "?");
	const char *cut = memrchr(path, '/', (size_t)(query - path));

	return cut ? cut : strchr(query, '/');
}

static int parse_path(struct cme_rtmp_url *url, struct part authority, const char *path, struct cme_err *err)
{
	const char *cut;

	if (path[0] != '/' || path[1] == '\0' || path[1] == '?')
		return bad(err, "no stream key in the URL (write it like rtmp://host/app/key)");
	if (*++path == '/')
		return bad(err,
			   "no application between two '/' in the URL (write it like rtmp://host/app/key)");
	cut = find_cut(path);
	if (!cut)
		return set_app(url, authority, (struct part){ path, strlen(path) }, err);
	if (cut[1] == '\0')
		return bad(err, "the URL ends in '/' where the stream key belongs (write it like "
				"rtmp://host/app/key)");
	if (copy(url->key, sizeof url->key, (struct part){ cut + 1, strlen(cut + 1) }, err,
		 "the stream key in the URL is too long") != 0)
		return -1;
	return set_app(url, authority, (struct part){ path, (size_t)(cut - path) }, err);
}

int cme_rtmp_url_parse(struct cme_rtmp_url *url, const char *text, struct cme_err *err)
{
	struct part authority = { 0 };
	const char *path = "";

	memset(url, 0, sizeof *url);
	if (parse_server(url, text, &authority, &path, err) != 0)
		return -1;
	return parse_path(url, authority, path, err);
}

/* The path of a tcUrl, without the key where a server repeats it. */
static struct part server_path(const char *path, const char *key)
{
	struct part app = { path + (*path == '/'), strlen(path + (*path == '/')) };
	size_t len = strlen(key);

	if (len > 0 && app.len > len && app.at[app.len - len - 1] == '/' &&
	    memcmp(app.at + app.len - len, key, len) == 0)
		app.len -= len;
	return app;
}

/* What a part of a URL leaves out is that of the URL it is found at. */
static const char *complete(const struct cme_rtmp_url *url, const char *text, char *out, size_t size)
{
	const char *host = strstr(url->tc_url, "://") + 3;

	if (text[0] != '/')
		return text;
	if (text[1] == '/')
		snprintf(out, size, "%s:%s", url->tls ? "rtmps" : "rtmp", text);
	else
		snprintf(out, size, "%.*s%s", (int)(host - url->tc_url + (int)strcspn(host, "/")),
			 url->tc_url, text);
	return out;
}

int cme_rtmp_url_redirect(struct cme_rtmp_url *url, const char *text, struct cme_err *err)
{
	char whole[CME_RTMP_HOST_MAX + 2 * CME_RTMP_APP_MAX + 32];
	struct cme_rtmp_url to = { 0 };
	struct part authority = { 0 };
	const char *path = "";

	text = complete(url, text, whole, sizeof whole);
	if (parse_server(&to, text, &authority, &path, err) != 0 ||
	    set_app(&to, authority, server_path(path, url->key), err) != 0)
		return -1;
	if (url->tls && !to.tls)
		return bad(err, "a redirect from rtmps:// to rtmp:// is not followed");
	memcpy(to.key, url->key, sizeof to.key);
	to.login = url->login;
	memcpy(to.user, url->user, sizeof to.user);
	memcpy(to.password, url->password, sizeof to.password);
	*url = to;
	return 0;
}
