/* SPDX-License-Identifier: MIT */
#include "edge/play.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STAMP     8 /* hex digits of the second */
#define MAC       (CME_PLAY_TOKEN - STAMP - 1)
#define PARAMETER "token="

/* Takes the token out of a query. */
static void find_token(const char *query, size_t len, char token[CME_PLAY_TOKEN + 1])
{
	const size_t name = sizeof PARAMETER - 1;

	while (len) {
		const char *end = memchr(query, '&', len);
		size_t part = end ? (size_t)(end - query) : len;

		if (part == name + CME_PLAY_TOKEN && memcmp(query, PARAMETER, name) == 0) {
			memcpy(token, query + name, CME_PLAY_TOKEN);
			token[CME_PLAY_TOKEN] = '\0';
		}
		query += part + (end ? 1 : 0);
		len -= part + (end ? 1 : 0);
	}
}

bool cme_play_read(const char *text, size_t len, const char *query, struct cme_play *play)
{
	const char *mark = len ? memchr(text, '?', len) : NULL;
	size_t name = mark ? (size_t)(mark - text) : len;

	*play = (struct cme_play){ .token = "" };
	if (name == 0 || name >= sizeof play->name)
		return false;
	memcpy(play->name, text, name);
	find_token(query, strlen(query), play->token);
	if (mark)
		find_token(mark + 1, len - name - 1, play->token);
	return true;
}

/* What the MAC of a token has to be. */
static bool sign(const struct cme_play *play, const char *secret, char out[MAC + 1])
{
	char text[sizeof play->name + 32];
	uint8_t digest[EVP_MAX_MD_SIZE];
	int len = snprintf(text, sizeof text, "play %s %.*s", play->name, STAMP, play->token);

	if (len < 0 || !HMAC(EVP_sha256(), secret, (int)strlen(secret), (const uint8_t *)text, (size_t)len,
			     digest, NULL))
		return false;
	for (size_t i = 0; i < MAC / 2; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
	return true;
}

enum cme_play_verdict cme_play_check(const struct cme_play *play, const char *secret, double now)
{
	char mac[MAC + 1], stamp[STAMP + 1];
	char *end;

	if (!secret[0] || strlen(play->token) != CME_PLAY_TOKEN || play->token[STAMP] != '-' ||
	    !sign(play, secret, mac) || CRYPTO_memcmp(mac, play->token + STAMP + 1, MAC) != 0)
		return CME_PLAY_WRONG;
	memcpy(stamp, play->token, STAMP);
	stamp[STAMP] = '\0';
	return now <= (double)strtoull(stamp, &end, 16) ? CME_PLAY_GOOD : CME_PLAY_EXPIRED;
}
