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
