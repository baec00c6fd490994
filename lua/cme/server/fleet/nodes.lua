-- SPDX-License-Identifier: MIT
-- The nodes of a fleet: each says of itself what it is and how full, by a key that hangs on its lease. So one that is
-- lost is on the list no more when its lease is over.
--
--   PREFIX node/node-a = {"capacity":40,"running":3,"labels":{"media":"yes"},"api":"https://10.0.0.1:8443"}
--
-- Tasks only.

local json = require "cme.json"
local mirror = require "cme.etcd.mirror"

local nodes = {}

---@class cme.server.fleet.nodes.given
---@field client cme.etcd.client
---@field prefix string of all keys
---@field node string this node's name
---@field lease cme.server.fleet.lease
---@field clock fun(): number steady, in seconds
---@field failed (fun(message: string, detail: cme.detail))|nil etcd does not answer; the watch goes on

---@class cme.server.fleet.member : cme.server.fleet.node
---@field api string|nil where its API is for the others
---@field lease integer

---@class cme.server.fleet.nodes
---@field private _given cme.server.fleet.nodes.given
---@field private _keys cme.etcd.mirror
---@field private _told string|nil what it said last, and on which lease
local Nodes = {}
Nodes.__index = Nodes
Nodes.__name = "cme.server.fleet.nodes"

--- Makes them; nothing is read yet.
---@param given cme.server.fleet.nodes.given
---@return cme.server.fleet.nodes
function nodes.new(given)
  local prefix = given.prefix .. "node/"
  return setmetatable({ _given = given, _keys = mirror.new { client = given.client, prefix = prefix, head = prefix,
    clock = given.clock, failed = given.failed } }, Nodes)
end

--- Reads the list.
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Nodes:load()
  return self._keys:load()
end

--- Follows it, for as long as the task lives.
function Nodes:run()
  self._keys:run()
end

--- Says how this node is. What it said already is not said again on the same lease.
---@param info { capacity: integer, running: integer, labels: table|nil, draining: boolean|nil, api: string|nil }
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Nodes:announce(info)
  local lease = self._given.lease.id
  local value = json.encode(info)
  local told = ("%d %s"):format(lease or 0, value)
  if not lease or told == self._told then return true end
  local key = self._given.prefix .. "node/" .. self._given.node
  local written, message, detail = self._given.client:put { key = key, value = value, lease = lease }
  if not written then return nil, message, detail end
  self._told = told
  return true
end

-- A key that another version wrote otherwise is of no node that can be counted on.
local function member_of(self, kv)
  local info = json.decode(kv.value)
  if type(info) ~= "table" or math.type(info.capacity) ~= "integer" or math.type(info.running) ~= "integer" then
    return nil
  end
  info.name, info.lease = kv.key:sub(#self._given.prefix + #"node/" + 1), kv.lease
  return info
end

--- All nodes that live, by name.
---@return cme.server.fleet.member[]
function Nodes:list()
  local list = {}
  for _, kv in self._keys:each() do list[#list + 1] = member_of(self, kv) end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

return nodes
