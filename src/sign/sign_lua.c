/* SPDX-License-Identifier: MIT
 *
 * cme.sign for Lua 5.4 and LuaJIT: see lua/cme/_meta/sign.lua for what each function takes and gives.
 *
 * A key owns all that its calls need (contexts, buffers, the day's derived key), so signing allocates
 * nothing but the Lua string it returns; the functions of the module share one more set, an upvalue
 * of theirs. A wrong type, an unknown option and a closed key raise; a value that cannot be signed
 * is returned as nil, message, detail.
 */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/resource.h>

#include "common/lua_border.h"
#include "sign/sign_lua.h"
#include "sign/tc3.h"
#include "sign/v1.h"

#define KEY        "cme.sign.key"
#define SHARED     "cme.sign.shared"
#define RANDOM_MAX 1024               /* bytes in one call */
#define EXACT_MAX  9007199254740992.0 /* 2^53: up to it a double is exact */

struct key {
	struct cme_digest digest;
	struct cme_tc3_key secrets;
	struct cme_tc3_text text;
	struct cme_buf out; /* Authorization value or v1's string to sign */
	bool open;          /* false before the secrets are in and after close */
};

struct shared {
	struct cme_digest digest;
	struct cme_tc3_text text;
};

/* ---- arguments */

struct cme_bytes cme_sign_arg(lua_State *L, int arg)
{
	struct cme_bytes text;

	luaL_checktype(L, arg, LUA_TSTRING);
	text.data = lua_tolstring(L, arg, &text.len);
	return text;
}

static struct cme_bytes check_option(lua_State *L, int arg, const char *name)
{
	struct cme_bytes text;

	text.data = cme_lua_check_string(L, arg, name, &text.len);
	return text;
}

static struct cme_bytes opt_option(lua_State *L, int arg, const char *name, const char *def)
{
	struct cme_bytes text;

	text.data = cme_lua_opt_string(L, arg, name, def, &text.len);
	return text;
}

/* Whether value is a whole number from 0 to max, so that a cast keeps it. */
static bool is_count(double value, double max)
{
	return value >= 0 && value <= max && (double)(int64_t)value == value;
}

/* What is no whole number of seconds becomes -1, which cme_tc3_prepare refuses as out of range. */
static int64_t check_timestamp(lua_State *L, int arg)
{
	double value = cme_lua_check_number(L, arg, "timestamp");

	return is_count(value, EXACT_MAX) ? (int64_t)value : -1;
}

static struct key *check_key(lua_State *L)
{
	struct key *key = luaL_checkudata(L, 1, KEY);

	if (!key->open)
		luaL_error(L, "sign: the key is closed");
	return key;
}

static struct shared *shared_of(lua_State *L)
{
	return lua_touserdata(L, lua_upvalueindex(1));
}

/* The options that a client's request and its explanation have in common. */
static int read_request(lua_State *L, int arg, struct cme_tc3_request *request, struct cme_err *err)
{
	struct cme_bytes content_type = opt_option(L, arg, "content_type", "application/json");
	struct cme_bytes host = check_option(L, arg, "host");
	struct cme_bytes action = opt_option(L, arg, "action", NULL);

	request->service = check_option(L, arg, "service");
	request->timestamp = check_timestamp(L, arg);
	request->payload = opt_option(L, arg, "payload", "");
	request->method = opt_option(L, arg, "method", "POST");
	request->query = opt_option(L, arg, "query", "");
	request->unsigned_payload = cme_lua_opt_boolean(L, arg, "unsigned_payload", false);
	return cme_tc3_add_client_headers(request, content_type, host, action, err);
}

/* The string at index i of the pair on top of the stack; the pair keeps it alive. */
static struct cme_bytes pair_item(lua_State *L, int arg, int i)
{
	struct cme_bytes text;

	lua_rawgeti(L, -1, i);
	if (lua_type(L, -1) != LUA_TSTRING)
		luaL_argerror(L, arg, "option 'signed_headers': each must be { name, value }, both strings");
	text.data = lua_tolstring(L, -1, &text.len);
	lua_pop(L, 1);
	return text;
}

