/* SPDX-License-Identifier: MIT
 *
 * An answer as any server may send it: read by cme.json with a list of fields and without, which lua-cjson
 * parses and json_core settles. What comes of it and can be written by json_core reads back as what it was.
 * See `make fuzz`; runs in the project's folder, for cme.json is Lua.
 */
#include <lauxlib.h>
#include <lualib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int luaopen_cme_json_core(lua_State *L);

static const char CHECK[] =
	"package.path = 'lua/?.lua;lua/?/init.lua;' .. package.path\n"
	"local json = require 'cme.json'\n"
	"local FIELDS = { { name = 'Name', type = 'string' }, { name = 'Count', type = 'integer', of = "
	"'int64' },\n"
	"  { name = 'Ratio', type = 'float' }, { name = 'On', type = 'boolean' },\n"
	"  { name = 'Words', type = 'array', of = 'string' }, { name = 'Numbers', type = 'array', of = "
	"'uint64' } }\n"
	"FIELDS[7] = { name = 'In', type = 'object', of = FIELDS }\n"
	"local function reads_back(value, fields, how)\n"
	"  local written = json.encode(value, fields)\n"
	"  if written then assert(json.encode((json.decode(written, fields)), fields) == written, how) end\n"
	"end\n"
	"return function(source)\n"
	"  local value = json.decode(source)\n"
	"  if value ~= nil then reads_back(value, nil, 'by shape') end\n"
	"  value = json.decode(source, FIELDS)\n"
	"  if type(value) == 'table' then reads_back(value, FIELDS, 'by fields') end\n"
	"end\n";

static void must(lua_State *L, int rc)
{
	if (rc == LUA_OK)
		return;
	fprintf(stderr, "%s\n", lua_tostring(L, -1));
	abort();
}

/* The check is all that is on the stack. */
static lua_State *start(void)
{
	lua_State *L = luaL_newstate();

	if (!L)
		abort();
	luaL_openlibs(L);
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
	lua_pushcfunction(L, luaopen_cme_json_core);
	lua_setfield(L, -2, "cme.json_core");
	lua_settop(L, 0);
	must(L, luaL_loadstring(L, CHECK));
	must(L, lua_pcall(L, 0, 1, 0));
	return L;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static lua_State *L;

	if (!L)
		L = start();
	lua_pushvalue(L, 1);
	lua_pushlstring(L, (const char *)data, size);
	must(L, lua_pcall(L, 1, 0, 0));
	return 0;
}
