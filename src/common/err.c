/* SPDX-License-Identifier: MIT */
#include "common/err.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Well-formed UTF-8 by its first byte: how many bytes, and what the second may be (Unicode 15, table 3-7). */
static const struct {
	unsigned char first, last;
	unsigned char low, high;
	size_t len;
} forms[] = {
	{ 0x01, 0x7F, 0, 0, 1 },       { 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 },
	{ 0xE1, 0xEC, 0x80, 0xBF, 3 }, { 0xED, 0xED, 0x80, 0x9F, 3 }, { 0xEE, 0xEF, 0x80, 0xBF, 3 },
	{ 0xF0, 0xF0, 0x90, 0xBF, 4 }, { 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 },
};

static bool continues(char byte)
{
	return ((unsigned char)byte & 0xC0) == 0x80;
}

/* The bytes of the character that text starts with; 0: it starts with none. */
static size_t char_len(const char *text)
{
	unsigned char first = (unsigned char)text[0], second = (unsigned char)text[1];
	size_t i = 0, len = 1;

	while (i < sizeof forms / sizeof forms[0] && (first < forms[i].first || first > forms[i].last))
		i++;
	if (i == sizeof forms / sizeof forms[0])
		return 0;
	if (forms[i].len > 1 && (second < forms[i].low || second > forms[i].high))
		return 0;
	while (len < forms[i].len && continues(text[len]))
		len++;
	return len == forms[i].len ? len : 0;
}

/* Drops the character that a cut left unfinished at the end. */
static void drop_unfinished(char *text)
{
	size_t at = strlen(text);

	for (int i = 0; i < 3 && at > 0 && continues(text[at - 1]); i++)
		at--;
	if (at > 0 && !char_len(text + at - 1))
		text[at - 1] = '\0';
}

/* Makes the text UTF-8: peers say what they like, and JSON takes nothing else. `len` is what it would
 * have been without the limit of `size`. */
static void clean(char *text, int len, size_t size)
{
	if (len >= (int)size)
		drop_unfinished(text);
	while (*text) {
		size_t step = char_len(text);

		if (!step)
			*text = '?';
		text += step ? step : 1;
	}
}

int cme_err_set(struct cme_err *err, const char *code, const char *fmt, ...)
{
	va_list ap;
	int len;

	if (!err)
		return -1;
	snprintf(err->code, sizeof err->code, "%s", code);
	va_start(ap, fmt);
	len = vsnprintf(err->message, sizeof err->message, fmt, ap);
	va_end(ap);
	clean(err->message, len, sizeof err->message);
	return -1;
}

int cme_err_prefix(struct cme_err *err, const char *fmt, ...)
{
	char inner[CME_ERR_MESSAGE_MAX];
	size_t len;
	va_list ap;
	int all;

	if (!err)
		return -1;
	memcpy(inner, err->message, sizeof inner);
	va_start(ap, fmt);
	all = vsnprintf(err->message, sizeof err->message, fmt, ap);
	va_end(ap);
	len = strlen(err->message);
	all += snprintf(err->message + len, sizeof err->message - len, ": %s", inner);
	clean(err->message, all, sizeof err->message);
	return -1;
}
