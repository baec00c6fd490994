-- SPDX-License-Identifier: MIT
-- Has the log say that etcd does not answer, and that it does again: once each, for all mirrors of a program, each of
-- which finds that out by itself.

local outage = {}

---@class cme.etcd.outage
---@field private _log { warn: function, info: function }|nil
---@field private _silent table<table, true> the mirrors that get no answer
local Outage = {}
Outage.__index = Outage
Outage.__name = "cme.etcd.outage"

--- Makes one; all is well.
---@param log { warn: function, info: function }|nil nil: nobody is told
---@return cme.etcd.outage
function outage.new(log)
  return setmetatable({ _log = log, _silent = {} }, Outage)
end

--- What a mirror is given as `failed`. Each needs one of its own.
---@return fun(message: string|nil)
function Outage:hearer()
  local mirror = {}
  return function(message)
    local before = next(self._silent) ~= nil
    self._silent[mirror] = message and true or nil
    local now = next(self._silent) ~= nil
    if not self._log or now == before then return end
    if now then
      self._log:warn("etcd does not answer", { error = message })
    else
      self._log:info "etcd answers again"
    end
  end
end

return outage