static int read_signed_headers(lua_State *L, int arg, struct cme_tc3_request *request, struct cme_err *err)
{
	int failed = 0;

	lua_pushliteral(L, "signed_headers");
	lua_rawget(L, arg);
	if (!lua_istable(L, -1))
		luaL_argerror(L, arg, "option 'signed_headers': a list of { name, value } expected");
	for (int i = 1; !failed && i <= (int)lua_rawlen(L, -1); i++) {
		struct cme_bytes name, value;

		lua_rawgeti(L, -1, i);
		if (!lua_istable(L, -1))
			luaL_argerror(L, arg, "option 'signed_headers': each must be { name, value }");
		name = pair_item(L, arg, 1);
		value = pair_item(L, arg, 2);
		lua_pop(L, 1);
		failed = cme_tc3_add_header(request, name, value, err);
	}
	lua_pop(L, 1);
	return failed;
}

/* ---- the key */

/* Leaves a key on the stack that knows no secrets yet. */
static struct key *push_key(lua_State *L)
{
	struct key *key = lua_newuserdatauv(L, sizeof *key, 0);

	memset(key, 0, sizeof *key);
	luaL_getmetatable(L, KEY);
	lua_setmetatable(L, -2);
	cme_digest_init(&key->digest);
	cme_tc3_text_init(&key->text);
	cme_buf_init(&key->out, CME_V1_TEXT_MAX);
	return key;
}

int cme_sign_push_key(lua_State *L, struct cme_bytes id, struct cme_bytes secret, struct cme_err *err)
{
	struct key *key = push_key(L);

	if (cme_tc3_key_init(&key->secrets, id, secret, err) != 0)
		return -1;
	key->open = true;
	return 0;
}

static int key_new(lua_State *L)
{
	struct cme_bytes id = cme_sign_arg(L, 1), secret = cme_sign_arg(L, 2);
	struct cme_err err;

	return cme_sign_push_key(L, id, secret, &err) == 0 ? 1 : cme_lua_fail(L, &err);
}

/* close, __gc and __close. The v1 text goes with the secrets: it holds a session token. */
static int key_close(lua_State *L)
{
	struct key *key = luaL_checkudata(L, 1, KEY);

	key->open = false;
	cme_tc3_key_fini(&key->secrets);
	cme_digest_fini(&key->digest);
	cme_tc3_text_fini(&key->text);
	if (key->out.data)
		OPENSSL_cleanse(key->out.data, key->out.cap);
	cme_buf_fini(&key->out);
	return 0;
}

static int key_tostring(lua_State *L)
{
	const struct key *key = luaL_checkudata(L, 1, KEY);

	lua_pushfstring(L, "%s (%s)", KEY, key->open ? "open" : "closed");
	return 1;
}

static int key_tc3(lua_State *L)
{
	static const char *const OPTIONS[] = {
		"service", "host",         "timestamp",        "payload", "method",
		"query",   "content_type", "unsigned_payload", "action",  NULL,
	};
	struct key *key = check_key(L);
	struct cme_tc3_request request = { 0 };
	struct cme_err err;

	cme_lua_check_options(L, 2, OPTIONS);
	if (read_request(L, 2, &request, &err) != 0 ||
	    cme_tc3_authorize(&key->digest, &key->secrets, &request, &key->text, &key->out, &err) != 0)
		return cme_lua_fail(L, &err);
	lua_pushlstring(L, key->out.data, key->out.len);
	return 1;
}

static int key_tc3_signature(lua_State *L)
{
	static const char *const OPTIONS[] = {
		"signed_headers", "method",  "query",        "timestamp", "date",
		"service",        "payload", "payload_hash", NULL,
	};
	struct key *key = check_key(L);
	struct cme_tc3_request request = { 0 };
	struct cme_err err;
	char signature[CME_HEX_SIZE];

	cme_lua_check_options(L, 2, OPTIONS);
	request.method = opt_option(L, 2, "method", "POST");
	request.query = opt_option(L, 2, "query", "");
	request.timestamp = check_timestamp(L, 2);
	request.date = opt_option(L, 2, "date", NULL);
	request.service = check_option(L, 2, "service");
	request.payload_hash = opt_option(L, 2, "payload_hash", NULL);
	request.payload = opt_option(L, 2, "payload", request.payload_hash.data ? "" : NULL);
	if (!request.payload.data)
		luaL_argerror(L, 2, "option 'payload' or 'payload_hash' is missing");
	if (read_signed_headers(L, 2, &request, &err) != 0 ||
	    cme_tc3_prepare(&key->digest, &request, &key->text, &err) != 0 ||
	    cme_tc3_sign(&key->digest, &key->secrets, &request, &key->text, signature, &err) != 0)
		return cme_lua_fail(L, &err);
	lua_pushlstring(L, signature, sizeof signature - 1);
	return 1;
}

