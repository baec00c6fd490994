/* SPDX-License-Identifier: MIT
 *
 * cme.http: the pool of src/http for Lua. Checks what Lua passes, calls the pool, pushes results;
 * nothing else. Lua decides when to wait: only pool:poll blocks, for as long as it is told. Another loop
 * waits by fd and timeout, as for cme.httpd, and then calls run and next.
 *
 * Strings of a request point into Lua until submit has copied them, and the table that holds them
 * stays on the stack meanwhile; it is read raw, so no metamethod can make a string that nobody holds.
 * A finished transfer stays the pool's until its response is a Lua value, so an error while that is
 * made (memory) loses nothing.
 */
#include <dlfcn.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "common/lua_border.h"
#include "http/pool.h"
#include "http/request_lua.h"

#define POOL_TYPE          "cme.http.pool"
#define HEADERS_TYPE       "cme.http.headers"
#define MAX_MEMORY_DEFAULT 536870912.0
#define MAX_MEMORY_LIMIT   1099511627776.0
#define MAX_CONNECTIONS    65535.0
#define DESCRIPTORS_MAX    65536 /* as good as no limit */

struct handle {
	struct cme_http_pool *pool; /* NULL once closed */
};

static struct cme_http_pool *check_pool(lua_State *L)
{
	struct handle *handle = luaL_checkudata(L, 1, POOL_TYPE);

	if (!handle->pool)
		luaL_error(L, "pool is closed");
	if (!cme_http_pool_is_ours(handle->pool))
		luaL_error(L, "pool belongs to the parent process");
	return handle->pool;
}

static int pool_submit(lua_State *L)
{
	struct cme_http_pool *pool = check_pool(L);
	struct cme_http_request request;
	int64_t id;

	lua_settop(L, 2);
	cme_http_read_request(L, &request);
	id = cme_http_pool_submit(pool, &request);
	if (id < 0)
		return luaL_error(L, "not enough memory");
	lua_pushinteger(L, (lua_Integer)id);
	return 1;
}

static int pool_fd(lua_State *L)
{
	lua_pushinteger(L, cme_http_pool_fd(check_pool(L)));
	return 1;
}

static int pool_timeout(lua_State *L)
{
	int64_t timeout_ms = cme_http_pool_timeout_ms(check_pool(L));

	if (timeout_ms < 0)
		return 0;
	lua_pushnumber(L, (lua_Number)timeout_ms / 1000);
	return 1;
}

static int pool_run(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)cme_http_pool_run(check_pool(L)));
	return 1;
}

static int pool_poll(lua_State *L)
{
	struct cme_http_pool *pool = check_pool(L);
	double seconds = luaL_checknumber(L, 2);
	int timeout_ms;

	luaL_argcheck(L, seconds >= 0, 2, "seconds, 0 or more, expected");
	if (seconds > CME_HTTP_SECONDS_MAX)
		seconds = CME_HTTP_SECONDS_MAX;
	timeout_ms = (int)(seconds * 1000);
	/* Rounded up: a wait of less than a millisecond must not become a busy loop. */
	if (timeout_ms < seconds * 1000)
		timeout_ms++;
	lua_pushboolean(L, cme_http_pool_poll(pool, timeout_ms));
	return 1;
}

/* Sets headers[name], joined to what an earlier line of that name said. The table is on top. */
static void push_header(lua_State *L, const struct cme_http_header *header)
{
	lua_pushlstring(L, header->name, header->name_len);
	lua_pushvalue(L, -1);
	lua_rawget(L, -3);
	if (lua_isnil(L, -1)) {
		lua_pop(L, 1);
		lua_pushlstring(L, header->value, header->value_len);
	} else {
		lua_pushliteral(L, ", ");
		lua_pushlstring(L, header->value, header->value_len);
		lua_concat(L, 3);
	}
	lua_rawset(L, -3);
}

/* Sets the headers of a head's lines in the table on top. */
static void add_headers(lua_State *L, const char *lines, size_t len)
{
	struct cme_http_header header;
	size_t offset = 0;

	while (cme_http_head_next(lines, len, &offset, &header))
		push_header(L, &header);
}

/* Makes the table at 1 what it stands for. */
static void fill_headers(lua_State *L)
{
	size_t len;
	const char *lines;

	lua_rawgeti(L, 1, 1);
	lines = luaL_checklstring(L, -1, &len);
	lua_pushnil(L);
	lua_setmetatable(L, 1);
	lua_pushnil(L);
	lua_rawseti(L, 1, 1);
	lua_pushvalue(L, 1);
	add_headers(L, lines, len);
	lua_pop(L, 2);
}

