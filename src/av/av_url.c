/* SPDX-License-Identifier: MIT */
#include "av/av_url.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"

#define SRT "srt://"

/* SRT's texts: their names in the query, and as options. */
static const struct {
	const char *name;
	const char *option;
} texts[] = { { "passphrase=", "passphrase" }, { "streamid=", "streamid" }, { "srt_streamid=", "streamid" } };

/* Sets the option for a "name=value" of the query; false: it has none. */
static bool set_text(const char *pair, size_t len, AVDictionary **options)
{
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		size_t name = strlen(texts[i].name);
		char *value;

		if (len < name || strncmp(pair, texts[i].name, name) != 0)
			continue;
		value = strndup(pair + name, len - name);
		if (value)
			cme_percent_decode(value);
		av_dict_set(options, texts[i].option, value, AV_DICT_DONT_OVERWRITE);
		free(value);
		return true;
	}
	return false;
}

/* Takes the texts out of the query, in place. */
static void set_srt(char *url, AVDictionary **options)
{
	char *from = strchr(url, '?');
	char *to = from;

	while (from && *from) { /* at a '?' or '&': the next pair */
		size_t len = strcspn(from + 1, "&");

		if (!set_text(from + 1, len, options)) {
			memmove(to + 1, from + 1, len);
			*to = strchr(url, '?') < to ? '&' : '?';
			to += 1 + len;
		}
		from += 1 + len;
	}
	if (to)
		*to = '\0';
}

char *cme_av_url(const char *url, AVDictionary **options, struct cme_err *err)
{
	char *copy = strdup(url);

	if (!copy)
		cme_err_set(err, "internal", "out of memory");
	else if (strncasecmp(url, SRT, strlen(SRT)) == 0)
		set_srt(copy, options);
	return copy;
}
