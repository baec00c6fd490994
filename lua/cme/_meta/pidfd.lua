---@meta cme.pidfd
-- SPDX-License-Identifier: MIT
-- Types of the C module cme.pidfd (src/pidfd/pidfd_lua.c). Only cme.system.processes uses it.

-- luacheck: no unused args

---@class cme.pidfd
local pidfd = {}

--- Opens a descriptor that is readable once a process has ended. Whoever opens it closes it.
---@param pid integer
---@return integer|false|nil fd false: there is no such process; nil: the kernel gives none (no descriptor is left, or
--- it does not know these)
function pidfd.open(pid) end

return pidfd