/* Reads params into an array that Lua owns and leaves on the stack. */
static void read_params(lua_State *L, int arg, struct cme_v1_request *request)
{
	size_t room = 0;

	lua_pushliteral(L, "params");
	lua_rawget(L, arg);
	if (!lua_istable(L, -1))
		luaL_argerror(L, arg, "option 'params': a table of names and values expected");
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
		if (lua_type(L, -2) != LUA_TSTRING)
			luaL_argerror(L, arg, "option 'params': a name is not a string");
		if (lua_type(L, -1) != LUA_TSTRING)
			luaL_argerror(L, arg,
				      lua_pushfstring(L, "option 'params': '%s': string expected, got %s",
						      lua_tostring(L, -2), luaL_typename(L, -1)));
		room++;
	}
	request->params = lua_newuserdatauv(L, (room + 1) * sizeof *request->params, 0);
	lua_insert(L, -2);
	for (lua_pushnil(L); request->param_count < room && lua_next(L, -2); lua_pop(L, 1)) {
		struct cme_v1_param *param = &request->params[request->param_count++];

		param->name.data = lua_tolstring(L, -2, &param->name.len);
		param->value.data = lua_tolstring(L, -1, &param->value.len);
	}
}

static int key_v1(lua_State *L)
{
	static const char *const OPTIONS[] = { "method", "host", "params", "algorithm", NULL };
	struct key *key = check_key(L);
	struct cme_v1_request request = { 0 };
	struct cme_bytes algorithm;
	struct cme_err err;
	enum cme_hash hash;
	char signature[CME_V1_SIGNATURE_MAX];

	cme_lua_check_options(L, 2, OPTIONS);
	request.method = opt_option(L, 2, "method", "POST");
	request.host = check_option(L, 2, "host");
	algorithm = opt_option(L, 2, "algorithm", "HmacSHA1");
	read_params(L, 2, &request);
	if (cme_v1_algorithm(algorithm, &hash, &err) != 0 ||
	    cme_v1_string_to_sign(&request, &key->out, &err) != 0 ||
	    cme_v1_sign(&key->digest, hash, cme_tc3_key_secret(&key->secrets),
			(struct cme_bytes){ key->out.data, key->out.len }, signature, &err) != 0)
		return cme_lua_fail(L, &err);
	lua_pushstring(L, signature);
	return 1;
}

/* ---- functions without a key */

static void set_text(lua_State *L, const char *name, const struct cme_buf *text)
{
	lua_pushlstring(L, text->data, text->len);
	lua_setfield(L, -2, name);
}

static int explain(lua_State *L)
{
	static const char *const OPTIONS[] = {
		"service",          "host",   "timestamp", "payload", "method", "query", "content_type",
		"unsigned_payload", "action", "secret_id", NULL,
	};
	struct shared *shared = shared_of(L);
	struct cme_tc3_request request = { 0 };
	struct cme_bytes secret_id;
	struct cme_err err;

	cme_lua_check_options(L, 1, OPTIONS);
	secret_id = opt_option(L, 1, "secret_id", NULL);
	if (read_request(L, 1, &request, &err) != 0 ||
	    cme_tc3_prepare(&shared->digest, &request, &shared->text, &err) != 0)
		return cme_lua_fail(L, &err);
	lua_createtable(L, 0, 6);
	set_text(L, "canonical_request", &shared->text.canonical);
	set_text(L, "signed_headers", &shared->text.signed_headers);
	set_text(L, "scope", &shared->text.scope);
	set_text(L, "string_to_sign", &shared->text.string_to_sign);
	lua_pushstring(L, shared->text.canonical_sha256);
	lua_setfield(L, -2, "canonical_sha256");
	if (secret_id.data) {
		lua_pushfstring(L, "%s/%s", secret_id.data, shared->text.scope.data);
		lua_setfield(L, -2, "credential");
	}
	return 1;
}

static int push_hash(lua_State *L, enum cme_hash hash)
{
	struct cme_bytes data = cme_sign_arg(L, 1);
	struct cme_err err;
	char hex[CME_HEX_SIZE];

	if (cme_digest_hash_hex(&shared_of(L)->digest, hash, data, hex, &err) != 0)
		return cme_lua_fail(L, &err);
	lua_pushstring(L, hex);
	return 1;
}

