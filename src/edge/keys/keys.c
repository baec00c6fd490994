/* SPDX-License-Identifier: MIT */
#include "edge/keys/keys.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

#define PARAM_MAX 256

/* The two parameters that count. */
enum { SECRET, TIME, PARAMS };

static const char *const names[PARAMS] = { "txSecret=", "txTime=" };

struct params {
	char value[PARAMS][PARAM_MAX];
	bool there[PARAMS];
};

/* false: it is there twice, and readers may differ on which counts; or it is too long. */
static bool take_param(struct params *params, const char *text, size_t len)
{
	for (int i = 0; i < PARAMS; i++) {
		size_t name = strlen(names[i]);

		if (len < name || memcmp(text, names[i], name) != 0)
			continue;
		if (params->there[i] || len - name >= PARAM_MAX)
			return false;
		params->there[i] = true;
		memcpy(params->value[i], text + name, len - name);
		params->value[i][len - name] = '\0';
		cme_percent_decode(params->value[i]);
	}
	return true;
}

static bool take_query(struct params *params, const char *query, size_t len)
{
	while (len) {
		const char *end = memchr(query, '&', len);
		size_t part = end ? (size_t)(end - query) : len;

		if (!take_param(params, query, part))
			return false;
		query += part + (end ? 1 : 0);
		len -= part + (end ? 1 : 0);
	}
	return true;
}

static void lower(char *text)
{
	for (; *text; text++)
		*text = (char)tolower((unsigned char)*text);
}

/* The one form of a key, at most `size` bytes with its NUL. false: it does not fit. */
static bool write_form(char *out, size_t size, const char *name, size_t len, struct params *params)
{
	int n;

	lower(params->value[SECRET]);
	if (!params->there[SECRET] && !params->there[TIME])
		n = snprintf(out, size, "%.*s", (int)len, name);
	else
		n = snprintf(out, size, "%.*s?txSecret=%s&txTime=%s", (int)len, name, params->value[SECRET],
			     params->value[TIME]);
	return n >= 0 && (size_t)n < size;
}

bool cme_key_hash(const char *text, size_t len, const char *query, uint8_t out[CME_KEY_HASH])
{
	const char *mark = len ? memchr(text, '?', len) : NULL;
	size_t name = mark ? (size_t)(mark - text) : len;
	struct params params = { 0 };
	char form[CME_KEY_TEXT_MAX + 2 * PARAM_MAX + 32];
	bool good = len <= CME_KEY_TEXT_MAX && take_query(&params, query, strlen(query)) &&
		    (!mark || take_query(&params, mark + 1, len - name - 1)) &&
		    write_form(form, sizeof form, text, name, &params) &&
		    EVP_Digest(form, strlen(form), out, NULL, EVP_sha256(), NULL) == 1;

	OPENSSL_cleanse(form, sizeof form);
	OPENSSL_cleanse(&params, sizeof params);
	return good;
}

const char *cme_key_passphrase(const struct cme_key *key, const uint8_t hash[CME_KEY_HASH])
{
	const struct cme_key_hashes *hashes = &key->hashes[CME_KEY_SRT];
	const char *found = "";

	for (size_t h = 0; h < hashes->count; h++)
		if (CRYPTO_memcmp(hashes->list[h], hash, CME_KEY_HASH) == 0)
			found = key->passphrases[h];
	return found;
}

static enum cme_key_verdict judge(const struct cme_key *key, double now)
{
	if (!key)
		return CME_KEY_UNKNOWN;
	if (key->ended)
		return CME_KEY_ENDED;
	return now > key->expires ? CME_KEY_EXPIRED : CME_KEY_GOOD;
}

enum cme_key_verdict cme_keys_find(const struct cme_keys *keys, enum cme_key_protocol protocol,
				   const uint8_t hash[CME_KEY_HASH], double now, struct cme_key **found)
{
	*found = cme_table_get(&keys->hashes[protocol], hash, CME_KEY_HASH);
	return judge(*found, now);
}

/* ---- all of them */

int cme_keys_init(struct cme_keys *keys, size_t most)
{
	int rc;

	*keys = (struct cme_keys){ .list = calloc(most + 1, sizeof(struct cme_key *)) };
	rc = keys->list ? cme_table_init(&keys->ids, most) | cme_table_init(&keys->plays, most) : -1;
	for (int i = 0; rc == 0 && i < CME_KEY_PROTOCOLS; i++)
		rc = cme_table_init(&keys->hashes[i], most * CME_KEY_HASHES_MAX);
	return rc;
}

void cme_keys_fini(struct cme_keys *keys)
{
	free(keys->list);
	keys->list = NULL;
	keys->count = 0;
	cme_table_fini(&keys->ids);
	cme_table_fini(&keys->plays);
	for (int i = 0; i < CME_KEY_PROTOCOLS; i++)
		cme_table_fini(&keys->hashes[i]);
}

void cme_keys_add(struct cme_keys *keys, struct cme_key *key)
{
	keys->list[keys->count++] = key;
	cme_table_put(&keys->ids, key->id, strlen(key->id), key);
}

static void index_hashes(struct cme_table *table, struct cme_key *key, const struct cme_key_hashes *hashes)
{
	for (size_t i = 0; i < hashes->count; i++)
		cme_table_put(table, hashes->list[i], CME_KEY_HASH, key);
}

void cme_keys_index(struct cme_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++) {
		struct cme_key *key = keys->list[i];

		for (int p = 0; p < CME_KEY_PROTOCOLS; p++)
			index_hashes(&keys->hashes[p], key, &key->hashes[p]);
		if (key->play[0])
			cme_table_put(&keys->plays, key->play, strlen(key->play), key);
	}
}

struct cme_key *cme_keys_by_id(const struct cme_keys *keys, const char *id)
{
	return cme_table_get(&keys->ids, id, strlen(id));
}

struct cme_key *cme_keys_by_play(const struct cme_keys *keys, const char *play)
{
	return cme_table_get(&keys->plays, play, strlen(play));
}
