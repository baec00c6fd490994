/* SPDX-License-Identifier: MIT */
#include "json_core/plan_lua.h"

#include <string.h>

enum place { PLACE_NAME = 1, PLACE_KIND, PLACE_OF, PLACE_REQUIRED, PLACES = PLACE_REQUIRED };

/* The list on top of the stack has the array first, then what the fields are of, then their names. */
#define OF_FIRST 2

/* Reads the field into the array, and adds what it is of and its name to the list on top. */
static void take_field(lua_State *L, struct cme_json_plan *plan, int field)
{
	struct cme_json_field *into = &plan->fields[field];
	int at = field * PLACES, list = lua_gettop(L);

	lua_rawgeti(L, 1, at + PLACE_KIND);
	into->kind = (int)luaL_checkinteger(L, -1);
	lua_rawgeti(L, 1, at + PLACE_REQUIRED);
	into->required = lua_toboolean(L, -1);
	lua_rawgeti(L, 1, at + PLACE_OF);
	lua_rawseti(L, list, OF_FIRST + field);
	lua_rawgeti(L, 1, at + PLACE_NAME);
	into->name = luaL_checklstring(L, -1, &into->len);
	lua_rawseti(L, list, OF_FIRST + plan->count + field);
	lua_settop(L, list);
}

int cme_json_make_plan(lua_State *L)
{
	struct cme_json_plan *plan;
	int count;

	luaL_checktype(L, 1, LUA_TTABLE);
	count = (int)(lua_rawlen(L, 1) / PLACES);
	luaL_argcheck(L, count <= CME_JSON_FIELDS_MAX, 1, "too many fields");
	lua_createtable(L, 1 + 2 * count, 0);
	plan = lua_newuserdatauv(L, sizeof *plan + (size_t)count * sizeof *plan->fields, 0);
	plan->count = count;
	lua_rawseti(L, -2, 1);
	for (int field = 0; field < count; field++)
		take_field(L, plan, field);
	return 1;
}

const struct cme_json_plan *cme_json_plan(lua_State *L)
{
	const struct cme_json_plan *plan;

	lua_rawgeti(L, -1, 1);
	plan = lua_touserdata(L, -1);
	if (!plan)
		luaL_error(L, "json: not a plan");
	lua_pop(L, 1);
	return plan;
}

/* Lua has a short text once, so that most are found by their place. */
static bool is_named(const struct cme_json_field *field, const char *name, size_t len)
{
	return field->name == name || (field->len == len && memcmp(field->name, name, len) == 0);
}

int cme_json_find_field(const struct cme_json_plan *plan, lua_State *L, int key)
{
	const char *name;
	size_t len;

	if (lua_type(L, key) != LUA_TSTRING)
		return -1;
	name = lua_tolstring(L, key, &len);
	for (int field = 0; field < plan->count; field++)
		if (is_named(&plan->fields[field], name, len))
			return field;
	return -1;
}

void cme_json_push_of(lua_State *L, int list, int field)
{
	lua_rawgeti(L, list, OF_FIRST + field);
}
