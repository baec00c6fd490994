/* SPDX-License-Identifier: MIT */
#include "av/options.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"

#define NAME_MAX_BYTES 32
#define CODE           "invalid.url"
#define DIGITS         "0123456789"
#define ADDRESS_CHARS  DIGITS "abcdefABCDEF.:,"
#define NAME_CHARS     DIGITS "abcdefghijklmnopqrstuvwxyz_"

enum form { WORD, MICROSECONDS, MILLISECONDS, BYTES, TEXT, ADDRESS };

/* Several words stand between commas. Numbers and lengths of texts have bounds. */
static const struct option {
	const char *scheme;
	const char *name;
	enum form form;
	const char *words; /* of a WORD */
	int64_t min, max;
} options[] = {
	{ "srt", "mode", WORD, "caller", 0, 0 },
	{ "srt", "latency", MICROSECONDS, NULL, 10000, 60000000 },
	{ "srt", "connect_timeout", MILLISECONDS, NULL, 100, 9000 },
	{ "srt", "passphrase", TEXT, NULL, 10, 79 },
	{ "srt", "pbkeylen", WORD, "16,24,32", 0, 0 },
	{ "srt", "streamid", TEXT, NULL, 1, 512 },
	{ "srt", "srt_streamid", TEXT, NULL, 1, 512 },
	{ "srt", "tlpktdrop", WORD, "0,1", 0, 0 },
	{ "srt", "transtype", WORD, "live", 0, 0 },
	{ "srt", "pkt_size", BYTES, NULL, 188, 1456 },
	{ "rtsp", "rtsp_transport", WORD, "tcp,udp,udp_multicast", 0, 0 },
	{ "udp", "localaddr", ADDRESS, NULL, 0, 0 },
	{ "udp", "sources", ADDRESS, NULL, 0, 0 },
	{ "udp", "buffer_size", BYTES, NULL, 65536, 67108864 },
	{ "rtp", "localaddr", ADDRESS, NULL, 0, 0 },
	{ "rtp", "sources", ADDRESS, NULL, 0, 0 },
};

#define COUNT (sizeof options / sizeof options[0])

static bool is_scheme(const char *url, const char *scheme)
{
	size_t len = strlen(scheme);

	return strncasecmp(url, scheme, len) == 0 && url[len] == ':';
}

static const char *scheme_of(const char *url)
{
	for (size_t i = 0; i < COUNT; i++)
		if (is_scheme(url, options[i].scheme))
			return options[i].scheme;
	return NULL;
}

static const struct option *find(const char *scheme, const char *name, size_t len)
{
	for (size_t i = 0; i < COUNT; i++)
		if (strcmp(options[i].scheme, scheme) == 0 && strlen(options[i].name) == len &&
		    strncmp(options[i].name, name, len) == 0)
			return &options[i];
	return NULL;
}

/* RTSP's query is the camera's. */
static bool is_foreign(const char *scheme, const char *pair)
{
	return strcmp(scheme, "rtsp") == 0 && strncmp(pair, "rtsp_", 5) != 0;
}

/* ---- values */

static bool is_word(const char *words, const char *value)
{
	size_t len = strlen(value);

	for (const char *word = words; len && word; word = strchr(word, ',')) {
		word += *word == ',';
		if (strcspn(word, ",") == len && strncmp(word, value, len) == 0)
			return true;
	}
	return false;
}

static bool is_number(const struct option *option, const char *value)
{
	size_t len = strlen(value);

	return len >= 1 && len <= 12 && strspn(value, DIGITS) == len &&
	       strtoll(value, NULL, 10) >= option->min && strtoll(value, NULL, 10) <= option->max;
}

static bool fits(const struct option *option, const char *value)
{
	size_t len = strlen(value);

	switch (option->form) {
	case WORD:
		return is_word(option->words, value);
	case TEXT:
		return len >= (size_t)option->min && len <= (size_t)option->max;
	case ADDRESS:
		return len && strspn(value, ADDRESS_CHARS) == len;
	default:
		return is_number(option, value);
	}
}

