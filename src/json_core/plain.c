/* SPDX-License-Identifier: MIT */
#include "json_core/plain.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/eight.h"

/* The second byte of a sequence, which excludes what the first alone does not; more bytes follow it. */
struct lead {
	unsigned char first, last; /* leading bytes that this is for */
	unsigned char low, high;   /* of the second byte */
	unsigned char more;        /* bytes after the second, each 80 to BF */
};

static const struct lead leads[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 0 }, { 0xe0, 0xe0, 0xa0, 0xbf, 1 }, { 0xe1, 0xec, 0x80, 0xbf, 1 },
	{ 0xed, 0xed, 0x80, 0x9f, 1 }, { 0xee, 0xef, 0x80, 0xbf, 1 }, { 0xf0, 0xf0, 0x90, 0xbf, 2 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 2 }, { 0xf4, 0xf4, 0x80, 0x8f, 2 },
};

static bool within(unsigned char byte, unsigned char low, unsigned char high)
{
	return byte >= low && byte <= high;
}

/* The bytes of the sequence of more than one byte that text starts with; 0 when it is not one. */
static size_t sequence_len(const unsigned char *text, size_t len)
{
	for (size_t i = 0; i < sizeof leads / sizeof *leads; i++) {
		const struct lead *lead = &leads[i];

		if (!within(*text, lead->first, lead->last))
			continue;
		if (len < 2U + lead->more || !within(text[1], lead->low, lead->high))
			return 0;
		for (size_t j = 2; j < 2U + lead->more; j++)
			if (!within(text[j], 0x80, 0xbf))
				return 0;
		return 2U + lead->more;
	}
	return 0;
}

static bool is_plain_ascii(unsigned char byte)
{
	return byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\';
}

static bool are_plain_ascii(uint64_t eight)
{
	return !cme_eight_high(eight) && !cme_eight_below(eight, ' ') && !cme_eight_has(eight, 0x7f) &&
	       !cme_eight_has(eight, '"') && !cme_eight_has(eight, '\\');
}

static bool is_ascii(unsigned char byte)
{
	return byte > 0 && byte < 0x80;
}

static bool are_ascii(uint64_t eight)
{
	return !cme_eight_high(eight) && !cme_eight_has(eight, 0);
}

/* How many bytes from `at` are sequences of more than one byte, and ASCII that `fits`; all_fit says it of
 * eight.
 */
static inline size_t run_len(const unsigned char *at, const unsigned char *end, bool (*fits)(unsigned char),
			     bool (*all_fit)(uint64_t))
{
	const unsigned char *start = at;

	for (;;) {
		size_t step;

		while (end - at >= CME_EIGHT && all_fit(cme_eight_at(at)))
			at += CME_EIGHT;
		while (at < end && fits(*at))
			at++;
		step = at < end ? sequence_len(at, (size_t)(end - at)) : 0;
		if (step == 0)
			return (size_t)(at - start);
		at += step;
	}
}

bool cme_json_is_text(const char *text, size_t len)
{
	const unsigned char *at = (const unsigned char *)text;

	return run_len(at, at + len, is_ascii, are_ascii) == len;
}

static void escape(struct cme_buf *out, unsigned char byte)
{
	static const char from[] = "\"\\\n\r\t", to[] = "\"\\nrt";
	const char *known = byte ? strchr(from, byte) : NULL;
	char text[8];
	int len;

	if (known)
		len = snprintf(text, sizeof text, "\\%c", to[known - from]);
	else
		len = snprintf(text, sizeof text, "\\u%04x", byte);
	cme_buf_append(out, text, (size_t)len);
}

bool cme_json_quote(struct cme_buf *out, const char *text, size_t len)
{
	const unsigned char *at = (const unsigned char *)text, *end = at + len;

	cme_buf_append(out, "\"", 1);
	for (;;) {
		size_t run = run_len(at, end, is_plain_ascii, are_plain_ascii);

		cme_buf_append(out, at, run);
		at += run;
		if (at == end)
			break;
		if (*at >= 0x80)
			return false;
		escape(out, *at++);
	}
	cme_buf_append(out, "\"", 1);
	return true;
}

/* Past the string that starts at `at`, at its quote. */
static const char *string_end(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++)
		if (*at == '\\' && at + 1 < end)
			at++;
	return at;
}

bool cme_json_exceeds(const char *text, size_t len, size_t most)
{
	const char *end = text + len;
	size_t commas = 0;

	for (const char *at = text; at < end && commas <= most; at++)
		if (*at == '"')
			at = string_end(at, end);
		else if (*at == ',')
			commas++;
	return commas > most;
}

bool cme_json_is_integer(double value)
{
	return value >= -CME_JSON_EXACT_MAX && value <= CME_JSON_EXACT_MAX && value == trunc(value);
}

/* The digits of an integer that a double holds: several times faster than snprintf. */
static size_t integer_text(double value, char out[CME_JSON_NUMBER_SIZE])
{
	unsigned long long rest = (unsigned long long)fabs(value);
	char digits[CME_JSON_NUMBER_SIZE];
	size_t count = 0, len = 0;

	do
		digits[count++] = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (value < 0)
		out[len++] = '-';
	while (count > 0)
		out[len++] = digits[--count];
	out[len] = '\0';
	return len;
}

size_t cme_json_number(double value, char out[CME_JSON_NUMBER_SIZE])
{
	int len;
	char *comma;

	if (cme_json_is_integer(value))
		return integer_text(value, out);
	len = snprintf(out, CME_JSON_NUMBER_SIZE, "%.14g", value);
	if (strtod(out, NULL) != value)
		len = snprintf(out, CME_JSON_NUMBER_SIZE, "%.17g", value);
	if (!strpbrk(out, ".,e")) /* an integer past 2^53, as which nobody could read it back */
		len = snprintf(out, CME_JSON_NUMBER_SIZE, "%.16e", value);
	comma = strchr(out, ',');
	if (comma)
		*comma = '.';
	return (size_t)len;
}
