/* SPDX-License-Identifier: MIT */
#include "edge/order.h"

#include <ctype.h>
#include <math.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASSPHRASE_MIN 10 /* as SRT has it */

static int bad_spec(struct cme_err *err, const char *member, const char *fact)
{
	return cme_err_set(err, "invalid.spec", "%s: %s", member, fact);
}

/* A name that may stand in a path and a URL: no slash, no dot at its front. */
static bool copy_name(char *out, size_t size, const json_t *value)
{
	const char *text = json_string_value(value);
	size_t len = text ? strlen(text) : 0;

	if (len == 0 || len >= size || json_string_length(value) != len || text[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("._-", text[i]))
			return false;
	memcpy(out, text, len + 1);
	return true;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool parse_hash(const json_t *value, uint8_t out[CME_KEY_HASH])
{
	const char *text = json_string_value(value);

	if (!text || strlen(text) != 2 * (size_t)CME_KEY_HASH)
		return false;
	for (size_t i = 0; i < CME_KEY_HASH; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static int parse_hashes(const json_t *list, struct cme_key_hashes *hashes, struct cme_err *err)
{
	size_t count = json_array_size(list);

	if (!json_is_array(list) || count == 0 || count > CME_KEY_HASHES_MAX)
		return bad_spec(err, "hashes", "a list of 1 or 2 expected");
	for (size_t i = 0; i < count; i++)
		if (!parse_hash(json_array_get(list, i), hashes->list[i]))
			return bad_spec(err, "hashes", "SHA-256 in 64 lower-case hex digits expected");
	hashes->count = count;
	return 0;
}

/* One for each hash; without a list, none has one. */
static int parse_passphrases(const json_t *list, struct cme_key *key, struct cme_err *err)
{
	if (!list || json_is_null(list))
		return 0;
	if (!json_is_array(list) || json_array_size(list) != key->hashes[CME_KEY_SRT].count)
		return bad_spec(err, "passphrases", "a list with one for each hash expected");
	for (size_t i = 0; i < key->hashes[CME_KEY_SRT].count; i++) {
		const char *text = json_string_value(json_array_get(list, i));
		size_t len = text ? strlen(text) : 0;

		if (len < PASSPHRASE_MIN || len >= CME_KEY_PASSPHRASE)
			return bad_spec(err, "passphrases", "10 to 79 bytes expected");
		memcpy(key->passphrases[i], text, len + 1);
	}
	return 0;
}

/* Without it, nobody publishes with the key by SRT. */
static int parse_srt(const json_t *json, struct cme_key *key, struct cme_err *err)
{
	int rc;

	if (!json || json_is_null(json))
		return 0;
	if (!json_is_object(json))
		return bad_spec(err, "srt", "object expected");
	rc = parse_hashes(json_object_get(json, "hashes"), &key->hashes[CME_KEY_SRT], err);
	if (rc == 0)
		rc = parse_passphrases(json_object_get(json, "passphrases"), key, err);
	return rc == 0 ? 0 : cme_err_prefix(err, "srt");
}

/* Without it, no other node's engine reads it. */
static int parse_read(const json_t *list, struct cme_key *key, struct cme_err *err)
{
	if (!list || json_is_null(list))
		return 0;
	return parse_hashes(list, &key->hashes[CME_KEY_READ], err) == 0 ? 0 : cme_err_prefix(err, "read");
}

static int parse_key(const json_t *json, struct cme_key *key, struct cme_err *err)
{
	const json_t *expires = json_object_get(json, "expires");

	*key = (struct cme_key){ .expires = INFINITY, .ended = json_is_true(json_object_get(json, "ended")) };
	if (!copy_name(key->id, sizeof key->id, json_object_get(json, "id")))
		return bad_spec(err, "id", "up to 63 letters, digits, '.', '_' and '-' expected");
	if (expires && !json_is_null(expires) && !json_is_number(expires))
		return bad_spec(err, "expires", "unix seconds or null expected");
	if (json_is_number(expires))
		key->expires = json_number_value(expires);
	if (json_object_get(json, "play") &&
	    !copy_name(key->play, sizeof key->play, json_object_get(json, "play")))
		return bad_spec(err, "play", "up to 63 letters, digits, '.', '_' and '-' expected");
	key->own = json_is_true(json_object_get(json, "own"));
	if (parse_hashes(json_object_get(json, "hashes"), &key->hashes[CME_KEY_RTMP], err) != 0)
		return -1;
	if (parse_read(json_object_get(json, "read"), key, err) != 0)
		return -1;
	return parse_srt(json_object_get(json, "srt"), key, err);
}

/* ids: those of the keys before it. */
static int parse_next(const json_t *json, struct cme_key *key, struct cme_table *ids, struct cme_err *err)
{
	if (parse_key(json, key, err) != 0)
		return -1;
	return cme_table_put(ids, key->id, strlen(key->id), key) ? 0 : bad_spec(err, "id", "is there twice");
}

static int parse_keys(const json_t *list, struct cme_ingest_spec *spec, struct cme_err *err)
{
	size_t count = json_array_size(list);
	struct cme_table ids;
	int rc = 0;

	if (!json_is_array(list) || count > CME_INGEST_KEYS_MAX)
		return bad_spec(err, "keys", "a list of at most 8192 expected");
	spec->keys = calloc(count + 1, sizeof spec->keys[0]);
	if (!spec->keys || cme_table_init(&ids, count) != 0)
		return cme_err_set(err, "internal", "out of memory");
	while (rc == 0 && spec->count < count) {
		size_t i = spec->count;

		rc = parse_next(json_array_get(list, i), &spec->keys[i], &ids, err);
		if (rc == 0)
			spec->count++;
		else
			cme_err_prefix(err, "keys[%zu]", i);
	}
	cme_table_fini(&ids);
	return rc;
}

static int parse_set(const json_t *json, struct cme_order *order, struct cme_err *err)
{
	const json_t *spec = json_object_get(json, "spec");

	if (!json_is_object(spec))
		return bad_spec(err, "spec", "object expected");
	order->spec.revision = json_integer_value(json_object_get(spec, "revision"));
	if (!copy_name(order->spec.app, sizeof order->spec.app, json_object_get(spec, "app")))
		return bad_spec(err, "app", "up to 63 letters, digits, '.', '_' and '-' expected");
	if (json_object_get(spec, "secret") &&
	    !copy_name(order->spec.secret, sizeof order->spec.secret, json_object_get(spec, "secret")))
		return bad_spec(err, "secret", "up to 1023 letters, digits, '.', '_' and '-' expected");
	return parse_keys(json_object_get(spec, "keys"), &order->spec, err);
}

static int parse_stat(const json_t *json, struct cme_order *order, struct cme_err *err)
{
	(void)err;
	order->live = json_is_true(json_object_get(json, "live"));
	return 0;
}

static int parse_nothing(const json_t *json, struct cme_order *order, struct cme_err *err)
{
	(void)json;
	(void)order;
	(void)err;
	return 0;
}

static const struct {
	const char *name;
	int (*parse)(const json_t *json, struct cme_order *order, struct cme_err *err);
} ops[] = {
	[CME_ORDER_SET] = { "set", parse_set },         [CME_ORDER_STAT] = { "stat", parse_stat },
	[CME_ORDER_ALIVE] = { "alive", parse_nothing }, [CME_ORDER_RELOAD] = { "reload", parse_nothing },
	[CME_ORDER_STOP] = { "stop", parse_nothing },
};

static int parse_op(const json_t *json, struct cme_order *order, struct cme_err *err)
{
	const char *name = json_string_value(json_object_get(json, "op"));

	for (size_t i = 0; name && i < sizeof ops / sizeof ops[0]; i++) {
		if (strcmp(ops[i].name, name) != 0)
			continue;
		order->op = (enum cme_order_op)i;
		return ops[i].parse(json, order, err);
	}
	return cme_err_set(err, "invalid.op", "op: unknown (one of set, stat, alive, reload, stop expected)");
}

int cme_order_parse(const char *line, size_t len, struct cme_order *order, struct cme_err *err)
{
	json_t *json;
	int rc;

	*order = (struct cme_order){ .id = json_null() };
	json = cme_line_parse(line, len, &order->id, err);
	if (!json)
		return -1;
	rc = parse_op(json, order, err);
	json_decref(json);
	return rc;
}

void cme_order_fini(struct cme_order *order)
{
	json_decref(order->id);
	if (order->spec.keys) /* of the one that was not good, too, which is not counted */
		OPENSSL_cleanse(order->spec.keys, (order->spec.count + 1) * sizeof order->spec.keys[0]);
	free(order->spec.keys);
	OPENSSL_cleanse(order->spec.secret, sizeof order->spec.secret);
}
