/* SPDX-License-Identifier: MIT
 *
 * cme.pidfd: the end of a process that is not a child, as a descriptor for a loop. It is readable once the
 * process has ended (pidfd_open(2), Linux 5.3). Whoever opens one closes it.
 */
#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/lua_border.h"

/* open(pid): the descriptor; false: no such process; nil: the kernel gives none. The descriptor is not passed
 * on to programs that are started. */
static int pidfd_open_lua(lua_State *L)
{
	lua_Integer pid = luaL_checkinteger(L, 1);
	long fd;

	luaL_argcheck(L, pid > 0 && pid <= INT_MAX, 1, "a process id expected");
	fd = syscall(SYS_pidfd_open, (pid_t)pid, 0U);
	if (fd >= 0)
		lua_pushinteger(L, fd);
	else if (errno == ESRCH)
		lua_pushboolean(L, 0);
	else
		lua_pushnil(L);
	return 1;
}

static const luaL_Reg functions[] = {
	{ "open", pidfd_open_lua },
	{ NULL, NULL },
};

__attribute__((visibility("default"))) int luaopen_cme_pidfd(lua_State *L);

int luaopen_cme_pidfd(lua_State *L)
{
	luaL_newlib(L, functions);
	return 1;
}
