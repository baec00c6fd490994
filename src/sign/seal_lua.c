/* SPDX-License-Identifier: MIT
 *
 * What seals, for Lua: see lua/cme/_meta/sign.lua. A sealer has one key and seals the secrets of signing
 * keys; a keyring has several and seals texts of any length, secrets among them. A secret goes from its
 * sealed form into a signing key without ever being a Lua string, which nobody could wipe.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "common/lua_border.h"
#include "sign/keyring.h"
#include "sign/seal.h"
#include "sign/sign_lua.h"

#define SEALER     "cme.sign.sealer"
#define KEYRING    "cme.sign.keyring"
#define BUFFER     "cme.sign.buffer"
#define SECRET_MAX 1024 /* bytes of a signing key's secret */
#define SEALED_MAX (SECRET_MAX + CME_SEAL_EXTRA)
#define TEXT_MAX   ((size_t)2 * CME_SEAL_MAX) /* of a sealed text */

struct sealer {
	unsigned char key[CME_SEAL_KEY_SIZE];
	bool open; /* false before the key is in and after close */
};

/* ---- the sealer */

int cme_sign_sealer(lua_State *L)
{
	struct cme_bytes hex = cme_sign_arg(L, 1);
	struct cme_err err;
	struct sealer *sealer = lua_newuserdatauv(L, sizeof *sealer, 0);

	memset(sealer, 0, sizeof *sealer);
	luaL_getmetatable(L, SEALER);
	lua_setmetatable(L, -2);
	if (cme_seal_key_from_hex(hex, sealer->key, &err) != 0)
		return cme_lua_fail(L, &err);
	sealer->open = true;
	return 1;
}

static struct sealer *check_sealer(lua_State *L)
{
	struct sealer *sealer = luaL_checkudata(L, 1, SEALER);

	if (!sealer->open)
		luaL_error(L, "sign: the sealer is closed");
	return sealer;
}

static int sealer_seal(lua_State *L)
{
	const struct sealer *sealer = check_sealer(L);
	struct cme_bytes id = cme_sign_arg(L, 2), secret = cme_sign_arg(L, 3);
	unsigned char sealed[SEALED_MAX];
	char hex[2 * (size_t)SEALED_MAX + 1];
	struct cme_err err;

	if (secret.len > SECRET_MAX) {
		cme_err_set(&err, "invalid.plain", "seal: more than %d bytes", SECRET_MAX);
		return cme_lua_fail(L, &err);
	}
	if (cme_seal(sealer->key, id, secret, sealed, &err) != 0)
		return cme_lua_fail(L, &err);
	cme_hex(sealed, secret.len + CME_SEAL_EXTRA, hex);
	lua_pushstring(L, hex);
	return 1;
}

static int sealer_key(lua_State *L)
{
	const struct sealer *sealer = check_sealer(L);
	struct cme_bytes id = cme_sign_arg(L, 2), hex = cme_sign_arg(L, 3);
	unsigned char sealed[SEALED_MAX], secret[SECRET_MAX];
	struct cme_bytes packed = { (const char *)sealed, hex.len / 2 };
	struct cme_err err;
	int failed;

	if (packed.len < CME_SEAL_EXTRA || packed.len > sizeof sealed || cme_unhex(hex, sealed) != 0)
		packed.len = 0; /* which unseal refuses */
	failed = cme_unseal(sealer->key, id, packed, secret, &err);
	if (!failed)
		failed = cme_sign_push_key(
			L, id, (struct cme_bytes){ (const char *)secret, packed.len - CME_SEAL_EXTRA }, &err);
	OPENSSL_cleanse(secret, sizeof secret);
	return failed ? cme_lua_fail(L, &err) : 1;
}

static int sealer_close(lua_State *L)
{
	struct sealer *sealer = luaL_checkudata(L, 1, SEALER);

	sealer->open = false;
	OPENSSL_cleanse(sealer->key, sizeof sealer->key);
	return 0;
}

static int sealer_tostring(lua_State *L)
{
	const struct sealer *sealer = luaL_checkudata(L, 1, SEALER);

	lua_pushfstring(L, "%s (%s)", SEALER, sealer->open ? "open" : "closed");
	return 1;
}

/* ---- the keyring */

