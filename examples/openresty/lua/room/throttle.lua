-- SPDX-License-Identifier: MIT
-- How often a password may be tried: so many times by one address and by all of them within a quarter of an hour. A try
-- is counted before the password is looked at, so that many at once gain nothing; a good one is forgotten again. What
-- one address tries in vain is not counted for all: it would keep everybody out.
--
-- `store` is an nginx shared dictionary, or has its incr (with a time to live), ttl and delete.

local throttle = {}

local SECONDS = 900
throttle.PER_ADDRESS = 8
throttle.ALL = 200

---@class room.throttle
---@field private _store table
local Throttle = {}
Throttle.__index = Throttle

---@param store table
---@return room.throttle
function throttle.new(store)
  return setmetatable({ _store = store }, Throttle)
end

--- Counts a try.
---@param address string
---@return boolean allowed
---@return number|nil wait seconds until it is worth trying again
function Throttle:take(address)
  for _, limit in ipairs { { "address " .. address, throttle.PER_ADDRESS }, { "all", throttle.ALL } } do
    local key, most = limit[1], limit[2]
    local count = self._store:incr(key, 1, 0, SECONDS)
    if not count or count > most then return false, math.ceil(self._store:ttl(key) or SECONDS) end
  end
  return true
end

--- The password was right.
---@param address string
function Throttle:forget(address)
  self._store:delete("address " .. address)
  self._store:incr("all", -1, 0, SECONDS)
end

return throttle
