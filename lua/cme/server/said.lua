-- SPDX-License-Identifier: MIT
-- What the log has said of one thing already. Whoever tries again every few seconds would be told each time, for hours
-- if need be: each fact is said once, until the thing is well again. Pure.

local said = {}

local MAX_FACTS = 32 -- one more, and all may be said again: what is new is never kept back

---@class cme.server.said
---@field private _facts table<string, true>
---@field private _count integer
local Said = {}
Said.__index = Said
Said.__name = "cme.server.said"

---@return cme.server.said
function said.new() return setmetatable({ _facts = {}, _count = 0 }, Said) end

--- The thing is well: what was said of it is forgotten.
function Said:forget() self._facts, self._count = {}, 0 end

--- Takes note of a fact that is said; whether it was said before.
---@param fact string
---@return boolean again
function Said:again(fact)
  if self._facts[fact] then return true end
  if self._count == MAX_FACTS then self:forget() end
  self._facts[fact], self._count = true, self._count + 1
  return false
end

return said