int cme_sign_keyring(lua_State *L)
{
	struct cme_bytes text = cme_sign_arg(L, 1);
	struct cme_keyring *ring = lua_newuserdatauv(L, sizeof *ring, 0);
	struct cme_digest digest;
	struct cme_err err;
	int failed;

	memset(ring, 0, sizeof *ring);
	luaL_getmetatable(L, KEYRING);
	lua_setmetatable(L, -2);
	cme_digest_init(&digest);
	failed = cme_keyring_read(ring, &digest, text, &err);
	cme_digest_fini(&digest);
	return failed ? cme_lua_fail(L, &err) : 1;
}

static struct cme_keyring *check_keyring(lua_State *L)
{
	struct cme_keyring *ring = luaL_checkudata(L, 1, KEYRING);

	if (ring->count == 0)
		luaL_error(L, "sign: the keyring is closed");
	return ring;
}

/* Wipes what a buffer held and frees it. */
static void drop(struct cme_buf *buf)
{
	if (buf->data)
		OPENSSL_cleanse(buf->data, buf->cap);
	cme_buf_fini(buf);
}

static int buffer_close(lua_State *L)
{
	drop(luaL_checkudata(L, 1, BUFFER));
	return 0;
}

static int buffer_tostring(lua_State *L)
{
	lua_pushliteral(L, BUFFER);
	return 1;
}

/* Pushes a buffer, which Lua frees when a push after it raises. */
static struct cme_buf *push_buffer(lua_State *L)
{
	struct cme_buf *buf = lua_newuserdatauv(L, sizeof *buf, 0);

	cme_buf_init(buf, TEXT_MAX);
	luaL_getmetatable(L, BUFFER);
	lua_setmetatable(L, -2);
	return buf;
}

static int keyring_seal(lua_State *L)
{
	const struct cme_keyring *ring = check_keyring(L);
	struct cme_bytes name = cme_sign_arg(L, 2), plain = cme_sign_arg(L, 3);
	struct cme_buf *out = push_buffer(L);
	struct cme_err err;
	int failed = cme_keyring_seal(ring, name, plain, out, &err);

	if (!failed)
		lua_pushlstring(L, out->data, out->len);
	drop(out);
	return failed ? cme_lua_fail(L, &err) : 1;
}

static int keyring_open(lua_State *L)
{
	const struct cme_keyring *ring = check_keyring(L);
	struct cme_bytes name = cme_sign_arg(L, 2), sealed = cme_sign_arg(L, 3);
	struct cme_buf *out = push_buffer(L);
	struct cme_err err;
	int failed = cme_keyring_open(ring, name, sealed, out, &err);

	if (!failed)
		lua_pushlstring(L, out->data ? out->data : "", out->len);
	drop(out);
	return failed ? cme_lua_fail(L, &err) : 1;
}

static int keyring_is_current(lua_State *L)
{
	lua_pushboolean(L, cme_keyring_is_current(check_keyring(L), cme_sign_arg(L, 2)));
	return 1;
}

/* Of the key that seals. A text that was sealed with it has this after its first dot. */
static int keyring_id(lua_State *L)
{
	lua_pushstring(L, check_keyring(L)->keys[0].id);
	return 1;
}

static int keyring_close(lua_State *L)
{
	cme_keyring_wipe(luaL_checkudata(L, 1, KEYRING));
	return 0;
}

static int keyring_tostring(lua_State *L)
{
	const struct cme_keyring *ring = luaL_checkudata(L, 1, KEYRING);

	lua_pushfstring(L, "%s (%s)", KEYRING, ring->count ? "open" : "closed");
	return 1;
}

/* ---- both */

void cme_sign_seal_classes(lua_State *L)
{
	static const luaL_Reg SEALER_METHODS[] = {
		{ "seal", sealer_seal },
		{ "key", sealer_key },
		{ "close", sealer_close },
		{ NULL, NULL },
	};
	static const luaL_Reg KEYRING_METHODS[] = {
		{ "seal", keyring_seal }, { "open", keyring_open },   { "is_current", keyring_is_current },
		{ "id", keyring_id },     { "close", keyring_close }, { NULL, NULL },
	};
	static const luaL_Reg NONE[] = { { NULL, NULL } };

	cme_lua_newclass(L, SEALER, SEALER_METHODS, sealer_close, sealer_tostring);
	cme_lua_newclass(L, KEYRING, KEYRING_METHODS, keyring_close, keyring_tostring);
	cme_lua_newclass(L, BUFFER, NONE, buffer_close, buffer_tostring);
}
