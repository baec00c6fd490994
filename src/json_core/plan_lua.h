/* SPDX-License-Identifier: MIT
 *
 * A plan is what cme.text.json_walk makes of a list of fields: STEP places of an array for each, and under
 * each name how many places are before its own. Plans stand in a table by list of fields or by the name of an
 * object; asking it for one that is not there makes it, and may raise.
 */
#ifndef CME_JSON_CORE_PLAN_LUA_H
#define CME_JSON_CORE_PLAN_LUA_H

#include "common/lua_border.h"

#define CME_JSON_DEPTH_MAX 64 /* levels that are read or written */
#define CME_JSON_SLOTS     12 /* of the Lua stack, that one level needs */

/* Of a value. KIND_ARRAY is added to the kind of an array's elements; 0: nothing is known of it. */
enum kind { KIND_STRING = 1, KIND_INT64, KIND_UINT64, KIND_FLOAT, KIND_BOOLEAN, KIND_OBJECT, KIND_ARRAY };

/* The places of a field in its plan. */
enum step { STEP_NAME = 1, STEP_KIND, STEP_OF, STEP_REQUIRED, STEP = STEP_REQUIRED };

/* writer(plans, array_mt, object_mt, null) and settler(plans, array_mt, object_mt, marker): push the
 * function. */
int cme_json_push_writer(lua_State *L);
int cme_json_push_settler(lua_State *L);

/* Makes the class of the buffer that a writer keeps. */
void cme_json_buffer_class(lua_State *L);

#endif
