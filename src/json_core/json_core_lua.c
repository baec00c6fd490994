/* SPDX-License-Identifier: MIT
 *
 * cme.json_core for Lua 5.4 and LuaJIT: the two walks of cme.json over a value by its list of fields. It
 * never parses: reading JSON is lua-cjson's.
 *
 * write is the short way to encode. It both checks and writes, and gives up at the first thing out of the
 * ordinary: a value that does not fit, a null, a table with a metatable, a text to be escaped. cme.json then
 * goes its long way, in Lua, which names what is wrong or writes what is rare. settle goes over what cjson
 * has read: numbers become integers and empty tables what they were.
 *
 * A plan is what cme.json_walk makes of a list of fields: STEP places of an array for each, and under each
 * name how many places are before its own. The text grows in a buffer that Lua owns, so an error raised half
 * way (memory, or while a plan is made) loses nothing.
 */
#include "common/buf.h"
#include "common/lua_border.h"
#include "json_core/plain.h"

#define BUFFER     "cme.json_core.buffer"
#define DEPTH_MAX  64       /* as deep as cme.json reads */
#define TEXT_MAX   33554432 /* thrice what the service takes: past it the long way says so */
#define KEEP       65536    /* a larger buffer is not kept for the next text */
#define SLOTS      12       /* of the Lua stack, that one level needs */
#define KIND_ARRAY 8        /* added to the kind of the elements */

enum kind { KIND_STRING = 1, KIND_INT64, KIND_UINT64, KIND_FLOAT, KIND_BOOLEAN, KIND_OBJECT };

/* The places of a field in its plan. */
enum step { STEP_NAME = 1, STEP_KIND, STEP_OF, STEP_REQUIRED, STEP = STEP_REQUIRED };

struct buffer {
	struct cme_buf text;
	bool busy; /* a text is being written. A collector's step within may call again, by a finalizer: that
		    * call goes the long way. So does every later one if memory ran out half way, which leaves
		    * this set. */
};

struct writer {
	lua_State *L;        /* upvalue 1: the buffer; 2: plans by list of fields or name of an object */
	struct cme_buf *out; /* the buffer's text */
	int depth;           /* levels that the value on top of the stack is within */
};

/* ---- writing */

/* Each put writes the value on top of the stack and leaves it there; false: out of the ordinary. */

static void append(struct writer *writer, const char *text, size_t len)
{
	cme_buf_append(writer->out, text, len);
}

static bool put_string(struct writer *writer)
{
	const char *text;
	size_t len;

	if (lua_type(writer->L, -1) != LUA_TSTRING)
		return false;
	text = lua_tolstring(writer->L, -1, &len);
	if (!cme_json_is_plain(text, len))
		return false;
	append(writer, "\"", 1);
	append(writer, text, len);
	append(writer, "\"", 1);
	return true;
}

/* At the edge a double may stand for an integer of Lua 5.4 that it is not. */
static bool is_exact(double value)
{
	return cme_json_is_integer(value) && value < CME_JSON_EXACT_MAX && value > -CME_JSON_EXACT_MAX;
}

static bool put_number(struct writer *writer, enum kind kind)
{
	char text[CME_JSON_NUMBER_SIZE];
	double value = lua_tonumber(writer->L, -1);

	if (lua_type(writer->L, -1) != LUA_TNUMBER || value - value != 0)
		return false;
	if (kind != KIND_FLOAT && !is_exact(value))
		return false;
	if (kind == KIND_UINT64 && value < 0)
		return false;
	append(writer, text, cme_json_number(value, text));
	return true;
}

static bool put_boolean(struct writer *writer)
{
	if (!lua_isboolean(writer->L, -1))
		return false;
	cme_buf_puts(writer->out, lua_toboolean(writer->L, -1) ? "true" : "false");
	return true;
}

/* Whether the table on top has so many members. */
static bool has_members(lua_State *L, size_t count)
{
	size_t members = 0;

	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
		members++;
	return members == count;
}

/* Whether the value on top is a table without a metatable. */
static bool is_bare_table(lua_State *L)
{
	if (!lua_istable(L, -1))
		return false;
	if (!lua_getmetatable(L, -1))
		return true;
	lua_pop(L, 1);
	return false;
}

static bool put_fields(struct writer *writer, int plan);

