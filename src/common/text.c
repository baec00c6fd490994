/* SPDX-License-Identifier: MIT */
#include "common/text.h"

#include <string.h>

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

int cme_percent_byte(const char *text, size_t len)
{
	int high, low;

	if (len < 3 || text[0] != '%')
		return -1;
	high = hex_digit(text[1]);
	low = high >= 0 ? hex_digit(text[2]) : -1;
	return low >= 0 ? high * 16 + low : -1;
}

void cme_percent_decode(char *text)
{
	unsigned char *out = (unsigned char *)text;

	while (*text) {
		int byte = cme_percent_byte(text, 3); /* a NUL is no digit: it looks no further */
		bool encoded = byte > 0;

		*out++ = (unsigned char)(encoded ? byte : *text);
		text += encoded ? 3 : 1;
	}
	*out = '\0';
}

bool cme_file_name_fits(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > CME_FILE_NAME_MAX || name[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if (name[i] == '/' || (unsigned char)name[i] < ' ' || name[i] == 0x7f)
			return false;
	return true;
}
