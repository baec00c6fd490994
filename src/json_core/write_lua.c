/* SPDX-License-Identifier: MIT
 *
 * write(value, fields): one walk that checks a value and writes it, into a buffer that Lua owns, so an error
 * raised half way (memory, or while a plan is made) loses nothing. With a list of fields the members come in
 * its order and must be what it says; cme.schema names what is wrong. Without one a value is written by its
 * shape, members sorted, and what has no JSON form is named here. Tables are read raw: of a metatable it
 * counts only whether it marks an array or object.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "json_core/plain.h"
#include "json_core/plan_lua.h"

#define BUFFER   "cme.json_core.buffer"
#define TEXT_MAX 33554432 /* bytes of a text: thrice what the service takes */
#define KEEP     65536    /* a larger buffer is not kept for the next text */

struct buffer {
	struct cme_buf text;
	bool busy; /* a text is being written. A finalizer may ask for another one within; that gets a buffer
		    * of its own. So does every later one if memory ran out half way, which leaves this set.
		    */
};

/* What cme_json_push_writer is given. */
enum upvalue { UP_BUFFER = 1, UP_PLANS, UP_ARRAY, UP_OBJECT, UP_NULL };

struct writer {
	lua_State *L;
	struct cme_buf *out;
	int depth;         /* levels that the value on top of the stack is within */
	const char *fault; /* why it could not be written; NULL: by the fields, which cme.schema names */
};

/* A member's name on its way to being sorted. The text belongs to the table that has the member. */
struct name {
	const char *text;
	size_t len;
};

/* Each put writes the value on top of the stack and leaves it there; false: it cannot be written. */

static void append(struct writer *writer, const char *text, size_t len)
{
	cme_buf_append(writer->out, text, len);
}

/* Gives up. fact and value: a format for lua_pushfstring; the text stays on the stack until write returns. */
static bool refuse(struct writer *writer, const char *fact, const char *value)
{
	writer->fault = lua_pushfstring(writer->L, fact, value);
	return false;
}

static bool has_mark(lua_State *L, int mark)
{
	bool same;

	if (!lua_getmetatable(L, -1))
		return false;
	same = lua_rawequal(L, -1, lua_upvalueindex(mark));
	lua_pop(L, 1);
	return same;
}

static bool is_null(lua_State *L)
{
	return lua_type(L, -1) == LUA_TLIGHTUSERDATA && lua_rawequal(L, -1, lua_upvalueindex(UP_NULL));
}

static bool put_string(struct writer *writer)
{
	const char *text;
	size_t len;

	if (lua_type(writer->L, -1) != LUA_TSTRING)
		return false;
	text = lua_tolstring(writer->L, -1, &len);
	return cme_json_quote(writer->out, text, len);
}

/* Whether the number on top is an integer that JSON's readers keep. Lua 5.4 has integers that no double
 * holds. */
static bool is_exact(lua_State *L)
{
	if (lua_isinteger(L, -1)) {
		lua_Integer value = lua_tointeger(L, -1);

		return value >= -(lua_Integer)CME_JSON_EXACT_MAX && value <= (lua_Integer)CME_JSON_EXACT_MAX;
	}
	return cme_json_is_integer(lua_tonumber(L, -1));
}