/* of: where on the stack the name or the fields of the object are. */
static bool put_object(struct writer *writer, int of)
{
	lua_State *L = writer->L;
	bool fits;

	if (writer->depth >= DEPTH_MAX || !is_bare_table(L))
		return false;
	luaL_checkstack(L, SLOTS, NULL);
	lua_pushvalue(L, of);
	lua_gettable(L, lua_upvalueindex(2));
	lua_insert(L, -2); /* the plan under the value */
	writer->depth++;
	fits = put_fields(writer, lua_gettop(L) - 1);
	writer->depth--;
	lua_remove(L, -2);
	return fits;
}

static bool put_one(struct writer *writer, enum kind kind, int of)
{
	switch (kind) {
	case KIND_STRING:
		return put_string(writer);
	case KIND_BOOLEAN:
		return put_boolean(writer);
	case KIND_OBJECT:
		return put_object(writer, of);
	default:
		return put_number(writer, kind);
	}
}

static bool put_array(struct writer *writer, enum kind kind, int of)
{
	lua_State *L = writer->L;
	size_t count;

	if (!is_bare_table(L))
		return false;
	count = lua_rawlen(L, -1);
	if (!has_members(L, count))
		return false;
	append(writer, "[", 1);
	for (size_t i = 1; i <= count; i++) {
		bool fits;

		if (i > 1)
			append(writer, ",", 1);
		lua_rawgeti(L, -1, (int)i);
		fits = put_one(writer, kind, of);
		lua_pop(L, 1);
		if (!fits)
			return false;
	}
	append(writer, "]", 1);
	return true;
}

/* The value of the field at `step` of the plan; its name is under it. */
static bool put_member(struct writer *writer, int plan, int step, bool first)
{
	lua_State *L = writer->L;
	size_t len;
	const char *name = lua_tolstring(L, -2, &len);
	int kind;
	bool fits;

	append(writer, first ? "{\"" : ",\"", 2);
	append(writer, name, len);
	append(writer, "\":", 2);
	lua_rawgeti(L, plan, step + STEP_KIND);
	kind = (int)lua_tointeger(L, -1);
	lua_pop(L, 1);
	lua_rawgeti(L, plan, step + STEP_OF);
	lua_insert(L, -2);
	if (kind > KIND_ARRAY)
		fits = put_array(writer, (enum kind)(kind - KIND_ARRAY), lua_gettop(L) - 1);
	else
		fits = put_one(writer, (enum kind)kind, lua_gettop(L) - 1);
	lua_remove(L, -2);
	return fits;
}

static bool is_required(lua_State *L, int plan, int step)
{
	bool required;

	lua_rawgeti(L, plan, step + STEP_REQUIRED);
	required = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return required;
}

/* The table on top, by the plan at `plan`. */
static bool put_fields(struct writer *writer, int plan)
{
	lua_State *L = writer->L;
	int value = lua_gettop(L), places = (int)lua_rawlen(L, plan);
	size_t members = 0;

	for (int step = 0; step < places; step += STEP) {
		bool fits;

		lua_rawgeti(L, plan, step + STEP_NAME);
		lua_pushvalue(L, -1);
		lua_rawget(L, value);
		if (lua_isnil(L, -1))
			fits = !is_required(L, plan, step);
		else
			fits = put_member(writer, plan, step, members++ == 0);
		lua_settop(L, value);
		if (!fits)
			return false;
	}
	cme_buf_puts(writer->out, members ? "}" : "{}");
	return has_members(L, members); /* else it has a member that no field has */
}

/* write(value, fields): the text, or nil. */
static int core_write(lua_State *L)
{
	struct buffer *buffer = lua_touserdata(L, lua_upvalueindex(1));
	struct writer writer = { .L = L, .out = &buffer->text };

	lua_settop(L, 2);
	if (buffer->busy)
		return 0;
	buffer->busy = true;
	cme_buf_reset(&buffer->text);
	lua_insert(L, 1); /* the fields, then the value */
	if (put_object(&writer, 1) && !buffer->text.failed)
		lua_pushlstring(L, buffer->text.data, buffer->text.len);
	else
		lua_pushnil(L);
	if (buffer->text.cap > KEEP)
		cme_buf_fini(&buffer->text);
	buffer->busy = false;
	return 1;
}

/* ---- what was read */

struct reader {
	lua_State *L; /* upvalues: 1 plans; 2, 3 the metatables of an empty array and object; 4 the marker */
	bool marked; /* an empty array is a list of the marker alone; else it is an empty table like an object
		      */
	bool big;    /* out: a number may have lost digits */
	bool arrays; /* out: an empty table where an array is wanted */
	bool others; /* out: an empty table elsewhere */
	int depth;   /* levels that the value on top of the stack is within */
};

/* Each settle leaves one value where the value on top of the stack was. kind 0: nothing is known of it. */