static int headers_index(lua_State *L)
{
	lua_settop(L, 2);
	fill_headers(L);
	lua_rawget(L, 1);
	return 1;
}

static int headers_next(lua_State *L)
{
	lua_settop(L, 2);
	return lua_next(L, 1) ? 2 : 0;
}

static int headers_pairs(lua_State *L)
{
	lua_settop(L, 1);
	fill_headers(L);
	lua_pushcfunction(L, headers_next);
	lua_insert(L, 1);
	return 2;
}

/* A table that is filled at the first look: until then it has the head's lines alone. */
static void push_lazy_headers(lua_State *L, const struct cme_http_head *head)
{
	lua_createtable(L, 1, 0);
	lua_pushlstring(L, cme_buf_str(&head->text), head->text.len);
	lua_rawseti(L, -2, 1);
	luaL_getmetatable(L, HEADERS_TYPE);
	lua_setmetatable(L, -2);
}

static void push_headers(lua_State *L, const struct cme_http_transfer *transfer)
{
	const struct cme_http_head *head = &transfer->head;

	if (transfer->lazy_headers) {
		push_lazy_headers(L, head);
		return;
	}
	lua_createtable(L, 0, (int)head->lines);
	add_headers(L, cme_buf_str(&head->text), head->text.len);
}

static void headers_class(lua_State *L)
{
	static const luaL_Reg METHODS[] = { { "__index", headers_index },
					    { "__pairs", headers_pairs },
					    { NULL, NULL } };

	luaL_newmetatable(L, HEADERS_TYPE);
	luaL_setfuncs(L, METHODS, 0);
	lua_pop(L, 1);
}

static void push_response(lua_State *L, const struct cme_http_transfer *transfer)
{
	lua_createtable(L, 0, 7);
	lua_pushinteger(L, (lua_Integer)transfer->status);
	lua_setfield(L, -2, "status");
	lua_pushstring(L, transfer->version);
	lua_setfield(L, -2, "http_version");
	lua_pushinteger(L, (lua_Integer)transfer->connects);
	lua_setfield(L, -2, "connects");
	lua_pushnumber(L, transfer->seconds);
	lua_setfield(L, -2, "time");
	if (transfer->stream) {
		lua_pushboolean(L, 1);
		lua_setfield(L, -2, "stream");
	} else {
		lua_pushlstring(L, cme_buf_str(&transfer->body), transfer->body.len);
		lua_setfield(L, -2, "body");
	}
	push_headers(L, transfer);
	lua_setfield(L, -2, "headers");
}

static int push_failure(lua_State *L, const struct cme_http_transfer *transfer)
{
	int results = cme_lua_fail(L, &transfer->err);

	lua_pushboolean(L, transfer->sent);
	lua_setfield(L, -2, "sent");
	return results;
}

/* The head of a stream's answer, or true: it has something to read. */
static int push_news(lua_State *L, struct cme_http_pool *pool)
{
	const struct cme_http_transfer *transfer = cme_http_pool_news(pool);

	if (!transfer)
		return 0;
	lua_pushinteger(L, (lua_Integer)transfer->id);
	if (transfer->parts.told)
		lua_pushboolean(L, 1);
	else
		push_response(L, transfer);
	cme_http_pool_heard(pool);
	return 2;
}

static int pool_next(lua_State *L)
{
	struct cme_http_pool *pool = check_pool(L);
	const struct cme_http_transfer *transfer = cme_http_pool_next(pool);
	int results = 2;

	if (!transfer)
		return push_news(L, pool);
	lua_pushinteger(L, (lua_Integer)transfer->id);
	if (transfer->err.code[0]) {
		results = 1 + push_failure(L, transfer);
	} else {
		push_response(L, transfer);
	}
	cme_http_pool_drop(pool);
	return results;
}

/* Bytes; or false: none yet; or nil: the end, with a message and a detail when that came too early. */
static int pool_read(lua_State *L)
{
	struct cme_http_pool *pool = check_pool(L);
	struct cme_http_transfer *transfer = cme_http_pool_stream(pool, (int64_t)luaL_checkinteger(L, 2));
	int results = 1;

	if (!transfer)
		return luaL_argerror(L, 2, "no stream of this id is open");
	if (transfer->body.len > 0) {
		lua_pushlstring(L, cme_buf_str(&transfer->body), transfer->body.len);
		cme_http_transfer_take(transfer);
		return 1;
	}
	if (!transfer->parts.ended) {
		transfer->parts.hungry = true;
		lua_pushboolean(L, 0);
		return 1;
	}
	if (transfer->err.code[0])
		results = push_failure(L, transfer);
	else
		lua_pushnil(L);
	cme_http_pool_leave(pool, transfer);
	return results;
}

