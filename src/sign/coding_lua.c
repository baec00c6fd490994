/* SPDX-License-Identifier: MIT
 *
 * Codings of bytes as text, for Lua: see lua/cme/_meta/sign.lua. Each writes into memory that Lua frees.
 */
#include "common/lua_compat.h"
#include "sign/base64.h"
#include "sign/sign_lua.h"
#include "sign/v1.h"

/* url_decode(text): nil when it is no URL encoding. */
int cme_sign_url_decode(lua_State *L)
{
	struct cme_bytes text;
	char *plain;
	size_t len;

	text.data = luaL_checklstring(L, 1, &text.len);
	plain = lua_newuserdatauv(L, text.len + 1, 0);
	len = cme_v1_decode(text, plain);
	if (len > text.len)
		lua_pushnil(L);
	else
		lua_pushlstring(L, plain, len);
	return 1;
}

/* base64_encode(bytes) */
int cme_sign_base64_encode(lua_State *L)
{
	struct cme_bytes bytes = cme_sign_arg(L, 1);
	char *text;

	luaL_argcheck(L, bytes.len < CME_BASE64_MAX / 2, 1, "too long");
	text = lua_newuserdatauv(L, CME_BASE64_SIZE(bytes.len) + 1, 0);
	cme_base64_encode(bytes, text);
	lua_pushlstring(L, text, CME_BASE64_SIZE(bytes.len));
	return 1;
}

/* base64_decode(text): nil when it is not base64. */
int cme_sign_base64_decode(lua_State *L)
{
	struct cme_bytes text = cme_sign_arg(L, 1);
	unsigned char *bytes = lua_newuserdatauv(L, text.len + 1, 0);
	int64_t len = cme_base64_decode(text, bytes);

	if (len < 0)
		lua_pushnil(L);
	else
		lua_pushlstring(L, (const char *)bytes, (size_t)len);
	return 1;
}
