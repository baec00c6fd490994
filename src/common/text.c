/* SPDX-License-Identifier: MIT */
#include "common/text.h"

bool cme_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

void cme_trim(const char **text, size_t *len)
{
	for (; *len && cme_is_blank(**text); (*len)--)
		(*text)++;
	while (*len && cme_is_blank((*text)[*len - 1]))
		(*len)--;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void cme_percent_decode(char *text)
{
	unsigned char *out = (unsigned char *)text;

	while (*text) {
		int high = *text == '%' ? hex_digit(text[1]) : -1;
		int low = high >= 0 ? hex_digit(text[2]) : -1;
		bool encoded = low >= 0 && high + low > 0;

		*out++ = (unsigned char)(encoded ? high * 16 + low : *text);
		text += encoded ? 3 : 1;
	}
	*out = '\0';
}
