/* SPDX-License-Identifier: MIT */
#include "sign/keyring.h"

#include <openssl/crypto.h>
#include <stdint.h>
#include <string.h>

#include "sign/base64.h"

#define FORM        "s1."
#define HEAD        (sizeof FORM - 1 + CME_KEYRING_ID_SIZE) /* of a sealed text, with the dot after the id */
#define BASE64_KEY  44                                      /* digits of a key, with its padding */
#define DECODED_MAX (CME_SEAL_MAX + CME_SEAL_EXTRA + 2) /* of a sealed text, with what padding stands for */
#define LINE_BREAKS "\r\n"
#define ID_OF_TEXT  "cme seal key"

/* ---- the keys */

static int read_key(struct cme_bytes line, unsigned char key[CME_SEAL_KEY_SIZE])
{
	unsigned char decoded[BASE64_KEY / 4 * 3];
	int64_t len;

	if (line.len == 2 * (size_t)CME_SEAL_KEY_SIZE)
		return cme_unhex(line, key);
	if (line.len != BASE64_KEY)
		return -1;
	len = cme_base64_decode(line, decoded);
	if (len == CME_SEAL_KEY_SIZE)
		memcpy(key, decoded, CME_SEAL_KEY_SIZE);
	OPENSSL_cleanse(decoded, sizeof decoded);
	return len == CME_SEAL_KEY_SIZE ? 0 : -1;
}

static int name_key(struct cme_keyring_key *key, struct cme_digest *digest, struct cme_err *err)
{
	static const struct cme_bytes TEXT = { ID_OF_TEXT, sizeof ID_OF_TEXT - 1 };
	unsigned char mac[CME_SHA256_SIZE];
	char hex[CME_HEX_SIZE];
	int failed = cme_digest_hmac(digest, CME_HASH_SHA256,
				     (struct cme_bytes){ (const char *)key->key, sizeof key->key }, TEXT, mac,
				     err);

	cme_digest_forget(digest);
	if (failed)
		return -1;
	cme_hex(mac, sizeof mac, hex);
	memcpy(key->id, hex, sizeof key->id - 1);
	key->id[sizeof key->id - 1] = '\0';
	return 0;
}

static const struct cme_keyring_key *find_key(const struct cme_keyring *ring, const char *id)
{
	for (size_t i = 0; i < ring->count; i++)
		if (memcmp(ring->keys[i].id, id, CME_KEYRING_ID_SIZE - 1) == 0)
			return &ring->keys[i];
	return NULL;
}

static int add_key(struct cme_keyring *ring, struct cme_digest *digest, struct cme_bytes line,
		   struct cme_err *err)
{
	struct cme_keyring_key *key = &ring->keys[ring->count];

	if (ring->count == CME_KEYRING_MAX)
		return cme_err_set(err, "invalid.seal_key", "more than %d keys", CME_KEYRING_MAX);
	if (read_key(line, key->key) != 0)
		return cme_err_set(err, "invalid.seal_key",
				   "a line is neither 64 hex digits nor base64 of 32 bytes");
	if (name_key(key, digest, err) != 0)
		return -1;
	if (find_key(ring, key->id))
		return cme_err_set(err, "invalid.seal_key", "a key is given twice");
	ring->count++;
	return 0;
}

/* The next line without the blanks around it; empty for a comment. Moves text behind it. */
static struct cme_bytes take_line(struct cme_bytes *text)
{
	struct cme_bytes line = { text->data, 0 };

	while (line.len < text->len && !strchr(LINE_BREAKS, line.data[line.len]))
		line.len++;
	text->data += line.len;
	text->len -= line.len;
	if (text->len) { /* the break itself */
		text->data++;
		text->len--;
	}
	while (line.len && (line.data[0] == ' ' || line.data[0] == '\t')) {
		line.data++;
		line.len--;
	}
	while (line.len && (line.data[line.len - 1] == ' ' || line.data[line.len - 1] == '\t'))
		line.len--;
	if (line.len && line.data[0] == '#')
		line.len = 0;
	return line;
}

int cme_keyring_read(struct cme_keyring *ring, struct cme_digest *digest, struct cme_bytes text,
		     struct cme_err *err)
{
	int failed = 0;

