/* SPDX-License-Identifier: MIT
 *
 * The walk over what cjson has read: numbers become integers and empty tables what they were.
 */
#include "json_core/plain.h"
#include "json_core/plan_lua.h"

struct reader {
	lua_State *L; /* upvalues: 1 plans; 2, 3 the metatables of an empty array and object; 4 the marker */
	bool marked;  /* an empty array is a list of the marker alone; else an empty table like an object */
	bool big;     /* out: a number of which something is known may have lost digits */
	bool odd;     /* out: another may have */
	bool arrays;  /* out: an empty table where an array is wanted */
	bool others;  /* out: an empty table elsewhere */
	int depth;    /* levels that the value on top of the stack is within */
};

/* Each settle leaves one value where the value on top of the stack was. kind 0: nothing is known of it. */

static void settle_number(struct reader *reader, int kind)
{
	double value = lua_tonumber(reader->L, -1);

	if (value >= CME_JSON_EXACT_MAX || value <= -CME_JSON_EXACT_MAX)
		*(kind ? &reader->big : &reader->odd) = true;
	if (kind == KIND_FLOAT || !cme_json_is_integer(value))
		return;
	lua_pop(reader->L, 1);
	lua_pushinteger(reader->L, (lua_Integer)value);
}

static void set_metatable(lua_State *L, int upvalue)
{
	lua_pushvalue(L, lua_upvalueindex(upvalue));
	lua_setmetatable(L, -2);
}

static void settle_empty(struct reader *reader, int kind)
{
	bool wanted = kind > KIND_ARRAY;

	if (reader->marked && wanted)
		set_metatable(reader->L, 3);
	reader->arrays |= wanted;
	reader->others |= !wanted;
}

/* Whether the list on top is the marker alone; then it is emptied. */
static bool take_marker(struct reader *reader)
{
	lua_State *L = reader->L;
	bool is_marker;

	lua_rawgeti(L, -1, 1);
	is_marker = reader->marked && lua_rawequal(L, -1, lua_upvalueindex(4));
	lua_pop(L, 1);
	if (!is_marker || lua_rawlen(L, -1) != 1)
		return false;
	lua_pushnil(L);
	lua_rawseti(L, -2, 1);
	return true;
}

static void settle(struct reader *reader, int kind, int of);

static void settle_list(struct reader *reader, int kind, int of)
{
	lua_State *L = reader->L;
	size_t count = lua_rawlen(L, -1);

	if (take_marker(reader)) {
		if (kind <= KIND_ARRAY)
			set_metatable(L, 2);
		return;
	}
	for (size_t i = 1; i <= count; i++) {
		lua_rawgeti(L, -1, (int)i);
		settle(reader, kind > KIND_ARRAY ? kind - KIND_ARRAY : 0, of);
		lua_rawseti(L, -2, (int)i);
	}
}

/* The kind of the member whose name is at `key`; pushes what it is of. plan: NULL when nothing is known. */
static int member_kind(lua_State *L, const struct cme_json_plan *plan, int list, int key)
{
	int field = plan ? cme_json_find_field(plan, L, key) : -1;

	if (field < 0) {
		lua_pushnil(L);
		return 0;
	}
	cme_json_push_of(L, list, field);
	return plan->fields[field].kind;
}

/* The members of the table on top; list: where the plan's list is, or nil. */
static void settle_members(struct reader *reader, const struct cme_json_plan *plan, int list)
{
	lua_State *L = reader->L;
	int value = lua_gettop(L), key = value + 1;

	for (lua_pushnil(L); lua_next(L, value); lua_settop(L, key)) {
		bool is_number = lua_type(L, -1) == LUA_TNUMBER;
		int kind;

		if (!is_number && !lua_istable(L, -1))
			continue;
		kind = member_kind(L, plan, list, key);
		lua_insert(L, -2);
		settle(reader, kind, key + 1);
		if (is_number) {
			lua_pushvalue(L, key);
			lua_insert(L, -2);
			lua_rawset(L, value);
		}
	}
}

static void settle_object(struct reader *reader, int kind, int of)
{
	lua_State *L = reader->L;
	const struct cme_json_plan *plan = NULL;

	if (kind == KIND_OBJECT) {
		lua_pushvalue(L, of);
		lua_gettable(L, lua_upvalueindex(1));
		plan = cme_json_plan(L);
	} else {
		lua_pushnil(L);
	}
	lua_insert(L, -2);
	settle_members(reader, plan, lua_gettop(L) - 1);
	lua_remove(L, -2);
}

static bool is_empty(lua_State *L)
{
	lua_pushnil(L);
	if (!lua_next(L, -2))
		return true;
	lua_pop(L, 2);
	return false;
}

static void settle_table(struct reader *reader, int kind, int of)
{
	lua_State *L = reader->L;

	if (reader->depth >=
	    CME_JSON_DEPTH_MAX) /* cjson reads none so deep: somebody's own, maybe within itself */
		luaL_error(L, "json: nested deeper than %d levels", CME_JSON_DEPTH_MAX);
	luaL_checkstack(L, CME_JSON_SLOTS, NULL);
	reader->depth++;
	if (lua_rawlen(L, -1) > 0)
		settle_list(reader, kind, of);
	else if (is_empty(L))
		settle_empty(reader, kind);
	else
		settle_object(reader, kind, of);
	reader->depth--;
}

static void settle(struct reader *reader, int kind, int of)
{
	if (lua_type(reader->L, -1) == LUA_TNUMBER)
		settle_number(reader, kind);
	else if (lua_istable(reader->L, -1))
		settle_table(reader, kind, of);
}

/* settle(value, fields, marked): the value, then reader's big, arrays and others. */
static int core_settle(lua_State *L)
{
	struct reader reader = { .L = L, .marked = lua_toboolean(L, 3) };

	lua_settop(L, 2);
	lua_insert(L, 1); /* the fields, then the value */
	settle(&reader, lua_isnil(L, 1) ? 0 : KIND_OBJECT, 1);
	lua_pushboolean(L, reader.big);
	lua_pushboolean(L, reader.arrays);
	lua_pushboolean(L, reader.others);
	lua_pushboolean(L, reader.odd);
	return 5;
}

int cme_json_push_settler(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checktype(L, 2, LUA_TTABLE);
	luaL_checktype(L, 3, LUA_TTABLE);
	luaL_checktype(L, 4, LUA_TSTRING);
	lua_settop(L, 4);
	lua_pushcclosure(L, core_settle, 4);
	return 1;
}
