-- SPDX-License-Identifier: MIT
-- To which node's edge each encoder pushes. The edges of all nodes admit it, and the engine that needs its stream reads
-- it from that edge, whichever node runs the project:
--
--   encoder --> edge of node-b --rtmp, with a key to read--> engine of node-a
--
--   PREFIX push/5b1d... = {"node":"node-b","edge":"rtmp://10.0.0.2:1935","project":"cmepid_5b0c...",
--                          "endpoint":"main"}   on node-b's lease
--
-- 5b1d... is the edge's name for the key, which lets nobody push. The encoder that came last counts: its node writes
-- the key over that of another node, which may be lost. A node writes the key of an encoder that it has where there is
-- none, and takes its own away when the encoder is gone. What its edge says now decides, not what was heard of it
-- meanwhile, so nothing that is missed stays wrong. Where no node has an encoder, it is awaited where it was last: an
-- edge that works goes on when its service, and so its lease, is lost. Tasks only.

local attempt = require "cme.server.fleet.attempt"
local json = require "cme.json"
local mirror = require "cme.etcd.mirror"
local task = require "cme.task"

local encoders = {}

local LOOK = 2 -- seconds between two looks, when nothing is heard
local MAX_LAST = 4096 -- encoders that are gone and remembered

---@class cme.server.fleet.encoder one that pushes to an edge
---@field id string the edge's name for its key
---@field project string
---@field endpoint "main"|"backup"
---@field since number when it came, by the edge's clock: another value is another encoder

---@class cme.server.fleet.push what the nodes know of it
---@field node string
---@field edge string|nil where the others reach that node's edge; nil: they do not
---@field project string
---@field endpoint "main"|"backup"

---@class cme.server.fleet.encoders.given
---@field client cme.etcd.client
---@field prefix string of all keys
---@field node string this node's name
---@field lease cme.server.fleet.lease
---@field clock fun(): number steady, in seconds
---@field failed (fun(message: string|nil))|nil etcd does not answer, or answers again, as cme.etcd.mirror says

---@class cme.server.fleet.encoders
---@field private _given cme.server.fleet.encoders.given
---@field private _keys cme.etcd.mirror
---@field private _since table<string, number>|nil those that were there at the last look, by id; nil: it is the first
---@field private _last table<string, cme.server.fleet.push> where encoders that are gone were, by key
---@field private _count integer of those
---@field private _edge string|nil where the others reach this node's edge
---@field private _moved fun(project: string)
---@field private _woken cme.task.signal
local Encoders = {}
Encoders.__index = Encoders
Encoders.__name = "cme.server.fleet.encoders"

-- What a key says; nil: there is none, or another version wrote it otherwise.
local function read(kv)
  local push = kv and json.object(json.decode(kv.value)) or {}
  if type(push.node) ~= "string" or type(push.project) ~= "string" then return nil end
  return push
end

local function remember(self, key, push)
  if self._count >= MAX_LAST then self._last, self._count = {}, 0 end
  self._count = self._count + ((push and 1 or 0) - (self._last[key] and 1 or 0))
  self._last[key] = push
end

-- Where a stream is of which nobody has heard: it will come here, if anywhere.
local function place_of(self, push) return push and push.node ~= self._given.node and push.edge or nil end

local function changed(self, key, kv, before)
  local now, earlier = read(kv), read(before) or self._last[key]
  remember(self, key, not now and earlier or nil)
  self._woken:notify()
  if now and place_of(self, now) ~= place_of(self, earlier) then self._moved(now.project) end
end

--- Makes them; nothing is read yet.
---@param given cme.server.fleet.encoders.given
---@return cme.server.fleet.encoders
function encoders.new(given)
  local self = setmetatable({ _given = given, _last = {}, _count = 0, _moved = function() end,
    _woken = task.signal() }, Encoders)
  local prefix = given.prefix .. "push/"
  self._keys = mirror.new { client = given.client, prefix = prefix, head = prefix, clock = given.clock,
    failed = given.failed, changed = function(...) changed(self, ...) end }
  return self
end

