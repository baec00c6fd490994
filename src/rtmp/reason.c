/* SPDX-License-Identifier: MIT */
#include "rtmp/reason.h"

#include <stdio.h>
#include <string.h>

#include "common/redact.h"

#define HIDDEN_LEN 3
#define TEXT_MAX   1024 /* of what the server says, before it is cut */

static void hide(char *text, const char *secret, size_t len)
{
	char *at = text;

	if (len < CME_SECRET_MIN)
		return;
	while ((at = memmem(at, strlen(at), secret, len))) {
		memset(at, '*', HIDDEN_LEN); /* never longer than what it replaces */
		memmove(at + HIDDEN_LEN, at + len, strlen(at + len) + 1);
		at += HIDDEN_LEN;
	}
}

/* The values of a query, which begins with its '?'. */
static void hide_query(char *text, const char *query)
{
	for (const char *at = query; *at;) { /* at a '?' or '&': the next pair */
		size_t pair = strcspn(at + 1, "&");
		size_t value = strcspn(at + 1, "=&");

		if (value < pair)
			hide(text, at + 1 + value + 1, pair - value - 1);
		at += 1 + pair;
	}
}

static const char *query_of(const char *part)
{
	return part + strcspn(part, "?");
}

/* Where there is no key, the application stands for it. */
static void hide_secrets(char *text, const struct cme_rtmp_url *url, const char *login)
{
	const char *key = url->key[0] ? url->key : url->app;

	hide(text, key, strlen(key));
	hide(text, key, strcspn(key, "?"));
	hide_query(text, query_of(key));
	hide_query(text, query_of(url->app));
	hide(text, login, strlen(login));
	hide(text, url->user, strlen(url->user));
	hide(text, url->password, strlen(url->password));
}

/* A string member as text: control characters become blanks. */
static bool member(const struct cme_amf_value *info, const char *name, char out[TEXT_MAX])
{
	struct cme_amf_value value;
	size_t len;

	out[0] = '\0';
	if (!cme_amf_find(info, name, &value) || value.type != CME_AMF_STRING || value.len == 0)
		return false;
	len = value.len < TEXT_MAX - 1 ? value.len : TEXT_MAX - 1;
	for (size_t i = 0; i < len; i++)
		out[i] = (char)(value.data[i] < ' ' || value.data[i] == 0x7f ? ' ' : value.data[i]);
	out[len] = '\0';
	return true;
}

/* Cuts without leaving half a UTF-8 character. */
static void cut(char *out, size_t size, const char *text)
{
	size_t len = strlen(text);

	if (len >= size) {
		len = size - 1;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(out, text, len);
	out[len] = '\0';
}

/* A refused connect may name another server in `ex`; its URL is shown redacted. */
static void add_redirect(const struct cme_amf_value *info, char *text, size_t size)
{
	char url[TEXT_MAX], shown[TEXT_MAX];
	struct cme_amf_value ex;
	size_t len = strlen(text);

	if (cme_amf_find(info, "ex", &ex) && member(&ex, "redirect", url))
		snprintf(text + len, size - len, "; redirect to %s",
			 cme_redact_url(url, shown, sizeof shown));
}

char *cme_rtmp_reason(char out[CME_RTMP_REASON_MAX], const struct cme_amf_value *info,
		      const struct cme_rtmp_url *url, const char *login)
{
	char code[TEXT_MAX], description[TEXT_MAX], text[4 * TEXT_MAX];
	bool has_code = member(info, "code", code);
	bool has_description = member(info, "description", description);

	if (!has_code && !has_description)
		snprintf(text, sizeof text, "no reason given");
	else
		snprintf(text, sizeof text, "%s%s%s", code, has_code && has_description ? ": " : "",
			 description);
	add_redirect(info, text, sizeof text);
	hide_secrets(text, url, login);
	cut(out, CME_RTMP_REASON_MAX, text);
	return out;
}
