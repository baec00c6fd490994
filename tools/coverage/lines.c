/* SPDX-License-Identifier: MIT
 *
 * lines.so: notes which lines of lua/cme and room/lua a process runs. Every lua5.4 that `make coverage`
 * starts loads it first (LUA_INIT_5_4); what it noted is in CME_COVERAGE/PID, one file a line: PATH: LINE
 * LINE ... A process that is killed has noted all but its last second or so. Coroutines inherit the hook of
 * their creator. It stays loaded to the end of the process (-z nodelete), which it waits for. One thread.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lua.h>

enum {
	EVERY = 1000, /* lines that are run between two looks at the clock */
	LINES = 1024, /* of a file; more than lint lets one have */
	PLACES = 1 << 10
};

/* A file that functions are of, by the place of its name in memory, which may be another one's later. */
struct file {
	char *source;     /* as Lua has it: "@./lua/cme/json.lua" */
	const char *path; /* from lua/ or room/ on, in `source`; NULL: not ours */
	bool hit[LINES];
	struct file *next;
};

static struct file *files;
static struct {
	const char *source;
	struct file *file;
} places[PLACES];

static char *result; /* CME_COVERAGE/PID */
static unsigned since;
static time_t saved_at;
static bool has_more;

static bool is_module(const char *path)
{
	size_t len = strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/");

	return strcmp(path + len, ".lua") == 0;
}

/* The last place in a source where a path of ours begins. */
static const char *path_of(const char *source)
{
	static const char *const folders[] = { "lua/cme/", "room/lua/room/" };

	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		for (const char *at = source; (at = strstr(at, folders[i])); at++)
			if (is_module(at))
				return at;
	return NULL;
}

static struct file *file_of(const char *source)
{
	struct file *file = files;

	while (file && strcmp(file->source, source) != 0)
		file = file->next;
	if (file)
		return file;
	file = calloc(1, sizeof *file);
	if (!file || !(file->source = strdup(source)))
		abort(); /* half of the figures would be none */
	file->path = path_of(file->source);
	file->next = files;
	files = file;
	return file;
}

static struct file *known(const char *source)
{
	size_t place = ((size_t)source >> 4) % PLACES;

	if (places[place].source != source || strcmp(places[place].file->source, source) != 0) {
		places[place].source = source;
		places[place].file = file_of(source);
	}
	return places[place].file;
}

static void save(void)
{
	FILE *out = fopen(result, "we");

	has_more = false;
	saved_at = time(NULL);
	if (!out)
		return; /* no descriptor, as some specs want it */
	for (struct file *file = files; file; file = file->next) {
		bool begun = false;

		for (int line = 0; file->path && line < LINES; line++) {
			if (!file->hit[line])
				continue;
			if (!begun)
				fprintf(out, "%s:", file->path);
			fprintf(out, " %d", line);
			begun = true;
		}
		if (begun)
			fputc('\n', out);
	}
	fclose(out);
}

static void on_line(lua_State *L, lua_Debug *at)
{
	struct file *file;

	lua_getinfo(L, "S", at);
	file = at->source[0] == '@' ? known(at->source) : NULL;
	if (file && file->path && at->currentline < LINES && !file->hit[at->currentline])
		file->hit[at->currentline] = has_more = true;
	if (++since < EVERY)
		return;
	since = 0;
	if (has_more && time(NULL) > saved_at)
		save();
}

/* In place of debug.sethook: who takes a hook away, as the bound of a show file does, leaves ours. */
static int set_hook(lua_State *L)
{
	lua_State *thread = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
	int count = lua_gettop(L);

	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, count, 0);
	if (!lua_gethook(thread))
		lua_sethook(thread, on_line, LUA_MASKLINE, 0);
	return 0;
}

__attribute__((destructor)) static void at_the_end(void)
{
	if (has_more)
		save();
}

__attribute__((visibility("default"))) int luaopen_lines(lua_State *L);

int luaopen_lines(lua_State *L)
{
	const char *folder = getenv("CME_COVERAGE");

	if (!folder || result)
		return 0;
	if (asprintf(&result, "%s/%d", folder, (int)getpid()) < 0)
		return luaL_error(L, "no memory");
	saved_at = time(NULL);
	lua_sethook(L, on_line, LUA_MASKLINE, 0);
	lua_getglobal(L, "debug");
	lua_getfield(L, -1, "sethook");
	lua_pushcclosure(L, set_hook, 1);
	lua_setfield(L, -2, "sethook");
	return 0;
}
