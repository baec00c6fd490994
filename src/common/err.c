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

/* ---- the parts */

/* A va_list that a function may take from on behalf of its caller. */
struct args {
	va_list list;
};

/* One conversion of a format: "%.80s". */
struct conversion {
	char spec[16];
	char length; /* 'l', 'z' or none */
	char kind;   /* 's', 'd', 'u', 'x', 'g' or 'f' */
	bool star;   /* the precision is an argument */
};

/* Reads the conversion that starts at text, which is "%"; returns what follows it. */
static const char *read_conversion(const char *text, struct conversion *conversion)
{
	size_t len = 1 + strspn(text + 1, "-+ #0123456789.*hlz");

	*conversion = (struct conversion){ .kind = text[len] };
	snprintf(conversion->spec, sizeof conversion->spec, "%.*s", (int)len + 1, text);
	conversion->star = strchr(conversion->spec, '*') != NULL;
	if (strchr(conversion->spec, 'z'))
		conversion->length = 'z';
	else if (strchr(conversion->spec, 'l'))
		conversion->length = 'l';
	return text[len] ? text + len + 1 : text + len;
}

#pragma GCC diagnostic push
/* the spec is a part of a format that the compiler has checked */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static int print_text(char *out, size_t size, const struct conversion *conversion, struct args *args)
{
	int precision = conversion->star ? va_arg(args->list, int) : 0;
	const char *text = va_arg(args->list, const char *);

	return conversion->star ? snprintf(out, size, conversion->spec, precision, text)
				: snprintf(out, size, conversion->spec, text);
}

static int print_number(char *out, size_t size, const struct conversion *conversion, struct args *args)
{
	if (conversion->kind == 'g' || conversion->kind == 'f')
		return snprintf(out, size, conversion->spec, va_arg(args->list, double));
	if (conversion->length == 'z')
		return snprintf(out, size, conversion->spec, va_arg(args->list, size_t));
	if (conversion->length == 'l')
		return snprintf(out, size, conversion->spec, va_arg(args->list, long));
	return snprintf(out, size, conversion->spec, va_arg(args->list, int));
}

#pragma GCC diagnostic pop

/* Adds a value; false: there is no more room. */
static bool add_value(struct cme_err *err, const struct conversion *conversion, struct args *args)
{
	char *out = err->values + err->values_len;
	size_t size = sizeof err->values - err->values_len;
	int len = conversion->kind == 's' ? print_text(out, size, conversion, args)
					  : print_number(out, size, conversion, args);

	if (len < 0 || (size_t)len >= size)
		return false;
	clean(out, len, size);
	err->values_len = (unsigned short)(err->values_len + strlen(out) + 1);
	return true;
}

/* Adds what a message was made of; where there is too much of it none is kept. */
static void add_phrase(struct cme_err *err, const char *fmt, struct args *args)
{
	struct cme_phrase phrase = { .format = fmt };
	bool room = err->phrase_count < CME_ERR_PHRASES_MAX;
	struct conversion conversion;

	for (const char *at = strchr(fmt, '%'); at && room; at = strchr(at, '%')) {
		bool literal = at[1] == '%';

		at = literal ? at + 2 : read_conversion(at, &conversion);
		room = literal || add_value(err, &conversion, args);
		phrase.count = (unsigned char)(phrase.count + !literal);
	}
	if (room)
		err->phrases[err->phrase_count++] = phrase;
	else
		err->phrase_count = 0;
}

/* ---- */

int cme_err_set(struct cme_err *err, const char *code, const char *fmt, ...)
{
	struct args args;
	va_list ap;
	int len;

	if (!err)
		return -1;
	snprintf(err->code, sizeof err->code, "%s", code);
	va_start(ap, fmt);
	va_copy(args.list, ap);
	len = vsnprintf(err->message, sizeof err->message, fmt, ap);
	va_end(ap);
	clean(err->message, len, sizeof err->message);
	err->phrase_count = 0;
	err->values_len = 0;
	add_phrase(err, fmt, &args);
	va_end(args.list);
	return -1;
}

int cme_err_prefix(struct cme_err *err, const char *fmt, ...)
{
	char inner[CME_ERR_MESSAGE_MAX];
	struct args args;
	size_t len;
	va_list ap;
	int all;

	if (!err)
		return -1;
	memcpy(inner, err->message, sizeof inner);
	va_start(ap, fmt);
	va_copy(args.list, ap);
	all = vsnprintf(err->message, sizeof err->message, fmt, ap);
	va_end(ap);
	len = strlen(err->message);
	all += snprintf(err->message + len, sizeof err->message - len, ": %s", inner);
	clean(err->message, all, sizeof err->message);
	if (err->phrase_count)
		add_phrase(err, fmt, &args);
	va_end(args.list);
	return -1;
}

const char *cme_err_value(const struct cme_err *err, size_t index)
{
	const char *value = err->values;

	while (index--)
		value += strlen(value) + 1;
	return value;
}