static void settle_number(struct reader *reader, int kind)
{
	double value = lua_tonumber(reader->L, -1);

	if (value >= CME_JSON_EXACT_MAX || value <= -CME_JSON_EXACT_MAX)
		reader->big = true;
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

/* The kind of the member whose name is at `key`; pushes what it is of. */
static int member_kind(lua_State *L, int plan, int key)
{
	int step, kind = 0;

	lua_pushvalue(L, key);
	lua_rawget(L, plan);
	if (lua_isnil(L, -1))
		return 0;
	step = (int)lua_tointeger(L, -1);
	lua_pop(L, 1);
	lua_rawgeti(L, plan, step + STEP_KIND);
	kind = (int)lua_tointeger(L, -1);
	lua_pop(L, 1);
	lua_rawgeti(L, plan, step + STEP_OF);
	return kind;
}

/* The members of the table on top; plan: where its plan is, or nil. */
static void settle_members(struct reader *reader, int plan)
{
	lua_State *L = reader->L;
	int value = lua_gettop(L), key = value + 1;

	for (lua_pushnil(L); lua_next(L, value); lua_settop(L, key)) {
		bool is_number = lua_type(L, -1) == LUA_TNUMBER;
		int kind = 0;

		if (!is_number && !lua_istable(L, -1))
			continue;
		if (lua_isnil(L, plan))
			lua_pushnil(L);
		else
			kind = member_kind(L, plan, key);
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

	if (kind == KIND_OBJECT) {
		lua_pushvalue(L, of);
		lua_gettable(L, lua_upvalueindex(1));
	} else {
		lua_pushnil(L);
	}
	lua_insert(L, -2);
	settle_members(reader, lua_gettop(L) - 1);
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

	if (reader->depth >= DEPTH_MAX) /* cjson reads none so deep: somebody's own, maybe within itself */
		luaL_error(L, "json: nested deeper than %d levels", DEPTH_MAX);
	luaL_checkstack(L, SLOTS, NULL);
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
	return 4;
}

/* ---- the module */

static int core_is_text(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);

	lua_pushboolean(L, cme_json_is_text(text, len));
	return 1;
}

static int buffer_close(lua_State *L)
{
	struct buffer *buffer = luaL_checkudata(L, 1, BUFFER);

	cme_buf_fini(&buffer->text);
	return 0;
}

static int buffer_tostring(lua_State *L)
{
	lua_pushliteral(L, BUFFER);
	return 1;
}

static void push_buffer(lua_State *L)
{
	struct buffer *buffer = lua_newuserdatauv(L, sizeof *buffer, 0);

	cme_buf_init(&buffer->text, TEXT_MAX);
	buffer->busy = false;
	luaL_getmetatable(L, BUFFER);
	lua_setmetatable(L, -2);
}

/* writer(plans): the function that writes by the plans of this table. */
static int core_writer(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	push_buffer(L);
	lua_insert(L, 1);
	lua_pushcclosure(L, core_write, 2);
	return 1;
}

/* settler(plans, array_mt, object_mt, marker): the function that settles by them. */
static int core_settler(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checktype(L, 2, LUA_TTABLE);
	luaL_checktype(L, 3, LUA_TTABLE);
	luaL_checktype(L, 4, LUA_TSTRING);
	lua_settop(L, 4);
	lua_pushcclosure(L, core_settle, 4);
	return 1;
}

static void push_kinds(lua_State *L)
{
	static const char *const KINDS[] = { "string", "int64", "uint64", "float", "boolean", "object" };

	lua_createtable(L, 0, (int)(sizeof KINDS / sizeof *KINDS) + 1);
	for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
		lua_pushinteger(L, (lua_Integer)i + KIND_STRING);
		lua_setfield(L, -2, KINDS[i]);
	}
	lua_pushinteger(L, KIND_ARRAY);
	lua_setfield(L, -2, "array");
}

__attribute__((visibility("default"))) int luaopen_cme_json_core(lua_State *L);

int luaopen_cme_json_core(lua_State *L)
{
	static const luaL_Reg NONE[] = { { NULL, NULL } };
	static const luaL_Reg FUNCTIONS[] = { { "writer", core_writer },
					      { "settler", core_settler },
					      { "is_text", core_is_text },
					      { NULL, NULL } };

	cme_lua_newclass(L, BUFFER, NONE, buffer_close, buffer_tostring);
	luaL_newlib(L, FUNCTIONS);
	push_kinds(L);
	lua_setfield(L, -2, "kinds");
	return 1;
}
