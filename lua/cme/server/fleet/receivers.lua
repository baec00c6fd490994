-- SPDX-License-Identifier: MIT
-- Which node posts events to which receiver: one at a time, by a claim as for a project, so that a receiver gets them
-- in order. The events of all nodes wait in the state, and the node that has the receiver posts them all.
--
--   PREFIX post/run/HASH = "node-a"   HASH: of the receiver's URL, which may hold a secret
--
-- Tasks only.

local claims = require "cme.server.fleet.claims"
local sign = require "cme.sign"
local task = require "cme.task"

local receivers = {}

local LOOK = 2 -- seconds between two looks, when nothing is heard

---@class cme.server.fleet.receivers
---@field private _given table
---@field private _claims cme.server.fleet.claims
---@field private _held table<string, integer> epochs by hash
---@field private _urls string[] hashes of those that this node posts to
---@field private _told fun() one of them is this node's now
---@field private _woken cme.task.signal
local Receivers = {}
Receivers.__index = Receivers
Receivers.__name = "cme.server.fleet.receivers"

local function hash_of(url) return sign.sha256_hex(url):sub(1, 32) end

--- Makes them; nothing is asked yet.
---@param given { client: cme.etcd.client, prefix: string, node: string, lease: cme.server.fleet.lease,
---  clock: (fun(): number), failed: function|nil }
---@param urls string[]
---@param told fun() a receiver has become this node's; must not wait
---@return cme.server.fleet.receivers
function receivers.new(given, urls, told)
  local self = setmetatable({ _held = {}, _urls = {}, _told = told, _given = given, _woken = task.signal() },
    Receivers)
  for i, url in ipairs(urls) do self._urls[i] = hash_of(url) end
  self._claims = claims.new { client = given.client, prefix = given.prefix .. "post/", node = given.node,
    lease = given.lease, clock = given.clock, failed = given.failed, changed = function() self._woken:notify() end,
    gone = function(hash, epoch)
      if self._held[hash] == epoch then self._held[hash] = nil end
    end }
  return self
end

--- Whether this node posts to a receiver now.
---@param url string
---@return boolean
function Receivers:has(url) return self._given.lease:is_held() and self._held[hash_of(url)] ~= nil end

--- The node has lost its lease, and all receivers with it.
function Receivers:lose() self._held = {} end

-- Takes those that nobody has, and those that this node had before.
local function look(self)
  local own = self._given.lease:is_held() and self._claims:own()
  for _, hash in ipairs(own and self._urls or {}) do
    local free = own[hash] ~= nil or not self._claims:holder(hash)
    if free and not self._held[hash] then
      self._held[hash] = self._claims:take(hash)
      if self._held[hash] then self._told() end
    end
  end
end

--- Follows what the claims say.
function Receivers:watch() self._claims:run() end

--- Takes receivers, for as long as the task lives.
function Receivers:run()
  while not self._claims:load() do task.sleep(LOOK) end
  while true do
    look(self)
    self._woken:wait(LOOK)
  end
end

return receivers
