/* SPDX-License-Identifier: MIT
 *
 * What Lua 5.1 and LuaJIT lack of the 5.4 C API that our bindings use. Included by *_lua.c and
 * lua_border.c only.
 */
#ifndef CME_COMMON_LUA_COMPAT_H
#define CME_COMMON_LUA_COMPAT_H

#include <lauxlib.h>
#include <lua.h>

#if LUA_VERSION_NUM < 502
#define lua_rawlen lua_objlen
#ifndef luaL_newlibtable /* LuaJIT has both */
#define luaL_newlibtable(L, l) lua_createtable(L, 0, (int)(sizeof(l) / sizeof((l)[0]) - 1))
#define luaL_newlib(L, l)      (luaL_newlibtable(L, l), luaL_setfuncs(L, l, 0))
#endif
#endif

#if LUA_VERSION_NUM < 503
#define lua_isinteger(L, i) 0 /* one kind of number */
#endif

#if LUA_VERSION_NUM < 504
#define lua_newuserdatauv(L, size, nuvalue) lua_newuserdata(L, size)
#endif

#endif
