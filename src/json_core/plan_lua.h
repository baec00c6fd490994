/* SPDX-License-Identifier: MIT
 *
 * A plan is what cme.text.json_walk makes of a list of fields: what both walks need to know of each field, as
 * a C array. To Lua it is a list: the array (a userdata), what each field is of, and the fields' names, which
 * the array points to. Plans stand in a table by list of fields or by the name of an object; asking it for
 * one that is not there makes it, and may raise.
 */
#ifndef CME_JSON_CORE_PLAN_LUA_H
#define CME_JSON_CORE_PLAN_LUA_H

#include <stdbool.h>
#include <stddef.h>

#include "common/lua_border.h"

#define CME_JSON_DEPTH_MAX  64 /* levels that are read or written */
#define CME_JSON_FIELDS_MAX 64 /* of an object */
#define CME_JSON_SLOTS      12 /* of the Lua stack, that one level needs beside the members it holds */

/* Of a value. KIND_ARRAY is added to the kind of an array's elements; 0: nothing is known of it. */
enum kind { KIND_STRING = 1, KIND_INT64, KIND_UINT64, KIND_FLOAT, KIND_BOOLEAN, KIND_OBJECT, KIND_ARRAY };

struct cme_json_field {
	const char *name; /* of the Lua string in the plan's list */
	size_t len;       /* bytes of the name */
	int kind;         /* enum kind, of an array that of its elements and KIND_ARRAY */
	bool required;    /* neither absent nor null */
};

struct cme_json_plan {
	int count; /* fields */
	struct cme_json_field fields[];
};

/* plan(fields): pushes the plan of a list that has four places for each field: name, kind, what an object or
 * the elements of an array are of (false: nothing), whether it is required. */
int cme_json_make_plan(lua_State *L);

/* The plan whose list is on top of the stack. */
const struct cme_json_plan *cme_json_plan(lua_State *L);

/* The field whose name is the key at `key`; -1: none. */
int cme_json_find_field(const struct cme_json_plan *plan, lua_State *L, int key);

/* Pushes what the field is of; list: where the plan's list is. */
void cme_json_push_of(lua_State *L, int list, int field);

/* writer(plans, array_mt, object_mt, null) and settler(plans, array_mt, object_mt, marker): push the
 * function. */
int cme_json_push_writer(lua_State *L);
int cme_json_push_settler(lua_State *L);

/* Makes the class of the buffer that a writer keeps. */
void cme_json_buffer_class(lua_State *L);

#endif
