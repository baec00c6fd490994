-- SPDX-License-Identifier: MIT
-- The loop of a run that is embedded in another one: cme.embed. It never waits: the other loop waits for its descriptor
-- and its timeout, and then runs it. It has a pool of its own, because others may block on the shared one.

local base = require "cme.net.loop.base"

local loop = {}

---@class cme.net.loop.foreign: cme.net.loop.base
local Loop = base.class "cme.net.loop.foreign"
Loop.blocks = false

--- Makes a loop.
---@param transport cme.net.transport.curl a new one
---@return cme.net.loop.foreign
function loop.new(transport)
  local http, pool = transport:pool()
  if not http then error(pool, 0) end
  return base.new(Loop, http.clocks, function() return transport:pool() end)
end

--- Lets a callback of the other loop drop tasks.
---@param fn function
function Loop.outside(_, fn)
  fn()
end

--- What the other loop waits for: readable when there is something to do.
---@return integer
function Loop:fd()
  return self:pool():fd()
end

--- Ends what is in flight, and the descriptor.
function Loop:close()
  self:pool():close()
end

return loop
