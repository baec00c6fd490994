/* SPDX-License-Identifier: MIT */
#include "common/lua_border.h"

#include <string.h>

/* Most differ in their first byte. */
static bool known(const char *const names[], const char *name)
{
	for (; *names; names++)
		if (**names == *name && strcmp(*names, name) == 0)
			return true;
	return false;
}

void cme_lua_unknown_option(lua_State *L, int arg)
{
	if (lua_type(L, -2) != LUA_TSTRING)
		luaL_argerror(L, arg, "options are named: the table has a key that is not a string");
	luaL_argerror(L, arg, lua_pushfstring(L, "unknown option '%s'", lua_tostring(L, -2)));
}

void cme_lua_check_options(lua_State *L, int arg, const char *const names[])
{
	luaL_checktype(L, arg, LUA_TTABLE);
	lua_pushnil(L);
	while (lua_next(L, arg)) {
		if (lua_type(L, -2) != LUA_TSTRING || !known(names, lua_tostring(L, -2)))
			cme_lua_unknown_option(L, arg);
		lua_pop(L, 1);
	}
}

void cme_lua_wrong_option(lua_State *L, int arg, const char *name, const char *expected)
{
	luaL_argerror(
		L, arg,
		lua_pushfstring(L, "option '%s': %s expected, got %s", name, expected, luaL_typename(L, -1)));
}

/* Raw: a string that __index made on the spot would be nobody's once it is off the stack. */
static void get_option(lua_State *L, int arg, const char *name)
{
	lua_pushstring(L, name);
	lua_rawget(L, arg);
}

const char *cme_lua_opt_string(lua_State *L, int arg, const char *name, const char *def, size_t *len)
{
	const char *text;

	get_option(L, arg, name);
	if (lua_isnil(L, -1)) {
		lua_pop(L, 1);
		if (len)
			*len = def ? strlen(def) : 0;
		return def;
	}
	if (lua_type(L, -1) != LUA_TSTRING)
		cme_lua_wrong_option(L, arg, name, "string");
	text = lua_tolstring(L, -1, len);
	lua_pop(L, 1);
	return text;
}

const char *cme_lua_check_string(lua_State *L, int arg, const char *name, size_t *len)
{
	const char *text = cme_lua_opt_string(L, arg, name, NULL, len);

	if (!text)
		luaL_argerror(L, arg, lua_pushfstring(L, "option '%s' is missing", name));
	return text;
}

/* false: the option is not there. */
static bool get_number(lua_State *L, int arg, const char *name, double *value)
{
	bool there;

	get_option(L, arg, name);
	there = !lua_isnil(L, -1);
	if (there && lua_type(L, -1) != LUA_TNUMBER)
		cme_lua_wrong_option(L, arg, name, "number");
	if (there)
		*value = lua_tonumber(L, -1);
	lua_pop(L, 1);
	return there;
}

double cme_lua_check_number(lua_State *L, int arg, const char *name)
{
	double value = 0;

	if (!get_number(L, arg, name, &value))
		luaL_argerror(L, arg, lua_pushfstring(L, "option '%s' is missing", name));
	return value;
}

double cme_lua_opt_number(lua_State *L, int arg, const char *name, double def)
{
	double value = def;

	get_number(L, arg, name, &value);
	return value;
}

bool cme_lua_opt_boolean(lua_State *L, int arg, const char *name, bool def)
{
	bool value = def;

	get_option(L, arg, name);
	if (!lua_isnil(L, -1)) {
		if (!lua_isboolean(L, -1))
			cme_lua_wrong_option(L, arg, name, "boolean");
		value = lua_toboolean(L, -1);
	}
	lua_pop(L, 1);
	return value;
}

double cme_lua_within(lua_State *L, int arg, const char *name, double value, const double limits[2])
{
	if (!(value >= limits[0] && value <= limits[1]))
		luaL_argerror(L, arg,
			      lua_pushfstring(L, "option '%s': a number from %f to %f expected", name,
					      limits[0], limits[1]));
	return value;
}

/* Sets sentence and values of the table on top: what cme.codes says a phrase by. */
static size_t push_phrase(lua_State *L, const struct cme_err *err, unsigned index, size_t value)
{
	const struct cme_phrase *phrase = &err->phrases[index];

	lua_pushfstring(L, "engine:%s", phrase->format);
	lua_setfield(L, -2, "sentence");
	lua_createtable(L, phrase->count, 0);
	for (int i = 1; i <= phrase->count; i++) {
		lua_pushstring(L, cme_err_value(err, value++));
		lua_rawseti(L, -2, i);
	}
	lua_setfield(L, -2, "values");
	return value;
}

static void push_phrases(lua_State *L, const struct cme_err *err)
{
	size_t value;

	if (!err->phrase_count)
		return;
	value = push_phrase(L, err, 0, 0);
	if (err->phrase_count == 1)
		return;
	lua_createtable(L, err->phrase_count - 1, 0);
	for (unsigned i = 1; i < err->phrase_count; i++) {
		lua_createtable(L, 0, 2);
		value = push_phrase(L, err, i, value);
		lua_rawseti(L, -2, (int)i);
	}
	lua_setfield(L, -2, "within");
}

int cme_lua_fail(lua_State *L, const struct cme_err *err)
{
	lua_pushnil(L);
	lua_pushstring(L, err->message);
	lua_createtable(L, 0, 4);
	lua_pushstring(L, err->code);
	lua_setfield(L, -2, "code");
	push_phrases(L, err);
	return 3;
}

void cme_lua_newclass(lua_State *L, const char *type, const luaL_Reg *methods, lua_CFunction close,
		      lua_CFunction tostring)
{
	luaL_newmetatable(L, type);
	lua_newtable(L);
	luaL_setfuncs(L, methods, 0);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, close);
	lua_setfield(L, -2, "__gc");
	lua_pushcfunction(L, close);
	lua_setfield(L, -2, "__close");
	lua_pushcfunction(L, tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pushstring(L, type);
	lua_setfield(L, -2, "__name");
	lua_pop(L, 1);
}
