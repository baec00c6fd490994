/* SPDX-License-Identifier: MIT
 *
 * What the bindings of cme.sign share: sign_lua.c has keys and what needs none, seal_lua.c what seals,
 * coding_lua.c codings of bytes as text.
 */
#ifndef CME_SIGN_SIGN_LUA_H
#define CME_SIGN_SIGN_LUA_H

#include "common/lua_compat.h"
#include "sign/digest.h"

/* The string at arg; raises about another type. Lua keeps it while it is on the stack. */
struct cme_bytes cme_sign_arg(lua_State *L, int arg);

/* Pushes a signing key, also when it fails: then it is closed. Returns 0, or -1 with err filled. */
int cme_sign_push_key(lua_State *L, struct cme_bytes id, struct cme_bytes secret, struct cme_err *err);

/* Makes the metatables of sealers and keyrings. */
void cme_sign_seal_classes(lua_State *L);

/* Functions for Lua: sign.sealer(hex) and sign.keyring(text). */
int cme_sign_sealer(lua_State *L);
int cme_sign_keyring(lua_State *L);

/* Functions for Lua: sign.url_decode(text), sign.base64_encode(bytes), sign.base64_decode(text). */
int cme_sign_url_decode(lua_State *L);
int cme_sign_base64_encode(lua_State *L);
int cme_sign_base64_decode(lua_State *L);

#endif
