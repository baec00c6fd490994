/* SPDX-License-Identifier: MIT
 *
 * cme.httpd: the HTTP server for a Lua loop. The binding checks, calls server.h and request.h, and
 * pushes; it is never called from inside the HTTP library.
 *
 * A request userdata owns its holder's reference and may be collected before or after its server: both
 * orders are safe. Its one user value keeps the body once it was read, so that C can let its copy go.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/lua_border.h"
#include "httpd/listen.h"
#include "httpd/request.h"
#include "httpd/server.h"

#define SERVER       "cme.httpd.server"
#define REQUEST      "cme.httpd.request"
#define HEADERS_MOST 32
#define PEM_MOST     (1 << 20) /* bytes */

struct server_box {
	struct cme_httpd_server *server; /* NULL once closed */
};

struct request_box {
	struct cme_httpd_request *request; /* NULL once collected or closed */
};

static struct cme_httpd_server *check_server(lua_State *L)
{
	struct server_box *box = luaL_checkudata(L, 1, SERVER);

	if (!box->server)
		luaL_error(L, "the server is closed");
	return box->server;
}

static struct cme_httpd_request *check_request(lua_State *L)
{
	struct request_box *box = luaL_checkudata(L, 1, REQUEST);

	if (!box->request)
		luaL_error(L, "the request is closed");
	return box->request;
}

/* ---- httpd.new */

static const char *const limit_names[] = {
	"max_body",     "max_header", "max_connections", "max_per_address",
	"idle_timeout", "keep_alive", "max_buffered",    NULL,
};

static const char *const listen_names[] = { "host", "port", "tls", NULL };

/* A whole number within [least, most]. */
static size_t check_count(lua_State *L, int arg, const char *name, double def, double least, double most)
{
	double value = cme_lua_opt_number(L, arg, name, def);

	if (!(value >= least && value <= most) || value != floor(value))
		luaL_argerror(L, arg,
			      lua_pushfstring(L, "option '%s': a whole number from %d to %d expected", name,
					      (int)least, (int)most));
	return (size_t)value;
}

static void check_limits(lua_State *L, struct cme_httpd_limits *limits)
{
	cme_lua_check_options(L, 1, limit_names);
	limits->max_body = check_count(L, 1, "max_body", 10485760, 0, 1 << 30);
	limits->max_header = check_count(L, 1, "max_header", 16384, 1024, 1 << 20);
	limits->max_connections = (unsigned)check_count(L, 1, "max_connections", 4096, 1, 1 << 20);
	limits->max_per_origin = (unsigned)check_count(L, 1, "max_per_address", 0, 0, 1 << 20);
	limits->idle_timeout_s = (unsigned)check_count(L, 1, "idle_timeout", 30, 1, 86400);
	limits->keep_alive_s = (unsigned)check_count(L, 1, "keep_alive", 100, 1, 86400);
	limits->max_buffered = check_count(L, 1, "max_buffered", 134217728, 0, 0x7fffffff);
}

static int httpd_new(lua_State *L)
{
	struct cme_httpd_limits limits = { 0 };
	struct cme_err err = { 0 };
	struct server_box *box;

	if (lua_isnoneornil(L, 1)) {
		lua_settop(L, 0);
		lua_newtable(L);
	}
	check_limits(L, &limits);
	box = lua_newuserdatauv(L, sizeof *box, 0);
	box->server = NULL;
	luaL_setmetatable(L, SERVER);
	box->server = cme_httpd_server_open(&limits, &err);
	return box->server ? 1 : cme_lua_fail(L, &err);
}

/* ---- server methods */

static int push_address(lua_State *L, const struct cme_httpd_server *server, int number)
{
	char host[CME_HTTPD_ADDRESS_MAX];
	unsigned port = cme_httpd_server_address(server, number, host);

	lua_pushstring(L, host);
	lua_pushinteger(L, port);
	return 2;
}

static int server_identify(lua_State *L)
{
	struct cme_httpd_server *server = check_server(L);
	size_t certificate_len, key_len;
	const char *certificate = luaL_checklstring(L, 2, &certificate_len);
	const char *key = luaL_checklstring(L, 3, &key_len);
	struct cme_httpd_identity *identity;
	struct cme_err err = { 0 };

	luaL_argcheck(L, certificate_len <= PEM_MOST, 2, "more than 1 MiB");
	luaL_argcheck(L, key_len <= PEM_MOST, 3, "more than 1 MiB");
	identity = cme_httpd_identity_new(certificate, certificate_len, key, key_len, &err);
	if (!identity)
		return cme_lua_fail(L, &err);
	lua_pushinteger(L, cme_httpd_identity_expires(identity));
	cme_httpd_server_identify(server, identity);
	return 1;
}

