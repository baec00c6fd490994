/* SPDX-License-Identifier: MIT
 *
 * The steps every binding repeats: read an options table and refuse what it does not know, and
 * return a failure as the fail tuple `nil, message, { code = ... }`. Functions named *_check_* raise
 * at the caller's line, so call them before anything is allocated.
 */
#ifndef CME_COMMON_LUA_BORDER_H
#define CME_COMMON_LUA_BORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"
#include "common/lua_compat.h"

/* Raises unless the value at arg is a table whose keys are all in names (NULL-terminated). */
void cme_lua_check_options(lua_State *L, int arg, const char *const names[]);

/* The field `name` of the options table at arg; raises when it has another type.
 * Strings stay owned by Lua: valid while the table holds them. */
const char *cme_lua_check_string(lua_State *L, int arg, const char *name, size_t *len);
const char *cme_lua_opt_string(lua_State *L, int arg, const char *name, const char *def, size_t *len);
double cme_lua_check_number(lua_State *L, int arg, const char *name);
double cme_lua_opt_number(lua_State *L, int arg, const char *name, double def);
bool cme_lua_opt_boolean(lua_State *L, int arg, const char *name, bool def);

/* Returns the value of an option; raises unless it is within [low, high]. NaN is not. */
double cme_lua_within(lua_State *L, int arg, const char *name, double value, const double limits[2]);

/* What a walk over the options table at arg finds wrong; both raise. The value is on top of the stack, its
 * key below it. */
void cme_lua_unknown_option(lua_State *L, int arg);
void cme_lua_wrong_option(lua_State *L, int arg, const char *name, const char *expected);

/* Pushes nil, err->message, { code = err->code } and returns 3. */
int cme_lua_fail(lua_State *L, const struct cme_err *err);

/* Makes the metatable `type` with `methods` as its own __index table, `close` as __gc and __close,
 * `tostring` as __tostring, and __name. */
void cme_lua_newclass(lua_State *L, const char *type, const luaL_Reg *methods, lua_CFunction close,
		      lua_CFunction tostring);

#endif