static int pool_cancel(lua_State *L)
{
	struct cme_http_pool *pool = check_pool(L);

	lua_pushboolean(L, cme_http_pool_cancel(pool, (int64_t)luaL_checkinteger(L, 2)));
	return 1;
}

static int pool_close(lua_State *L)
{
	struct handle *handle = luaL_checkudata(L, 1, POOL_TYPE);
	struct cme_http_pool *pool = handle->pool;

	handle->pool = NULL;
	cme_http_pool_free(pool);
	return 0;
}

static int pool_tostring(lua_State *L)
{
	struct handle *handle = luaL_checkudata(L, 1, POOL_TYPE);

	if (handle->pool)
		lua_pushfstring(L, POOL_TYPE " (%d in flight)", (int)cme_http_pool_active(handle->pool));
	else
		lua_pushliteral(L, POOL_TYPE " (closed)");
	return 1;
}

static int http_new(lua_State *L)
{
	static const char *const names[] = { "max_connections", "max_memory", NULL };
	static const double counts[2] = { 0, MAX_CONNECTIONS }, sizes[2] = { 1, MAX_MEMORY_LIMIT };
	double connections = 0, memory = MAX_MEMORY_DEFAULT;
	struct cme_err err = { 0 };
	struct handle *handle;

	if (!lua_isnoneornil(L, 1)) {
		cme_lua_check_options(L, 1, names);
		connections = cme_lua_within(L, 1, "max_connections",
					     cme_lua_opt_number(L, 1, "max_connections", 0), counts);
		memory = cme_lua_within(L, 1, "max_memory",
					cme_lua_opt_number(L, 1, "max_memory", MAX_MEMORY_DEFAULT), sizes);
	}
	handle = lua_newuserdatauv(L, sizeof *handle, 0);
	handle->pool = NULL;
	luaL_getmetatable(L, POOL_TYPE);
	lua_setmetatable(L, -2);
	handle->pool = cme_http_pool_new((long)connections, (size_t)memory, &err);
	return handle->pool ? 1 : cme_lua_fail(L, &err);
}

/* Three clocks: seconds that never step (their zero means nothing), unix seconds, and seconds that go on
 * while the host sleeps (CLOCK_BOOTTIME). Lua's own clocks count whole seconds or the CPU's. */
static int http_clocks(lua_State *L)
{
	struct timespec steady, wall, boot;

	clock_gettime(CLOCK_MONOTONIC, &steady);
	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	lua_pushnumber(L, (lua_Number)steady.tv_sec + (lua_Number)steady.tv_nsec / 1e9);
	lua_pushnumber(L, (lua_Number)wall.tv_sec + (lua_Number)wall.tv_nsec / 1e9);
	lua_pushnumber(L, (lua_Number)boot.tv_sec + (lua_Number)boot.tv_nsec / 1e9);
	return 3;
}

/* How many descriptors the process may have open (ulimit -n): past it connections fail. */
static int http_descriptors(lua_State *L)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > DESCRIPTORS_MAX)
		limit.rlim_cur = DESCRIPTORS_MAX;
	lua_pushinteger(L, (lua_Integer)limit.rlim_cur);
	return 1;
}

/* A resolver thread of libcurl may outlive the Lua state (a name server that does not answer), and a
 * fork handler cannot be taken back: this library, and libcurl with it, stays mapped. */
static void stay_loaded(void)
{
	Dl_info info;

	if (dladdr(__extension__(const void *) & stay_loaded, &info) && info.dli_fname)
		dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

__attribute__((visibility("default"))) int luaopen_cme_http(lua_State *L);

int luaopen_cme_http(lua_State *L)
{
	static const luaL_Reg methods[] = {
		{ "submit", pool_submit },   { "fd", pool_fd },
		{ "timeout", pool_timeout }, { "run", pool_run },
		{ "poll", pool_poll },       { "next", pool_next },
		{ "read", pool_read },       { "cancel", pool_cancel },
		{ "close", pool_close },     { NULL, NULL },
	};
	static const luaL_Reg functions[] = { { "new", http_new },
					      { "clocks", http_clocks },
					      { "descriptors", http_descriptors },
					      { NULL, NULL } };

	stay_loaded();
	cme_lua_newclass(L, POOL_TYPE, methods, pool_close, pool_tostring);
	headers_class(L);
	luaL_newlib(L, functions);
	return 1;
}