static int misfit(const struct option *option, struct cme_err *err)
{
	const char *name = option->name;
	int min = (int)option->min, max = (int)option->max;

	switch (option->form) {
	case WORD:
		return cme_err_set(err, CODE, "option '%s': one of %s expected", name, option->words);
	case MICROSECONDS:
		return cme_err_set(err, CODE, "option '%s': %d to %d microseconds expected", name, min, max);
	case MILLISECONDS:
		return cme_err_set(err, CODE, "option '%s': %d to %d milliseconds expected", name, min, max);
	case BYTES:
		return cme_err_set(err, CODE, "option '%s': %d to %d bytes expected", name, min, max);
	case TEXT:
		return cme_err_set(err, CODE, "option '%s': %d to %d characters expected", name, min, max);
	default:
		return cme_err_set(err, CODE, "option '%s': IP addresses expected", name);
	}
}

/* ---- pairs */

static int refuse(const char *scheme, const char *pair, size_t len, struct cme_err *err)
{
	char name[NAME_MAX_BYTES], known[256] = "";
	size_t n = 0;

	if (!memchr(pair, '=', len) || strcspn(pair, "=") >= sizeof name ||
	    strspn(pair, NAME_CHARS) != strcspn(pair, "=")) /* may be anything */
		return cme_err_set(err, CODE, "its query has a part that is no option (name=value)");
	snprintf(name, sizeof name, "%.*s", (int)strcspn(pair, "="), pair);
	for (size_t i = 0; i < COUNT && n < sizeof known; i++)
		if (strcmp(options[i].scheme, scheme) == 0)
			n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", n ? ", " : "",
					      options[i].name);
	return cme_err_set(err, CODE, "option '%s': unknown (%s takes %s)", name, scheme, known);
}

/* 1: taken, to be left out of the URL; 0: it stays there; -1 with err. */
static int take(const char *scheme, const char *pair, size_t len, AVDictionary **taken, struct cme_err *err)
{
	size_t name = strcspn(pair, "=&");
	const struct option *option = find(scheme, pair, name);
	char *value;
	int rc;

	if (!len || is_foreign(scheme, pair))
		return 0;
	if (!option || name >= len)
		return refuse(scheme, pair, len, err);
	value = strndup(pair + name + 1, len - name - 1);
	if (!value)
		return cme_err_set(err, "internal", "out of memory");
	if (option->form != ADDRESS)
		cme_percent_decode(value);
	rc = fits(option, value) ? 0 : misfit(option, err);
	if (rc == 0 && strcmp(scheme, "udp") != 0 && strcmp(scheme, "rtp") != 0)
		rc = av_dict_set(taken, option->name, value, AV_DICT_DONT_OVERWRITE) < 0
			     ? cme_err_set(err, "internal", "out of memory")
			     : 1;
	free(value);
	return rc;
}

/* Takes the pairs of the query, in place. */
static int take_all(const char *scheme, char *query, AVDictionary **taken, struct cme_err *err)
{
	char *from = query, *to = query;
	int rc = 0;

	while (rc >= 0 && *from) { /* at a '?' or '&': the next pair */
		size_t len = strcspn(from + 1, "&");
		char mark = to == query ? '?' : '&';

		rc = take(scheme, from + 1, len, taken, err);
		if (rc == 0) {
			memmove(to + 1, from + 1, len);
			*to = mark;
			to += 1 + len;
			from += 1 + len;
		} else {
			from += 1 + len;
		}
	}
	*to = '\0';
	return rc < 0 ? -1 : 0;
}

char *cme_options_take(const char *url, AVDictionary **options_out, struct cme_err *err)
{
	const char *scheme = scheme_of(url);
	char *copy = strdup(url);
	char *query = copy && scheme ? strchr(copy, '?') : NULL;

	if (!copy)
		cme_err_set(err, "internal", "out of memory");
	if (query && take_all(scheme, query, options_out, err) != 0) {
		free(copy);
		return NULL;
	}
	return copy;
}
