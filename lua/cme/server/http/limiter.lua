-- SPDX-License-Identifier: MIT
-- Limits how often a key may call an action: a number of calls in each second of the clock, as the cloud counts. Pure
-- except for the clock; nothing older than a second is kept.

---@class cme.server.http.limiter
---@field per_second integer
---@field private _clock fun(): number monotonic seconds
---@field private _second integer        the one that `_counts` is of
---@field private _counts table<string, integer> by key and action
local Limiter = {}
Limiter.__index = Limiter
Limiter.__name = "cme.server.http.limiter"

local limiter = {}

---@param per_second integer
---@param clock fun(): number monotonic seconds
---@return cme.server.http.limiter
function limiter.new(per_second, clock)
  return setmetatable({ per_second = per_second, _clock = clock, _second = -1, _counts = {} }, Limiter)
end

--- Counts a call.
---@param secret_id string
---@param action string
---@return boolean allowed
---@return integer count of this second, this one included
function Limiter:take(secret_id, action)
  local second = self._clock() // 1
  if second ~= self._second then
    self._second, self._counts = second, {}
  end
  local key = secret_id .. "\0" .. action
  local count = (self._counts[key] or 0) + 1
  self._counts[key] = count
  return count <= self.per_second, count
end

return limiter
