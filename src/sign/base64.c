/* SPDX-License-Identifier: MIT */
#include "sign/base64.h"

#include <openssl/evp.h>
#include <stdbool.h>

void cme_base64_encode(struct cme_bytes bytes, char *out)
{
	EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)bytes.data, (int)bytes.len);
}

static bool is_digit(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
	       c == '/';
}

int64_t cme_base64_decode(struct cme_bytes text, unsigned char *out)
{
	size_t digits = 0, padding = 0;
	int done;

	if (text.len % 4 || text.len > CME_BASE64_MAX)
		return -1;
	while (digits < text.len && is_digit(text.data[digits]))
		digits++;
	while (digits + padding < text.len && text.data[digits + padding] == '=')
		padding++;
	if (digits + padding != text.len || padding > 2)
		return -1;
	done = EVP_DecodeBlock(out, (const unsigned char *)text.data, (int)text.len);
	/* bits that padding leaves over: set, the text would be one of several for the same bytes (RFC
	 * 4648, 3.5) */
	for (size_t i = 1; done >= 0 && i <= padding; i++)
		if (out[(size_t)done - i])
			return -1;
	return done < 0 ? -1 : done - (int64_t)padding;
}
