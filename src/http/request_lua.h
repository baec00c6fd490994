/* SPDX-License-Identifier: MIT
 *
 * A request as Lua gives it: a table of options. It is read raw, so no metamethod can make a string that
 * nobody holds.
 */
#ifndef CME_HTTP_REQUEST_LUA_H
#define CME_HTTP_REQUEST_LUA_H

#include "common/lua_border.h"
#include "http/request.h"

#define CME_HTTP_SECONDS_MAX 2000000.0 /* in ms it still fits an int */

/* Reads the table at index 2 of the stack; raises where an option is unknown, missing or not fit to send. The
 * strings of the request point into Lua, valid while the table holds them. */
void cme_http_read_request(lua_State *L, struct cme_http_request *request);

#endif
