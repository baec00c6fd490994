/* SPDX-License-Identifier: MIT */
#include "sign/v1.h"

#include "common/text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is(struct cme_bytes text, const char *name)
{
	return text.len == strlen(name) && memcmp(text.data, name, text.len) == 0;
}

int cme_v1_algorithm(struct cme_bytes name, enum cme_hash *hash, struct cme_err *err)
{
	if (is(name, "HmacSHA1"))
		*hash = CME_HASH_SHA1;
	else if (is(name, "HmacSHA256"))
		*hash = CME_HASH_SHA256;
	else
		return cme_err_set(err, "invalid.algorithm",
				   "sign: algorithm: is neither HmacSHA1 nor HmacSHA256");
	return 0;
}

/* qsort's order: bytes of the name, a shorter name first. */
static int by_name(const void *left, const void *right)
{
	const struct cme_bytes *a = &((const struct cme_v1_param *)left)->name;
	const struct cme_bytes *b = &((const struct cme_v1_param *)right)->name;
	int order = memcmp(a->data, b->data, a->len < b->len ? a->len : b->len);

	return order ? order : (a->len > b->len) - (a->len < b->len);
}

/* Every byte visible ASCII, and none of those in not. */
static bool plain(struct cme_bytes text, const char * not )
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] <= ' ' || text.data[i] >= 0x7f || strchr(not, text.data[i]))
			return false;
	return text.len > 0;
}

static int check(const struct cme_v1_request *request, struct cme_err *err)
{
	if (!is(request->method, "GET") && !is(request->method, "POST"))
		return cme_err_set(err, "invalid.method", "sign: method: is neither GET nor POST");
	if (!plain(request->host, "?"))
		return cme_err_set(err, "invalid.host",
				   "sign: host: is empty or holds a character no host has");
	for (size_t i = 0; i < request->param_count; i++) {
		const struct cme_v1_param *param = &request->params[i];

		if (!plain(param->name, "=&"))
			return cme_err_set(err, "invalid.params",
					   "sign: params: a name is empty or holds a character no name has");
		if (memchr(param->value.data, '\0', param->value.len))
			return cme_err_set(err, "invalid.params", "sign: parameter '%.*s': holds a NUL",
					   (int)param->name.len, param->name.data);
		if (i > 0 && by_name(&request->params[i - 1], param) == 0)
			return cme_err_set(err, "invalid.params", "sign: parameter '%.*s': is given twice",
					   (int)param->name.len, param->name.data);
	}
	return 0;
}

int cme_v1_string_to_sign(struct cme_v1_request *request, struct cme_buf *out, struct cme_err *err)
{
	const char *separator = "/?";

	if (request->param_count > 0)
		qsort(request->params, request->param_count, sizeof *request->params, by_name);
	if (check(request, err) != 0)
		return -1;
	cme_buf_reset(out);
	cme_buf_append(out, request->method.data, request->method.len);
	cme_buf_append(out, request->host.data, request->host.len);
	for (size_t i = 0; i < request->param_count; i++) {
		const struct cme_v1_param *param = &request->params[i];

		if (is(param->name, "Signature"))
			continue;
		cme_buf_puts(out, separator);
		cme_buf_append(out, param->name.data, param->name.len);
		cme_buf_puts(out, "=");
		cme_buf_append(out, param->value.data, param->value.len);
		separator = "&";
	}
	if (*separator == '/')
		return cme_err_set(err, "invalid.params", "sign: params: there are none");
	if (out->failed)
		return cme_err_set(err, "invalid.too_large", "sign: params: are too large (%d bytes at most)",
				   CME_V1_TEXT_MAX);
	return 0;
}

int cme_v1_sign(struct cme_digest *digest, enum cme_hash hash, struct cme_bytes secret,
		struct cme_bytes string_to_sign, char signature[CME_V1_SIGNATURE_MAX], struct cme_err *err)
{
	unsigned char mac[CME_HASH_MAX];

	if (cme_digest_hmac(digest, hash, secret, string_to_sign, mac, err) != 0)
		return -1;
	EVP_EncodeBlock((unsigned char *)signature, mac, (int)cme_digest_size(hash));
	return 0;
}

size_t cme_v1_decode(struct cme_bytes text, char *out)
{
	const char *at = text.data, *end = text.data + text.len;
	size_t len = 0;

	while (at < end) {
		int byte = cme_percent_byte(at, (size_t)(end - at));

		if (*at == '%' && byte < 0)
			return text.len + 1;
		out[len++] = (char)(byte >= 0 ? byte : *at == '+' ? ' ' : *at);
		at += byte >= 0 ? 3 : 1;
	}
	return len;
}
