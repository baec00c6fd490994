-- SPDX-License-Identifier: MIT
-- The store in an etcd of the specs', each below a prefix of its own, which nobody else uses.

local etcd = require "cme.etcd"
local sign = require "cme.sign"
local store = require "cme.server.store.etcd"
local uv = require "luv"

local etcd_store = {}

etcd_store.KEY = ("5ea1"):rep(16) -- of the key file

local count = 0

--- A prefix that nothing is below.
---@return string
function etcd_store.prefix()
  count = count + 1
  return ("/spec/%d-%d"):format(uv.os_getpid(), count)
end

--- Opens a store.
---@param server spec.etcd
---@param more table|nil what differs from a service's on a fresh prefix
---@return cme.server.store.etcd|nil
---@return string|nil message
---@return cme.detail|nil detail
function etcd_store.open(server, more)
  local given = { client = etcd.new { endpoints = server.endpoints, quiet = 1 }, prefix = etcd_store.prefix(),
    ring = assert(sign.keyring(etcd_store.KEY)), now = os.time, monotonic = function() return uv.hrtime() / 1e9 end,
    node = { id = "one", host = "h", folder = "/f" } }
  for name, value in pairs(more or {}) do given[name] = value end
  given.node = given.node or nil -- false: a command
  return store.open(given)
end

return etcd_store
