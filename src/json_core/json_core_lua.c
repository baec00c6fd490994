/* SPDX-License-Identifier: MIT
 *
 * cme.json_core for Lua 5.4 and LuaJIT: the two walks of cme.json over a value, to write it (write_lua.c) and
 * to settle what was read (settle_lua.c). It never parses: reading JSON is lua-cjson's.
 */
#include "json_core/plain.h"
#include "json_core/plan_lua.h"

static int core_is_text(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);

	lua_pushboolean(L, cme_json_is_text(text, len));
	return 1;
}

/* exceeds(text, most) */
static int core_exceeds(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	lua_Integer most = luaL_checkinteger(L, 2);

	luaL_argcheck(L, most >= 0, 2, "a count expected");
	lua_pushboolean(L, cme_json_exceeds(text, len, (size_t)most));
	return 1;
}

/* number(value): a finite number as JSON has it. */
static int core_number(lua_State *L)
{
	char text[CME_JSON_NUMBER_SIZE];
	double value = luaL_checknumber(L, 1);

	luaL_argcheck(L, value - value == 0, 1, "a finite number is needed");
	lua_pushlstring(L, text, cme_json_number(value, text));
	return 1;
}

static void push_kinds(lua_State *L)
{
	static const char *const KINDS[] = { "string",  "int64",  "uint64", "float",
					     "boolean", "object", "array" };

	lua_createtable(L, 0, (int)(sizeof KINDS / sizeof *KINDS));
	for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
		lua_pushinteger(L, (lua_Integer)i + KIND_STRING);
		lua_setfield(L, -2, KINDS[i]);
	}
}

__attribute__((visibility("default"))) int luaopen_cme_json_core(lua_State *L);

int luaopen_cme_json_core(lua_State *L)
{
	static const luaL_Reg FUNCTIONS[] = { { "writer", cme_json_push_writer },
					      { "settler", cme_json_push_settler },
					      { "plan", cme_json_make_plan },
					      { "is_text", core_is_text },
					      { "number", core_number },
					      { "exceeds", core_exceeds },
					      { NULL, NULL } };

	cme_json_buffer_class(L);
	luaL_newlib(L, FUNCTIONS);
	push_kinds(L);
	lua_setfield(L, -2, "kinds");
	return 1;
}