--- Where the other nodes reach this node's edge, when nobody says: at the host where they reach its API, if it listens
--- there. Pure.
---@param api string|nil URL of the API
---@param at { host: string, port: integer } where the edge takes RTMP
---@return string|nil url
function encoders.edge_url(api, at)
  local host = (api or ""):match "^%w+://([%w._-]+)" -- the edge has no IPv6
  if host and (at.host == "0.0.0.0" or at.host == host) then return ("rtmp://%s:%d"):format(host, at.port) end
end

--- Reads where they are.
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Encoders:load() return self._keys:load() end

--- Follows where they are, for as long as the task lives.
function Encoders:run() self._keys:run() end

--- Has the others know where this node's edge is, and somebody of each project whose encoder pushes to another node
--- than before.
---@param url string|nil where the others reach the edge
---@param moved fun(project: string) must not wait
function Encoders:share(url, moved) self._edge, self._moved = url, moved end

--- Where the edge is that the encoder with a key pushes to, or did last, as far as this node has heard.
---@param id string the edge's name for the key
---@return string|nil url nil: it is this node's, if any, or cannot be reached
function Encoders:edge_of(id)
  local key = self._given.prefix .. "push/" .. id
  return place_of(self, read(self._keys:get(key)) or self._last[key])
end

--- Those of a project that push now.
---@param project string
---@return cme.server.fleet.push[] pushes by endpoint
function Encoders:of(project)
  local list = {}
  for _, kv in self._keys:each() do
    local push = read(kv)
    list[#list + 1] = push and push.project == project and push or nil
  end
  table.sort(list, function(a, b) return tostring(a.endpoint) > tostring(b.endpoint) end)
  return list
end

-- ---- this node's own

-- What a key of this node's says; nil: it is none.
local function own(self, kv)
  local push = read(kv)
  return push and push.node == self._given.node and push or nil
end

-- Whether the key of an encoder that is here has to be written.
local function is_wanted(self, one, kv)
  local push = own(self, kv)
  if push or not kv then return not push or kv.lease ~= self._given.lease.id or push.edge ~= self._edge end
  return self._since ~= nil and self._since[one.id] ~= one.since
end

-- A key that is another one by now stays: the next look sees it. It must never be without a lease.
local function write(self, key, kv, one, lease)
  local given = self._given
  local value = one and json.encode { node = given.node, edge = self._edge, project = one.project,
    endpoint = one.endpoint }
  return given.client:txn({ compare = { { key = key, mod_revision = kv and kv.mod_revision or 0 } },
    success = { one and { put = { key = key, value = value, lease = lease } } or { delete = { key = key } } },
  }, attempt)
end

-- What is to be written, by key: an encoder, or false where one is gone.
local function plan(self, list)
  local wanted, here = {}, {}
  for _, one in ipairs(list) do
    local key = self._given.prefix .. "push/" .. one.id
    here[key] = true
    if is_wanted(self, one, self._keys:get(key)) then wanted[key] = one end
  end
  for key, kv in self._keys:each() do
    if not here[key] and own(self, kv) then wanted[key] = false end
  end
  return wanted
end

--- Has the nodes know which encoders push to this one, and no others. When the lease ends meanwhile, the rest is left
--- to the next look.
---@param list cme.server.fleet.encoder[] those that do now
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Encoders:settle(list)
  local held = self._given.lease
  if not held:is_held() then return true end
  local lease = held.id
  for key, one in pairs(plan(self, list)) do
    if not held:is_held() or held.id ~= lease then return true end
    local done, message, detail = write(self, key, self._keys:get(key), one, lease)
    if not done then return nil, message, detail end
  end
  self._since = {}
  for _, one in ipairs(list) do self._since[one.id] = one.since end
  return true
end

--- One of them has come or gone. Does not wait.
function Encoders:wake() self._woken:notify() end

--- Has the nodes know them, for as long as the task lives.
---@param ask fun(): cme.server.fleet.encoder[]|nil those that push to this node now; nil: not known
function Encoders:keep(ask)
  while true do
    local list = ask()
    if list then self:settle(list) end -- what etcd did not take is written at the next look
    self._woken:wait(LOOK)
  end
end

return encoders
