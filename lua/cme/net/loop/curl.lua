-- SPDX-License-Identifier: MIT
-- The loop of plain Lua: a run blocks its process, in one wait for all descriptors and deadlines of its tasks. The pool
-- is the shared transport's, so connections live on from run to run; transfers do not: at the end of a run each one has
-- been answered or cancelled.

local base = require "cme.net.loop.base"

local loop = {}

---@class cme.net.loop.curl: cme.net.loop.base
local Loop = base.class "cme.net.loop.curl"
Loop.blocks = true

local LONGEST_WAIT = 3600 -- seconds: poll takes milliseconds in an int

--- Makes a loop.
---@param transport cme.net.transport.curl whose pool is used
---@return cme.net.loop.curl
function loop.new(transport)
  local http, pool = transport:pool()
  if not http then error(pool, 0) end
  return base.new(Loop, http.clocks, function() return transport:pool() end)
end

-- How long nothing can happen but at a socket; raises when nothing ever will.
local function pause(self)
  local seconds = self:timeout()
  if not seconds and not self:busy() then error("cme.run: deadlock: no task can ever go on", 0) end
  return math.min(seconds or LONGEST_WAIT, LONGEST_WAIT)
end

--- Runs tasks until the main one has ended.
---@param main cme.task
function Loop:drive(main)
  local pool = assert(self:pool())
  while true do
    self:run()
    if main._state ~= "running" then return end
    if not self._ready[1] then pool:poll(pause(self)) end
  end
end

return loop
