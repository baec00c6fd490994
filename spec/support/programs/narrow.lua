-- SPDX-License-Identifier: MIT
-- A network of its own whose loopback carries so much and no more: an uplink for specs. It lasts as long as the process
-- that holds it, so that nothing is left whatever ends a spec.

local uv = require "luv"

local proc = require "spec.support.proc"

---@class spec.narrow
---@field private _holder spec.proc
local Narrow = {}
Narrow.__index = Narrow

local narrow = {}

--- Makes one; nil: this user may not.
---@return spec.narrow|nil
function narrow.new()
  if proc.run { "unshare", "-n", "true" } ~= 0 then return nil end
  local self = setmetatable({ _holder = proc.spawn { "unshare", "-n", "sleep", "1000" } }, Narrow)
  local own, path = uv.fs_readlink "/proc/self/ns/net", ("/proc/%d/ns/net"):format(self._holder.pid)
  proc.eventually("a network of its own", 20, function() return uv.fs_readlink(path) ~= own end)
  if proc.run(self:argv { "ip", "link", "set", "lo", "up" }) == 0 and self:limit "1gbit" then return self end
  self:close()
  return nil
end

--- A command line inside of it.
---@param argv string[]
---@return string[]
function Narrow:argv(argv)
  return { "nsenter", "-t", tostring(self._holder.pid), "-n", table.unpack(argv) }
end

--- Sets what its loopback carries.
---@param rate string of tc: "6mbit"
---@return boolean done
function Narrow:limit(rate)
  return proc.run(self:argv { "tc", "qdisc", "replace", "dev", "lo", "root", "tbf", "rate", rate, "burst", "64k",
    "latency", "200ms" }) == 0
end

function Narrow:close() self._holder:stop() end

return narrow