static int server_listen(lua_State *L)
{
	struct cme_httpd_server *server = check_server(L);
	struct cme_httpd_listen address = { 0 };
	struct cme_err err = { 0 };
	int number;

	if (lua_isnoneornil(L, 2)) {
		lua_settop(L, 1);
		lua_newtable(L);
	}
	cme_lua_check_options(L, 2, listen_names);
	address.host = cme_lua_opt_string(L, 2, "host", "127.0.0.1", NULL);
	address.port = (unsigned)check_count(L, 2, "port", 0, 0, 65535);
	address.tls = cme_lua_opt_boolean(L, 2, "tls", false);
	if (address.tls && !cme_httpd_server_identified(server))
		return luaL_error(L, "listen: TLS needs a certificate: call identify first");
	number = cme_httpd_server_listen(server, &address, &err);
	return number < 0 ? cme_lua_fail(L, &err) : push_address(L, server, number);
}

static int server_fd(lua_State *L)
{
	lua_pushinteger(L, cme_httpd_server_fd(check_server(L)));
	return 1;
}

static int server_timeout(lua_State *L)
{
	int64_t timeout_ms = cme_httpd_server_timeout_ms(check_server(L));

	if (timeout_ms < 0)
		lua_pushnil(L);
	else
		lua_pushnumber(L, (lua_Number)timeout_ms / 1000);
	return 1;
}

static int server_run(lua_State *L)
{
	struct cme_err err = { 0 };

	if (cme_httpd_server_run(check_server(L), &err) != 0)
		return cme_lua_fail(L, &err);
	lua_pushboolean(L, 1);
	return 1;
}

static int server_next(lua_State *L)
{
	struct cme_httpd_server *server = check_server(L);
	struct request_box *box;

	if (!cme_httpd_server_waiting(server)) {
		lua_pushnil(L);
		return 1;
	}
	box = lua_newuserdatauv(L, sizeof *box, 1);
	box->request = NULL;
	luaL_setmetatable(L, REQUEST);
	box->request = cme_httpd_server_next(server);
	return 1;
}

static int server_quiesce(lua_State *L)
{
	cme_httpd_server_quiesce(check_server(L));
	return 0;
}

static int server_busy(lua_State *L)
{
	lua_pushinteger(L, cme_httpd_server_busy(check_server(L)));
	return 1;
}

static int server_close(lua_State *L)
{
	struct server_box *box = luaL_checkudata(L, 1, SERVER);
	struct cme_httpd_server *server = box->server;

	box->server = NULL;
	cme_httpd_server_close(server);
	return 0;
}

static int server_tostring(lua_State *L)
{
	const struct server_box *box = luaL_checkudata(L, 1, SERVER);

	if (!box->server) {
		lua_pushliteral(L, SERVER " (closed)");
		return 1;
	}
	lua_pushfstring(L, SERVER " (%d of at most %d connections)",
			(int)cme_httpd_server_connections(box->server),
			(int)cme_httpd_server_max_connections(box->server));
	return 1;
}

/* ---- request methods */

static int request_method(lua_State *L)
{
	lua_pushstring(L, cme_httpd_message_method(cme_httpd_request_message(check_request(L))));
	return 1;
}

static int request_path(lua_State *L)
{
	lua_pushstring(L, cme_httpd_message_path(cme_httpd_request_message(check_request(L))));
	return 1;
}

static int request_query(lua_State *L)
{
	lua_pushstring(L, cme_httpd_message_query(cme_httpd_request_message(check_request(L))));
	return 1;
}

static int request_header(lua_State *L)
{
	const struct cme_httpd_message *message = cme_httpd_request_message(check_request(L));
	const char *name = luaL_checkstring(L, 2);
	size_t cursor = 0;
	const char *value = cme_httpd_message_find(message, name, &cursor);

	lua_pushstring(L, value); /* nil when there is none */
	while (value && (value = cme_httpd_message_find(message, name, &cursor))) {
		lua_pushliteral(L, ", ");
		lua_pushstring(L, value);
		lua_concat(L, 3);
	}
	return 1;
}

static int request_body(lua_State *L)
{
	struct cme_httpd_request *request = check_request(L);
	const struct cme_buf *body = cme_httpd_request_body(request);

	if (lua_getiuservalue(L, 1, 1) == LUA_TSTRING)
		return 1;
	if (cme_httpd_request_answered(request))
		return luaL_error(L, "the request is answered, its body is gone: read it before respond");
	lua_pushlstring(L, cme_buf_str(body), body->len);
	lua_pushvalue(L, -1);
	lua_setiuservalue(L, 1, 1);
	return 1;
}

static void check_unanswered(lua_State *L, const struct cme_httpd_request *request)
{
	if (cme_httpd_request_answered(request))
		luaL_error(L, "the request is answered, its body is gone: ask before respond");
}

static int request_digest(lua_State *L)
{
	const struct cme_httpd_request *request = check_request(L);
	char hex[CME_HTTPD_DIGEST_SIZE];
	struct cme_err err = { 0 };

	check_unanswered(L, request);
	if (cme_httpd_request_digest(request, hex, &err) != 0)
		return cme_lua_fail(L, &err);
	lua_pushstring(L, hex);
	return 1;
}

static int request_exceeds(lua_State *L)
{
	const struct cme_httpd_request *request = check_request(L);
	size_t len;
	const char *byte = luaL_checklstring(L, 2, &len);
	lua_Integer most = luaL_checkinteger(L, 3);

	luaL_argcheck(L, len == 1, 2, "one byte expected");
	luaL_argcheck(L, most >= 0, 3, "a count expected");
	check_unanswered(L, request);
	lua_pushboolean(L, cme_httpd_request_exceeds(request, *byte, (size_t)most));
	return 1;
}