	memset(ring, 0, sizeof *ring);
	while (text.len && !failed) {
		struct cme_bytes line = take_line(&text);

		if (line.len)
			failed = add_key(ring, digest, line, err);
	}
	if (!failed && ring->count == 0)
		failed = cme_err_set(err, "invalid.seal_key", "there is no key in it");
	if (failed)
		cme_keyring_wipe(ring);
	return failed;
}

void cme_keyring_wipe(struct cme_keyring *ring)
{
	OPENSSL_cleanse(ring, sizeof *ring);
}

/* ---- texts */

static int no_memory(struct cme_err *err)
{
	return cme_err_set(err, "sign.memory", "seal: no memory for it");
}

int cme_keyring_seal(const struct cme_keyring *ring, struct cme_bytes name, struct cme_bytes plain,
		     struct cme_buf *out, struct cme_err *err)
{
	size_t len = plain.len + CME_SEAL_EXTRA, start = out->len;
	struct cme_buf raw;
	int failed;

	cme_buf_init(&raw, CME_SEAL_MAX + CME_SEAL_EXTRA);
	if (plain.len > CME_SEAL_MAX)
		return cme_err_set(err, "invalid.plain", "seal: more than %d bytes", CME_SEAL_MAX);
	if (cme_buf_reserve(&raw, len) != 0 || cme_buf_puts(out, FORM) != 0 ||
	    cme_buf_puts(out, ring->keys[0].id) != 0 || cme_buf_puts(out, ".") != 0 ||
	    cme_buf_reserve(out, CME_BASE64_SIZE(len)) != 0)
		failed = no_memory(err);
	else
		failed = cme_seal(ring->keys[0].key, name, plain, (unsigned char *)raw.data, err);
	if (failed) {
		out->len = start;
	} else {
		cme_base64_encode((struct cme_bytes){ raw.data, len }, out->data + out->len);
		out->len += CME_BASE64_SIZE(len);
	}
	cme_buf_fini(&raw);
	return failed;
}

static int open_with(const struct cme_keyring_key *key, struct cme_bytes name, struct cme_bytes raw,
		     struct cme_buf *out, struct cme_err *err)
{
	size_t len = raw.len < CME_SEAL_EXTRA ? 0 : raw.len - CME_SEAL_EXTRA;

	if (cme_buf_reserve(out, len) != 0)
		return no_memory(err);
	if (cme_unseal(key->key, name, raw, (unsigned char *)out->data + out->len, err) != 0)
		return -1;
	out->len += len;
	out->data[out->len] = '\0';
	return 0;
}

static int not_sealed(struct cme_err *err)
{
	return cme_err_set(err, "sign.sealed", "unseal: not a sealed text");
}

static bool has_head(struct cme_bytes sealed)
{
	return sealed.len >= HEAD && memcmp(sealed.data, FORM, sizeof FORM - 1) == 0 &&
	       sealed.data[HEAD - 1] == '.';
}

bool cme_keyring_is_current(const struct cme_keyring *ring, struct cme_bytes sealed)
{
	return has_head(sealed) && find_key(ring, sealed.data + sizeof FORM - 1) == ring->keys;
}

int cme_keyring_open(const struct cme_keyring *ring, struct cme_bytes name, struct cme_bytes sealed,
		     struct cme_buf *out, struct cme_err *err)
{
	const struct cme_keyring_key *key;
	struct cme_bytes body;
	struct cme_buf raw;
	int64_t len = -1;
	int failed;

	if (!has_head(sealed))
		return not_sealed(err);
	body = (struct cme_bytes){ sealed.data + HEAD, sealed.len - HEAD };
	key = find_key(ring, sealed.data + sizeof FORM - 1);
	if (!key)
		return cme_err_set(err, "sign.seal_key",
				   "unseal: the key that sealed it is not in the key file");
	cme_buf_init(&raw, CME_BASE64_SIZE(DECODED_MAX));
	if (body.len <= CME_BASE64_SIZE(DECODED_MAX) && cme_buf_reserve(&raw, body.len) == 0)
		len = cme_base64_decode(body, (unsigned char *)raw.data);
	if (len < 0)
		failed = not_sealed(err);
	else
		failed = open_with(key, name, (struct cme_bytes){ raw.data, (size_t)len }, out, err);
	cme_buf_fini(&raw);
	return failed;
}
