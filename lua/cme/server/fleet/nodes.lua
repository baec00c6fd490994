-- SPDX-License-Identifier: MIT
-- The nodes of a fleet: each says of itself what it is and how full, by a key that hangs on its lease. So one that is
-- lost is on the list no more when its lease is over.
--
--   PREFIX node/node-a = {"id":"5b0c...","life":"91d2...","capacity":40,"running":3,"standing":2,
--                         "labels":{"media":"yes"},"api":"https://10.0.0.1:8443"}
--
-- `id` is the service's: two of one name would take each other's runs for their own. `life` is another one after each
-- start of it: what is asked of it in one life is not done in the next (peers.lua).
--
-- Tasks only.

local attempt = require "cme.server.fleet.attempt"
local codes = require "cme.codes"
local json = require "cme.json"
local mirror = require "cme.etcd.mirror"
local saying = require "cme.server.fleet.saying"

local nodes = {}

---@class cme.server.fleet.nodes.given
---@field client cme.etcd.client
---@field prefix string of all keys
---@field node string this node's name
---@field lease cme.server.fleet.lease
---@field clock fun(): number steady, in seconds
---@field changed (fun())|nil one of them says something else; must not wait
---@field failed (fun(message: string|nil))|nil etcd does not answer, or answers again, as cme.etcd.mirror says

---@class cme.server.fleet.member : cme.server.fleet.node
---@field id string|nil of its service
---@field life string|nil of its service since its start
---@field api string|nil where its API is for the others
---@field lease integer

---@class cme.server.fleet.nodes
---@field private _given cme.server.fleet.nodes.given
---@field private _keys cme.etcd.mirror
---@field private _own cme.server.fleet.saying
---@field private _told_at integer|nil revision of what was said last
local Nodes = {}
Nodes.__index = Nodes
Nodes.__name = "cme.server.fleet.nodes"

--- Makes them; nothing is read yet.
---@param given cme.server.fleet.nodes.given
---@return cme.server.fleet.nodes
function nodes.new(given)
  local prefix = given.prefix .. "node/"
  local keys = mirror.new { client = given.client, prefix = prefix, head = prefix, clock = given.clock,
    changed = given.changed, failed = given.failed }
  return setmetatable({ _given = given, _own = saying.new(given.lease), _keys = keys }, Nodes)
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

local function own_key(self) return self._given.prefix .. "node/" .. self._given.node end

-- The revision of this node's key, as far as it has heard; 0: there is none. nil: another service has the name.
local function own_revision(self, id)
  local kv = self._keys:get(own_key(self))
  if kv and json.object(json.decode(kv.value)).id ~= id then return nil end
  return math.max(kv and kv.mod_revision or 0, self._told_at or 0)
end

local function write(self, info, value, lease)
  local key, revision = own_key(self), own_revision(self, info.id)
  if not revision then return codes.fail("server.fleet.name", { node = self._given.node }) end
  local done, message, detail = self._given.client:txn({ compare = { { key = key, mod_revision = revision } },
    success = { { put = { key = key, value = value, lease = lease } } } }, attempt)
  if not done then return nil, message, detail end
  self._told_at = done.succeeded and done.revision or nil
  if done.succeeded then return true end
  return codes.fail("server.fleet.name:raced", { node = self._given.node })
end

--- Says how this node is. What it said already is not said again on the same lease.
---@param info { id: string|nil, life: string|nil, capacity: integer, running: integer, standing: integer|nil,
---  labels: table|nil, draining: boolean|nil, api: string|nil } as of cme.server.fleet.node
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail server.fleet.name: another service has this name; server.fleet.name:raced: the key was
---  another one, try again
function Nodes:announce(info)
  local value = json.encode(info)
  return self._own:say(value, function(lease) return write(self, info, value, lease) end)
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

--- One that lives.
---@param name string
---@return cme.server.fleet.member|nil
function Nodes:find(name)
  local kv = self._keys:get(self._given.prefix .. "node/" .. name)
  return kv and member_of(self, kv)
end

--- Whether a service may be this node: no other one that lives has its name, and no node of another name has its id,
--- as a copy of a state folder would.
---@param id string of the service
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail code server.fleet.name or server.fleet.copy
function Nodes:admits(id)
  for _, one in ipairs(self:list()) do
    local same = one.name == self._given.node
    if same and one.id ~= id then return codes.fail("server.fleet.name", { node = one.name }) end
    if not same and one.id == id then return codes.fail("server.fleet.copy", { node = one.name }) end
  end
  return true
end

--- Asks etcd the same, before there is a node.
---@param given { client: cme.etcd.client, prefix: string, node: string, clock: fun(): number }
---@param id string of the service
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail code server.fleet.name, server.fleet.copy, or etcd's
function nodes.check(given, id)
  local list = nodes.new { client = given.client, prefix = given.prefix, node = given.node, clock = given.clock,
    lease = {} }
  local ok, message, detail = list:load()
  if not ok then return nil, message, detail end
  return list:admits(id)
end

return nodes