static int request_peer(lua_State *L)
{
	lua_pushstring(L, cme_httpd_request_peer(check_request(L)));
	return 1;
}

static int request_too_large(lua_State *L)
{
	lua_pushboolean(L, cme_httpd_request_too_large(check_request(L)));
	return 1;
}

/* Headers that say how the message is framed; an application's idea of them could only be wrong. */
static const char *const own_headers[] = { "Content-Length", "Transfer-Encoding", "Connection", "Date" };

static void check_header(lua_State *L, struct cme_httpd_header *header)
{
	static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t name_len, value_len;

	if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING)
		luaL_argerror(L, 3, "header names and values are strings");
	header->name = lua_tolstring(L, -2, &name_len);
	header->value = lua_tolstring(L, -1, &value_len);
	if (name_len == 0 || strspn(header->name, token) != name_len)
		luaL_argerror(L, 3, "a header's name has a character that no header may have");
	if (strcspn(header->value, "\r\n") != value_len || value_len == 0)
		luaL_argerror(L, 3,
			      lua_pushfstring(L, "header '%s': the value is empty or more than one line",
					      header->name));
	for (size_t i = 0; i < sizeof own_headers / sizeof own_headers[0]; i++)
		if (strcasecmp(header->name, own_headers[i]) == 0)
			luaL_argerror(L, 3,
				      lua_pushfstring(L, "header '%s' is set by the server", header->name));
}

/* Fills headers from the table at 3. The strings stay owned by the table. */
static size_t check_headers(lua_State *L, struct cme_httpd_header headers[HEADERS_MOST])
{
	size_t count = 0;

	if (lua_isnoneornil(L, 3))
		return 0;
	luaL_checktype(L, 3, LUA_TTABLE);
	lua_pushnil(L);
	while (lua_next(L, 3)) {
		if (count == HEADERS_MOST)
			luaL_argerror(L, 3, "more than 32 headers");
		check_header(L, &headers[count++]);
		lua_pop(L, 1);
	}
	return count;
}

static int request_respond(lua_State *L)
{
	struct cme_httpd_request *request = check_request(L);
	lua_Integer status = luaL_checkinteger(L, 2);
	struct cme_httpd_header headers[HEADERS_MOST];
	struct cme_httpd_reply reply = { .headers = headers };
	struct cme_err err = { 0 };

	luaL_argcheck(L, status >= 200 && status <= 599, 2, "a status from 200 to 599 expected");
	reply.status = (unsigned)status;
	reply.header_count = check_headers(L, headers);
	reply.body = luaL_optlstring(L, 4, "", &reply.body_len);
	luaL_argcheck(L, reply.body_len == 0 || (status != 204 && status != 304), 4,
		      "an answer of this status has no body");
	if (cme_httpd_request_answered(request))
		return luaL_error(L, "the request is already answered");
	if (cme_httpd_request_respond(request, &reply, &err) != 0)
		return cme_lua_fail(L, &err);
	lua_pushboolean(L, 1);
	return 1;
}

static int request_close(lua_State *L)
{
	struct request_box *box = luaL_checkudata(L, 1, REQUEST);
	struct cme_httpd_request *request = box->request;

	box->request = NULL;
	if (request)
		cme_httpd_request_drop(request);
	return 0;
}

static int request_tostring(lua_State *L)
{
	const struct request_box *box = luaL_checkudata(L, 1, REQUEST);

	if (box->request)
		lua_pushfstring(L, REQUEST " (%s from %s)",
				cme_httpd_message_method(cme_httpd_request_message(box->request)),
				cme_httpd_request_peer(box->request));
	else
		lua_pushliteral(L, REQUEST " (closed)");
	return 1;
}

static const luaL_Reg server_methods[] = {
	{ "identify", server_identify },
	{ "listen", server_listen },
	{ "fd", server_fd },
	{ "timeout", server_timeout },
	{ "run", server_run },
	{ "next", server_next },
	{ "quiesce", server_quiesce },
	{ "busy", server_busy },
	{ "close", server_close },
	{ NULL, NULL },
};

static const luaL_Reg request_methods[] = {
	{ "method", request_method },   { "path", request_path }, { "query", request_query },
	{ "header", request_header },   { "body", request_body }, { "digest", request_digest },
	{ "exceeds", request_exceeds }, { "peer", request_peer }, { "too_large", request_too_large },
	{ "respond", request_respond }, { NULL, NULL },
};

static const luaL_Reg functions[] = {
	{ "new", httpd_new },
	{ NULL, NULL },
};

__attribute__((visibility("default"))) int luaopen_cme_httpd(lua_State *L);

int luaopen_cme_httpd(lua_State *L)
{
	cme_lua_newclass(L, SERVER, server_methods, server_close, server_tostring);
	cme_lua_newclass(L, REQUEST, request_methods, request_close, request_tostring);
	luaL_newlib(L, functions);
	return 1;
}