static bool put_number(struct writer *writer, enum kind kind)
{
	char text[CME_JSON_NUMBER_SIZE];
	double value = lua_tonumber(writer->L, -1);

	if (lua_type(writer->L, -1) != LUA_TNUMBER || value - value != 0)
		return false;
	if (kind != KIND_FLOAT && !is_exact(writer->L))
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

/* Goes one level into the table on top. */
static bool enter(struct writer *writer)
{
	if (writer->depth >= CME_JSON_DEPTH_MAX)
		return refuse(writer, "nested deeper than 64 levels", NULL);
	luaL_checkstack(writer->L, CME_JSON_SLOTS, NULL);
	writer->depth++;
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

/* ---- by a list of fields */

static bool put_fields(struct writer *writer, int value);

/* of: where on the stack the name or the fields of the object are. */
static bool put_object(struct writer *writer, int of)
{
	lua_State *L = writer->L;
	int value = lua_gettop(L);

	if (!lua_istable(L, -1) || has_mark(L, UP_ARRAY) || !enter(writer))
		return false;
	lua_pushvalue(L, of);
	lua_gettable(L, lua_upvalueindex(UP_PLANS));
	if (!put_fields(writer, value))
		return false;
	writer->depth--;
	lua_settop(L, value);
	return true;
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

	if (!lua_istable(L, -1) || has_mark(L, UP_OBJECT))
		return false;
	count = lua_rawlen(L, -1);
	if (!has_members(L, count))
		return false;
	append(writer, "[", 1);
	for (size_t i = 1; i <= count; i++) {
		if (i > 1)
			append(writer, ",", 1);
		lua_rawgeti(L, -1, (int)i);
		if (!put_one(writer, kind, of))
			return false;
		lua_pop(L, 1);
	}
	append(writer, "]", 1);
	return true;
}

/* Leaves each member of the table at `value` on the stack and sets the place of its field; the others stay 0.
 * false: it has a member that no field has. */
static bool take_members(lua_State *L, const struct cme_json_plan *plan, int value, int places[])
{
	luaL_checkstack(L, 2 * plan->count + CME_JSON_SLOTS, NULL);
	lua_pushnil(L);
	while (lua_next(L, value)) {
		int field = cme_json_find_field(plan, L, -2);

		if (field < 0)
			return false;
		places[field] = lua_gettop(L);
		lua_pushvalue(L, -2);
	}
	return true;
}

/* The member of the table's field, with its value on top; list: where the plan's list is. */
static bool put_member(struct writer *writer, const struct cme_json_field *field, int list, int index)
{
	lua_State *L = writer->L;

	append(writer, "\"", 1);
	append(writer, field->name, field->len);
	append(writer, "\":", 2);
	if (is_null(L)) {
		append(writer, "null", 4);
		return !field->required;
	}
	if (field->kind < KIND_OBJECT)
		return put_one(writer, (enum kind)field->kind, 0);
	cme_json_push_of(L, list, index);
	lua_insert(L, -2);
	if (field->kind == KIND_OBJECT)
		return put_object(writer, lua_gettop(L) - 1);
	return put_array(writer, (enum kind)(field->kind - KIND_ARRAY), lua_gettop(L) - 1);
}

/* The table at `value`, by the plan whose list is on top. */
static bool put_fields(struct writer *writer, int value)
{
	lua_State *L = writer->L;
	const struct cme_json_plan *plan = cme_json_plan(L);
	int list = lua_gettop(L), places[CME_JSON_FIELDS_MAX] = { 0 }, taken;
	bool first = true;

	if (!take_members(L, plan, value, places))
		return false;
	taken = lua_gettop(L);
	for (int i = 0; i < plan->count; i++) {
		const struct cme_json_field *field = &plan->fields[i];

		if (places[i] == 0 && field->required)
			return false;
		if (places[i] == 0)
			continue;
		append(writer, first ? "{" : ",", 1);
		first = false;
		lua_pushvalue(L, places[i]);
		if (!put_member(writer, field, list, i))
			return false;
		lua_settop(L, taken);
	}
	cme_buf_puts(writer->out, first ? "{}" : "}");
	return true;
}

/* ---- by its shape */

static bool put_any(struct writer *writer);

/* An integer past 2^53 has lost digits already, unless it is so large that nobody takes it for one. */
static bool is_lost(lua_State *L, double value)
{
	return !is_exact(L) &&
	       (lua_isinteger(L, -1) || (value > -1e18 && value < 1e19 && value == trunc(value)));
}

static bool put_any_number(struct writer *writer)
{
	lua_State *L = writer->L;
	double value = lua_tonumber(L, -1);
	char text[CME_JSON_NUMBER_SIZE];

	if (value - value != 0) {
		lua_pushvalue(L, -1);
		return refuse(writer, "the number %s has no JSON form", lua_tostring(L, -1));
	}
	if (is_lost(L, value)) {
		snprintf(text, sizeof text, "%.0f", value);
		return refuse(writer, "the integer %s is past 2^53", text);
	}
	return put_number(writer, KIND_FLOAT);
}

/* The key at the top, which the table cannot have. */
static bool refuse_key(struct writer *writer, const char *fact)
{
	lua_State *L = writer->L;

	if (lua_type(L, -1) != LUA_TNUMBER && lua_type(L, -1) != LUA_TSTRING)
		return refuse(writer, fact, luaL_typename(L, -1));
	lua_pushvalue(L, -1); /* lua_next must not see its key become a string */
	return refuse(writer, fact, lua_tostring(L, -1));
}

static bool is_place(lua_State *L, size_t count)
{
	double place = lua_tonumber(L, -1);

	return lua_type(L, -1) == LUA_TNUMBER && place >= 1 && place <= (double)count &&
	       place == (double)(size_t)place;
}

static bool put_list(struct writer *writer)
{
	lua_State *L = writer->L;
	size_t count = lua_rawlen(L, -1), members = 0;

	for (lua_pushnil(L); lua_next(L, -2); members++) {
		lua_pop(L, 1);
		if (!is_place(L, count))
			return refuse_key(writer, "a table with the key '%s' is no array");
	}
	for (size_t i = 1; i <= members; i++) {
		append(writer, i == 1 ? "[" : ",", 1);
		lua_rawgeti(L, -1, (int)i);
		if (!put_any(writer))
			return false;
		lua_pop(L, 1);
	}
	cme_buf_puts(writer->out, members ? "]" : "[]");
	return true;
}

static int compare_names(const void *a, const void *b)
{
	const struct name *one = a, *other = b;
	size_t len = one->len < other->len ? one->len : other->len;
	int order = memcmp(one->text, other->text, len);

	return order != 0 ? order : (one->len > other->len) - (one->len < other->len);
}

/* Takes the names of the table on top, sorted, into memory of Lua's that is pushed under it. NULL: a key is
 * no text. */
static struct name *take_names(struct writer *writer, size_t *count)
{
	lua_State *L = writer->L;
	struct name *names;
	size_t taken = 0, members = 0;

	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
		members++;
	names = lua_newuserdatauv(L, (members + 1) * sizeof *names, 0);
	lua_insert(L, -2);
	for (lua_pushnil(L); lua_next(L, -2);) {
		lua_pop(L, 1);
		if (lua_type(L, -1) != LUA_TSTRING) {
			refuse_key(writer, "a table with the key '%s' is neither array nor object");
			return NULL;
		}
		names[taken].text = lua_tolstring(L, -1, &names[taken].len);
		taken++;
	}
	qsort(names, taken, sizeof *names, compare_names);
	*count = taken;
	return names;
}

static bool put_names(struct writer *writer, const struct name *names, size_t count)
{
	lua_State *L = writer->L;

	for (size_t i = 0; i < count; i++) {
		append(writer, i == 0 ? "{" : ",", 1);
		lua_pushlstring(L, names[i].text, names[i].len);
		if (!put_any(writer))
			return false;
		append(writer, ":", 1);
		lua_rawget(L, -2);
		if (!put_any(writer))
			return false;
		lua_pop(L, 1);
	}
	cme_buf_puts(writer->out, count ? "}" : "{}");
	return true;
}

static bool put_table(struct writer *writer)
{
	lua_State *L = writer->L;
	const struct name *names;
	size_t count;
	bool is_list;

	if (!enter(writer))
		return false;
	lua_rawgeti(L, -1, 1);
	is_list = !lua_isnil(L, -1);
	lua_pop(L, 1);
	if (is_list || has_mark(L, UP_ARRAY)) {
		if (!put_list(writer))
			return false;
	} else {
		names = take_names(writer, &count);
		if (!names || !put_names(writer, names, count))
			return false;
		lua_remove(L, -2);
	}
	writer->depth--;
	return true;
}

static bool put_any(struct writer *writer)
{
	lua_State *L = writer->L;

	switch (lua_type(L, -1)) {
	case LUA_TBOOLEAN:
		return put_boolean(writer);
	case LUA_TSTRING:
		return put_string(writer) || refuse(writer, "the text is not UTF-8", NULL);
	case LUA_TNUMBER:
		return put_any_number(writer);
	case LUA_TTABLE:
		return put_table(writer);
	default:
		if (!is_null(L))
			return refuse(writer, "a %s has no JSON form", luaL_typename(L, -1));
		append(writer, "null", 4);
		return true;
	}
}

/* ---- the function */

static struct buffer *push_buffer(lua_State *L)
{
	struct buffer *buffer = lua_newuserdatauv(L, sizeof *buffer, 0);

	cme_buf_init(&buffer->text, TEXT_MAX);
	buffer->busy = false;
	luaL_getmetatable(L, BUFFER);
	lua_setmetatable(L, -2);
	return buffer;
}

/* The buffer that is kept, or one on the stack while that is busy. */
static struct buffer *take_buffer(lua_State *L)
{
	struct buffer *kept = lua_touserdata(L, lua_upvalueindex(UP_BUFFER));

	return kept->busy ? push_buffer(L) : kept;
}

static int push_result(struct writer *writer, bool fits)
{
	lua_State *L = writer->L;

	if (fits && !writer->out->failed) {
		lua_pushlstring(L, writer->out->data, writer->out->len);
		return 1;
	}
	lua_pushnil(L);
	lua_pushstring(L, writer->out->failed ? "the text is too long" : writer->fault);
	return 2;
}

/* write(value, fields): the text; or nil and what is wrong, nil where it does not fit the fields. */
static int core_write(lua_State *L)
{
	struct writer writer = { .L = L };
	struct buffer *buffer;
	int pushed;
	bool fits;

	lua_settop(L, 2);
	buffer = take_buffer(L);
	buffer->busy = true;
	cme_buf_reset(&buffer->text);
	writer.out = &buffer->text;
	lua_pushvalue(L, 1);
	fits = lua_isnil(L, 2) ? put_any(&writer) : put_object(&writer, 2);
	pushed = push_result(&writer, fits);
	if (buffer->text.cap > KEEP)
		cme_buf_fini(&buffer->text);
	buffer->busy = false;
	return pushed;
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

void cme_json_buffer_class(lua_State *L)
{
	static const luaL_Reg NONE[] = { { NULL, NULL } };

	cme_lua_newclass(L, BUFFER, NONE, buffer_close, buffer_tostring);
}

int cme_json_push_writer(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checktype(L, 2, LUA_TTABLE);
	luaL_checktype(L, 3, LUA_TTABLE);
	luaL_checktype(L, 4, LUA_TLIGHTUSERDATA);
	lua_settop(L, 4);
	push_buffer(L);
	lua_insert(L, 1);
	lua_pushcclosure(L, core_write, UP_NULL);
	return 1;
}
