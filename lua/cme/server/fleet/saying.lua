-- SPDX-License-Identifier: MIT
-- What a node says of itself, by a key that hangs on its lease: it is written when it is another than before, or the
-- lease is another, and not again. What an attempt that failed has left in etcd is not known, so after one all is said
-- anew. Tasks only.

local saying = {}

---@class cme.server.fleet.saying
---@field private _lease cme.server.fleet.lease
---@field private _on integer|nil the lease on which it was said
---@field private _value string|nil what was said; nil: nothing
---@field private _sure boolean etcd has it so
local Saying = {}
Saying.__index = Saying
Saying.__name = "cme.server.fleet.saying"

--- Makes one; nothing is said yet.
---@param lease cme.server.fleet.lease
---@return cme.server.fleet.saying
function saying.new(lease)
  return setmetatable({ _lease = lease, _sure = true }, Saying)
end

-- Nothing hangs on no lease.
local function is_said(self, value, lease)
  return self._sure and value == self._value and (value == nil or lease == self._on)
end

--- Says it, unless that was done. Without a lease nothing can be said, which the next attempt makes good.
---@param value string|nil nil: nothing
---@param write fun(lease: integer): boolean|nil, string|nil, cme.detail|nil true: it is written
---@return boolean|nil ok
---@return string|nil message
---@return cme.detail|nil detail write's
function Saying:say(value, write)
  local lease = self._lease.id
  if not lease or is_said(self, value, lease) then return true end
  self._sure = false
  local ok, message, detail = write(lease)
  if not ok then return nil, message, detail end
  self._on, self._value, self._sure = lease, value, true
  return true
end

return saying
