-- SPDX-License-Identifier: MIT
-- How many calls each node is asked for, so that all of them together keep the limit of a key. A node tells the others
-- twice a second at most, and only of keys that are used a lot; what it told goes with its lease.
--
--   PREFIX calls/node-a = {"AKID... DescribeProjects":12}      calls a second, by the limiter's names
--
-- Until the others have heard of a burst, each of them lets through what it would alone. Tasks only.

local attempt = require "cme.server.fleet.attempt"
local json = require "cme.json"
local mirror = require "cme.etcd.mirror"
local saying = require "cme.server.fleet.saying"
local task = require "cme.task"

local calls = {}

local PERIOD = 0.5 -- seconds
local MOST = 200 -- names that a node tells of
local NONE = {}

---@class cme.server.fleet.calls.given
---@field client cme.etcd.client
---@field prefix string of all keys
---@field node string this node's name
---@field lease cme.server.fleet.lease
---@field clock fun(): number steady, in seconds
---@field count fun(): integer nodes that live
---@field failed (fun(message: string|nil))|nil etcd does not answer, or answers again, as cme.etcd.mirror says

---@class cme.server.fleet.calls
---@field private _given cme.server.fleet.calls.given
---@field private _limiter cme.server.http.limiter
---@field private _keys cme.etcd.mirror
---@field private _lists table<string, integer[]> what others say, by name
---@field private _own cme.server.fleet.saying
local Calls = {}
Calls.__index = Calls
Calls.__name = "cme.server.fleet.calls"

local function own_key(self) return self._given.prefix .. "calls/" .. self._given.node end

local function add(lists, kv)
  for name, count in pairs(json.object(json.decode(kv.value))) do
    local list = lists[name] or {}
    lists[name], list[#list + 1] = list, math.tointeger(count)
  end
end

local function gather(self)
  local lists, own = {}, own_key(self)
  for key, kv in self._keys:each() do
    if key ~= own then add(lists, kv) end
  end
  self._lists = lists
end

--- Has a limiter count with the other nodes; nothing is read yet.
---@param given cme.server.fleet.calls.given
---@param limiter cme.server.http.limiter
---@return cme.server.fleet.calls
function calls.new(given, limiter)
  local self = setmetatable({ _given = given, _limiter = limiter, _lists = {}, _own = saying.new(given.lease) }, Calls)
  local prefix = given.prefix .. "calls/"
  self._keys = mirror.new { client = given.client, prefix = prefix, head = prefix, clock = given.clock,
    changed = function() gather(self) end, failed = given.failed }
  limiter:join(function(name) return self._lists[name] or NONE end)
  return self
end

--- Follows what the others say, for as long as the task lives.
function Calls:watch() self._keys:run() end

-- Half of an equal part: whoever is asked for less takes little from the others, and need not say so.
local function least(self)
  return math.max(1, self._limiter.per_second // (2 * math.max(1, self._given.count())))
end

local function write(self, value, lease)
  local client, key = self._given.client, own_key(self)
  if value then return client:put({ key = key, value = value, lease = lease }, attempt) ~= nil end
  return client:delete({ key = key }, attempt) ~= nil
end

--- Says what this node is asked for. What it said already is not said again on the same lease.
function Calls:tell()
  local demand = self._limiter:demand(least(self), MOST)
  local value = next(demand) and json.encode(demand) or nil
  self._own:say(value, function(lease) return write(self, value, lease) end)
end

--- Says it again and again, for as long as the task lives.
function Calls:run()
  while true do
    self:tell()
    task.sleep(PERIOD)
  end
end

return calls
