-- SPDX-License-Identifier: MIT
-- How often a password may be tried. A wrong one costs time and never the right one: the first tries are answered at
-- once, each later one waits longer, up to half a minute, before the password is looked at, right or wrong. Counted
-- are the tries of one device that was signed in before, else of one address (address.lua), within a quarter of an
-- hour; and those of all unknown addresses, which from a number on wait a little. So nobody can keep the others out,
-- least of all who was signed in before.
-- A try is counted before the password is looked at, so that many at once gain nothing. Those that wait are bounded,
-- for each and for all: more are refused.
--
-- `store` is an nginx shared dictionary, or has its incr (with a time to live), expire and get.

local throttle = {}

local SECONDS = 900
throttle.FREE = 8 -- tries of one
throttle.ALL_FREE = 200 -- of all unknown ones; none counts more than FREE of his
throttle.ALL_DELAY = 3
throttle.LONGEST = 30
local PLACE_SECONDS = 4 * throttle.LONGEST -- without a change, after which the places of requests that died are free
throttle.WAITING = 4 -- at once, of one
throttle.ALL_WAITING = 200 -- of nginx.conf's worker_connections

---@class room.visitor
---@field key string of whom: "device ID" or "address GROUP"
---@field known boolean signed in before

---@class room.throttle
---@field private _store table
local Throttle = {}
Throttle.__index = Throttle

---@param store table
---@return room.throttle
function throttle.new(store)
  return setmetatable({ _store = store }, Throttle)
end

--- How long a try waits. Pure.
---@param own integer tries of this one, with it
---@param all integer tries of all unknown ones; 0 for a known one
---@return number seconds
function throttle.delay(own, all)
  local by_own = own > throttle.FREE and math.min(throttle.LONGEST, 2 ^ (own - throttle.FREE - 1)) or 0
  return math.max(by_own, all > throttle.ALL_FREE and throttle.ALL_DELAY or 0)
end

-- One more that waits; false when there are too many. incr sets the time to live of a new count only, so each change
-- sets it anew; a refusal changes nothing.
function Throttle:_begin_waiting(key, most)
  local name = "waiting " .. key
  local count = self._store:incr(name, 1, 0, PLACE_SECONDS)
  if count and count <= most then
    self._store:expire(name, PLACE_SECONDS)
    return true
  end
  if count then self._store:incr(name, -1) end
  return false
end

-- Gives a place back, unless it was forgotten meanwhile.
function Throttle:_end_waiting(key)
  local name = "waiting " .. key
  local count = self._store:incr(name, -1)
  if not count then return end
  if count < 0 then self._store:incr(name, 1) end
  self._store:expire(name, PLACE_SECONDS)
end

-- The counts with this try.
function Throttle:_count(visitor)
  local own = self._store:incr(visitor.key, 1, 0, SECONDS) or math.huge
  if visitor.known then return own, 0 end
  if own > throttle.FREE then return own, self._store:get "all" or 0 end
  return own, self._store:incr("all", 1, 0, SECONDS) or math.huge
end

--- Counts a try.
---@param visitor room.visitor
---@return number|nil wait seconds, after which done() is called; nil: too many of his are waiting
function Throttle:take(visitor)
  local wait = throttle.delay(self:_count(visitor))
  if wait == 0 then return 0 end
  if not self:_begin_waiting(visitor.key, throttle.WAITING) then return nil end
  if visitor.known or self:_begin_waiting("all", throttle.ALL_WAITING) then return wait end
  self:_end_waiting(visitor.key)
  return nil
end

--- A try has waited.
---@param visitor room.visitor
function Throttle:done(visitor)
  self:_end_waiting(visitor.key)
  if not visitor.known then self:_end_waiting "all" end
end

--- The password was right: the try does not count.
---@param visitor room.visitor
function Throttle:forgive(visitor)
  local own = self._store:incr(visitor.key, -1, 0, SECONDS)
  if not visitor.known and own and own < throttle.FREE then self._store:incr("all", -1, 0, SECONDS) end
end

return throttle
