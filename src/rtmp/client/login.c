/* SPDX-License-Identifier: MIT */
#include "rtmp/client/login.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#define DIGEST      16 /* bytes of MD5 */
#define DIGEST_TEXT 33 /* in hex; base64 is shorter */
#define PARAM_MAX   256
#define TRIES_MAX   2

/* What Limelight's way has fixed: names of HTTP's digest (RFC 2617 3.2.2). */
#define REALM  "live"
#define METHOD "publish"
#define COUNT  "00000001"
#define QOP    "auth"

/* The MD5 of all texts one after the other, up to a NULL. false: this OpenSSL has none. */
static bool digest(uint8_t out[DIGEST], const char *const *texts)
{
	EVP_MD_CTX *md5 = EVP_MD_CTX_new();
	bool good = md5 && EVP_DigestInit_ex(md5, EVP_md5(), NULL) == 1;

	for (; good && *texts; texts++)
		good = EVP_DigestUpdate(md5, *texts, strlen(*texts)) == 1;
	good = good && EVP_DigestFinal_ex(md5, out, NULL) == 1;
	EVP_MD_CTX_free(md5);
	return good;
}

static bool digest_base64(char out[DIGEST_TEXT], const char *const *texts)
{
	uint8_t bytes[DIGEST];

	if (!digest(bytes, texts))
		return false;
	EVP_EncodeBlock((uint8_t *)out, bytes, DIGEST);
	return true;
}

static bool digest_hex(char out[DIGEST_TEXT], const char *const *texts)
{
	uint8_t bytes[DIGEST];

	if (!digest(bytes, texts))
		return false;
	for (size_t i = 0; i < DIGEST; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return true;
}

/* The value of "name=" among the words; "" where it is not there, or is too long. */
static void find_param(const char *words, const char *name, char out[PARAM_MAX])
{
	const char *at = strstr(words, name);
	size_t len;

	out[0] = '\0';
	if (!at)
		return;
	at += strlen(name);
	len = strcspn(at, "& ;");
	if (len < PARAM_MAX)
		snprintf(out, PARAM_MAX, "%.*s", (int)len, at);
}

/* "?", or "&" behind an application that has a query. */
static char joint(const struct cme_rtmp_url *url)
{
	return strchr(url->app, '?') ? '&' : '?';
}

static bool fits(int len)
{
	return len > 0 && len < CME_LOGIN_QUERY_MAX;
}

static bool answer_adobe(struct cme_login *login, const struct cme_rtmp_url *url, const char *words,
			 const char *nonce)
{
	char mark = joint(url);
	char salt[PARAM_MAX], challenge[PARAM_MAX], opaque[PARAM_MAX], first[DIGEST_TEXT],
		second[DIGEST_TEXT];

	find_param(words, "salt=", salt);
	find_param(words, "challenge=", challenge);
	find_param(words, "opaque=", opaque);
	return digest_base64(first, (const char *[]){ url->user, salt, url->password, NULL }) &&
	       digest_base64(second,
			     (const char *[]){ first, opaque[0] ? opaque : challenge, nonce, NULL }) &&
	       fits(snprintf(login->query, sizeof login->query,
			     "%cauthmod=adobe&user=%s&challenge=%s&response=%s%s%s", mark, url->user, nonce,
			     second, opaque[0] ? "&opaque=" : "", opaque));
}

/* An application without an instance has the one that servers give it. */
static bool answer_llnw(struct cme_login *login, const struct cme_rtmp_url *url, const char *words,
			const char *nonce)
{
	const char *instance = strchr(url->app, '/') ? "" : "/_definst_";
	char mark = joint(url);
	char theirs[PARAM_MAX], who[DIGEST_TEXT], what[DIGEST_TEXT], response[DIGEST_TEXT];

	find_param(words, "nonce=", theirs);
	return digest_hex(who, (const char *[]){ url->user, ":" REALM ":", url->password, NULL }) &&
	       digest_hex(what, (const char *[]){ METHOD ":/", url->app, instance, NULL }) &&
	       digest_hex(response, (const char *[]){ who, ":", theirs, ":" COUNT ":", nonce, ":" QOP ":",
						      what, NULL }) &&
	       fits(snprintf(login->query, sizeof login->query,
			     "%cauthmod=llnw&user=%s&nonce=%s&cnonce=%s&nc=" COUNT "&response=%s", mark,
			     url->user, theirs, nonce, response));
}

static const struct {
	const char *mod;
	const char *name;
	bool (*answer)(struct cme_login *login, const struct cme_rtmp_url *url, const char *words,
		       const char *nonce);
} ways[] = {
	{ "authmod=adobe", "adobe", answer_adobe },
	{ "authmod=llnw", "llnw", answer_llnw },
};

bool cme_login_answer(struct cme_login *login, const struct cme_rtmp_url *url, const char *words,
		      uint32_t nonce)
{
	char text[9];

	if (!url->user[0] || login->tries == TRIES_MAX)
		return false;
	snprintf(text, sizeof text, "%08x", (unsigned)nonce);
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		if (!strstr(words, ways[i].mod))
			continue;
		login->tries++;
		if (strstr(words, "?reason=needauth"))
			return ways[i].answer(login, url, words, text);
		return strstr(words, "code=403 need auth") &&
		       fits(snprintf(login->query, sizeof login->query, "%cauthmod=%s&user=%s", joint(url),
				     ways[i].name, url->user));
	}
	return false;
}