static int sha256_hex(lua_State *L)
{
	return push_hash(L, CME_HASH_SHA256);
}

static int md5_hex(lua_State *L)
{
	return push_hash(L, CME_HASH_MD5);
}

static int hmac_sha256_hex(lua_State *L)
{
	struct cme_digest *digest = &shared_of(L)->digest;
	struct cme_bytes key = cme_sign_arg(L, 1), data = cme_sign_arg(L, 2);
	unsigned char mac[CME_SHA256_SIZE];
	char hex[CME_HEX_SIZE];
	struct cme_err err;
	int failed = cme_digest_hmac(digest, CME_HASH_SHA256, key, data, mac, &err);

	/* This set of contexts lives as long as the process; a caller's key must not. */
	cme_digest_forget(digest);
	if (failed)
		return cme_lua_fail(L, &err);
	cme_hex(mac, sizeof mac, hex);
	lua_pushstring(L, hex);
	return 1;
}

static int equal(lua_State *L)
{
	struct cme_bytes a = cme_sign_arg(L, 1), b = cme_sign_arg(L, 2);

	lua_pushboolean(L, a.len == b.len && CRYPTO_memcmp(a.data, b.data, a.len) == 0);
	return 1;
}

static int random_hex(lua_State *L)
{
	double count = luaL_checknumber(L, 1);
	unsigned char bytes[RANDOM_MAX];
	char hex[2 * (size_t)RANDOM_MAX + 1];
	struct cme_err err;

	luaL_argcheck(L, count >= 1 && is_count(count, RANDOM_MAX), 1,
		      "a whole number from 1 to 1024 expected");
	if (RAND_bytes(bytes, (int)count) != 1) {
		ERR_clear_error();
		cme_err_set(&err, "sign.crypto", "random: the system gave no randomness");
		return cme_lua_fail(L, &err);
	}
	cme_hex(bytes, (size_t)count, hex);
	lua_pushstring(L, hex);
	OPENSSL_cleanse(bytes, sizeof bytes);
	OPENSSL_cleanse(hex, sizeof hex);
	return 1;
}

/* ---- the module */

static int shared_close(lua_State *L)
{
	struct shared *shared = luaL_checkudata(L, 1, SHARED);

	cme_digest_fini(&shared->digest);
	cme_tc3_text_fini(&shared->text);
	return 0;
}

static int shared_tostring(lua_State *L)
{
	lua_pushliteral(L, SHARED);
	return 1;
}

static void push_shared(lua_State *L)
{
	struct shared *shared = lua_newuserdatauv(L, sizeof *shared, 0);

	memset(shared, 0, sizeof *shared);
	luaL_getmetatable(L, SHARED);
	lua_setmetatable(L, -2);
	cme_digest_init(&shared->digest);
	cme_tc3_text_init(&shared->text);
}

static int forbid_core_dumps(lua_State *L)
{
	lua_pushboolean(L, setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }) == 0);
	return 1;
}

__attribute__((visibility("default"))) int luaopen_cme_sign(lua_State *L);

int luaopen_cme_sign(lua_State *L)
{
	static const luaL_Reg METHODS[] = {
		{ "tc3", key_tc3 }, { "tc3_signature", key_tc3_signature },
		{ "v1", key_v1 },   { "close", key_close },
		{ NULL, NULL },
	};
	static const luaL_Reg NONE[] = { { NULL, NULL } };
	static const luaL_Reg FUNCTIONS[] = {
		{ "new", key_new },
		{ "sealer", cme_sign_sealer },
		{ "keyring", cme_sign_keyring },
		{ "explain", explain },
		{ "sha256_hex", sha256_hex },
		{ "md5_hex", md5_hex },
		{ "hmac_sha256_hex", hmac_sha256_hex },
		{ "equal", equal },
		{ "random_hex", random_hex },
		{ "url_decode", cme_sign_url_decode },
		{ "base64_encode", cme_sign_base64_encode },
		{ "base64_decode", cme_sign_base64_decode },
		{ "forbid_core_dumps", forbid_core_dumps },
		{ NULL, NULL },
	};

	cme_lua_newclass(L, KEY, METHODS, key_close, key_tostring);
	cme_sign_seal_classes(L);
	cme_lua_newclass(L, SHARED, NONE, shared_close, shared_tostring);
	lua_newtable(L);
	push_shared(L);
	luaL_setfuncs(L, FUNCTIONS, 1);
	return 1;
}
