-- SPDX-License-Identifier: MIT
-- What an operator asks of a fleet: that a node takes no more projects and gives up those that it has, and that a
-- project goes on elsewhere. An order to move ends by itself, so that one that nobody can follow does no harm later.
--
--   PREFIX order/drain/node-a = {}            until it is taken back
--   PREFIX order/move/gala = "node-b"         on a lease of its own
--
-- Tasks only.

local attempt = require "cme.server.fleet.attempt"
local mirror = require "cme.etcd.mirror"

local orders = {}

local MOVE_SECONDS = 60

---@class cme.server.fleet.orders
---@field private _client cme.etcd.client
---@field private _prefix string
---@field private _keys cme.etcd.mirror
local Orders = {}
Orders.__index = Orders
Orders.__name = "cme.server.fleet.orders"

local function drain_key(prefix, node) return prefix .. "order/drain/" .. node end
local function move_key(prefix, project) return prefix .. "order/move/" .. project end

--- Makes them; nothing is read yet.
---@param given { client: cme.etcd.client, prefix: string, clock: (fun(): number), changed: function,
---  failed: function|nil }
---@return cme.server.fleet.orders
function orders.new(given)
  local prefix = given.prefix .. "order/"
  return setmetatable({ _client = given.client, _prefix = given.prefix, _keys = mirror.new { client = given.client,
    prefix = prefix, head = prefix, clock = given.clock, changed = given.changed, failed = given.failed } }, Orders)
end

--- Reads them.
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Orders:load() return self._keys:load() end

--- Follows them, for as long as the task lives.
function Orders:run() self._keys:run() end

--- Whether a node is to take no more projects.
---@param node string
---@return boolean
function Orders:drains(node) return self._keys:get(drain_key(self._prefix, node)) ~= nil end

--- The node that a project is to go on at.
---@param project string
---@return string|nil
function Orders:target(project)
  local kv = self._keys:get(move_key(self._prefix, project))
  return kv and kv.value
end

--- A project is where it is to be.
---@param project string
function Orders:done(project) self._client:delete({ key = move_key(self._prefix, project) }, attempt) end

-- ---- for operators

--- Has a node give up what it runs, or take projects again.
---@param client cme.etcd.client
---@param prefix string
---@param node string
---@param on boolean
---@return any|nil
---@return string|nil message
---@return cme.detail|nil detail
function orders.drain(client, prefix, node, on)
  local key = drain_key(prefix, node)
  if on then return client:put { key = key, value = "{}" } end
  return client:delete { key = key }
end

--- Has a project go on at a node.
---@param client cme.etcd.client
---@param prefix string
---@param project string
---@param node string
---@return any|nil
---@return string|nil message
---@return cme.detail|nil detail
function orders.move(client, prefix, project, node)
  local lease, message, detail = client:grant(MOVE_SECONDS)
  if not lease then return nil, message, detail end
  return client:put { key = move_key(prefix, project), value = node, lease = lease.id }
end

return orders
