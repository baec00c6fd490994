/* SPDX-License-Identifier: MIT */
#include "http/request_lua.h"

#include <string.h>

#define REQUEST            2 /* where on the stack the table is */
#define TIMEOUT_MS         60000
#define CONNECT_TIMEOUT_MS 10000
#define MAX_RESPONSE       10485760
#define MAX_RESPONSE_LIMIT 1073741824.0

/* Each option is read by the function of its name; its value is on top of the stack. */

static int option_error(lua_State *L, const char *name, const char *fact)
{
	return luaL_argerror(L, REQUEST, lua_pushfstring(L, "option '%s': %s", name, fact));
}

static double take_number(lua_State *L, const char *name, const double limits[2])
{
	if (lua_type(L, -1) != LUA_TNUMBER)
		cme_lua_wrong_option(L, REQUEST, name, "number");
	return cme_lua_within(L, REQUEST, name, lua_tonumber(L, -1), limits);
}

static long take_milliseconds(lua_State *L, const char *name)
{
	static const double limits[2] = { 0.001, CME_HTTP_SECONDS_MAX };

	return (long)(take_number(L, name, limits) * 1000 + 0.5);
}

static const char *take_string(lua_State *L, const char *name, size_t *len)
{
	if (lua_type(L, -1) != LUA_TSTRING)
		cme_lua_wrong_option(L, REQUEST, name, "string");
	return lua_tolstring(L, -1, len);
}

/* A string without NUL that `check` accepts. */
static const char *take_text(lua_State *L, const char *name, const char *(*check)(const char *, size_t))
{
	size_t len;
	const char *value = take_string(L, name, &len), *fault = check(value, len);

	if (fault)
		option_error(L, name, fault);
	return value;
}

static void take_url(lua_State *L, const char *name, struct cme_http_request *request)
{
	request->url = take_text(L, name, cme_http_check_url);
}

static void take_method(lua_State *L, const char *name, struct cme_http_request *request)
{
	request->method = take_text(L, name, cme_http_check_method);
}

static void take_ca_file(lua_State *L, const char *name, struct cme_http_request *request)
{
	request->ca_file = take_text(L, name, cme_http_check_plain);
}

static void take_cert_file(lua_State *L, const char *name, struct cme_http_request *request)
{
	request->cert_file = take_text(L, name, cme_http_check_plain);
}

static void take_key_file(lua_State *L, const char *name, struct cme_http_request *request)
{
	request->key_file = take_text(L, name, cme_http_check_plain);
}

static void take_proxy(lua_State *L, const char *name, struct cme_http_request *request)
{
	request->proxy = take_text(L, name, cme_http_check_plain);
}

static void take_no_proxy(lua_State *L, const char *name, struct cme_http_request *request)
{
	request->no_proxy = take_text(L, name, cme_http_check_plain);
}

static void take_body(lua_State *L, const char *name, struct cme_http_request *request)
{
	request->body = take_string(L, name, &request->body_len);
}

static void take_timeout(lua_State *L, const char *name, struct cme_http_request *request)
{
	request->timeout_ms = take_milliseconds(L, name);
}

static void take_connect_timeout(lua_State *L, const char *name, struct cme_http_request *request)
{
	request->connect_timeout_ms = take_milliseconds(L, name);
}

static void take_max_response(lua_State *L, const char *name, struct cme_http_request *request)
{
	static const double sizes[2] = { 1, MAX_RESPONSE_LIMIT };

	request->max_response = (size_t)take_number(L, name, sizes);
}

static void take_lazy_headers(lua_State *L, const char *name, struct cme_http_request *request)
{
	if (!lua_isboolean(L, -1))
		cme_lua_wrong_option(L, REQUEST, name, "boolean");
	request->lazy_headers = lua_toboolean(L, -1);
}

static void take_stream(lua_State *L, const char *name, struct cme_http_request *request)
{
	if (!lua_isboolean(L, -1))
		cme_lua_wrong_option(L, REQUEST, name, "boolean");
	request->stream = lua_toboolean(L, -1);
}

static void take_version(lua_State *L, const char *name, struct cme_http_request *request)
{
	const char *version = take_string(L, name, NULL);

	request->http1 = strcmp(version, "1.1") == 0;
	if (!request->http1 && strcmp(version, "2") != 0)
		option_error(L, name, "\"1.1\" or \"2\" expected");
}

static void take_headers(lua_State *L, const char *name, struct cme_http_request *request)
{
	if (!lua_istable(L, -1))
		option_error(L, name, "a list of 'Name: value' strings expected");
	request->nheaders = lua_rawlen(L, -1);
	if (request->nheaders > CME_HTTP_HEADERS_MAX)
		option_error(L, name, "too many");
	for (size_t i = 0; i < request->nheaders; i++) {
		const char *fault = "a string expected";
		size_t len;

		lua_rawgeti(L, -1, (int)i + 1);
		if (lua_type(L, -1) == LUA_TSTRING) {
			request->headers[i] = lua_tolstring(L, -1, &len);
			fault = cme_http_check_header(request->headers[i], len);
		}
		if (fault)
			option_error(L, lua_pushfstring(L, "headers[%d]", (int)i + 1), fault);
		lua_pop(L, 1); /* the list holds it, the options hold the list */
	}
}

struct option {
	const char *name;
	void (*take)(lua_State *L, const char *name, struct cme_http_request *request);
};

static const struct option *find_option(const char *name)
{
	static const struct option options[] = {
		{ "url", take_url },
		{ "method", take_method },
		{ "headers", take_headers },
		{ "body", take_body },
		{ "timeout", take_timeout },
		{ "connect_timeout", take_connect_timeout },
		{ "max_response", take_max_response },
		{ "ca_file", take_ca_file },
		{ "cert_file", take_cert_file },
		{ "key_file", take_key_file },
		{ "proxy", take_proxy },
		{ "no_proxy", take_no_proxy },
		{ "http_version", take_version },
		{ "lazy_headers", take_lazy_headers },
		{ "stream", take_stream },
	};

	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (*options[i].name == *name && strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

/* One pass over the table: most requests give most of the options, and looking up each of them took as long
 * as all the rest of a submit. */
void cme_http_read_request(lua_State *L, struct cme_http_request *request)
{
	*request = (struct cme_http_request){ .method = "POST",
					      .timeout_ms = TIMEOUT_MS,
					      .connect_timeout_ms = CONNECT_TIMEOUT_MS,
					      .max_response = MAX_RESPONSE };
	luaL_checktype(L, REQUEST, LUA_TTABLE);
	for (lua_pushnil(L); lua_next(L, REQUEST); lua_pop(L, 1)) {
		const struct option *option = NULL;

		if (lua_type(L, -2) == LUA_TSTRING)
			option = find_option(lua_tostring(L, -2));
		if (option)
			option->take(L, option->name, request);
		else
			cme_lua_unknown_option(L, REQUEST);
	}
	if (!request->url)
		luaL_argerror(L, REQUEST, "option 'url' is missing");
}
