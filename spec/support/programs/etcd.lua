-- SPDX-License-Identifier: MIT
-- Debian's etcd on free ports of 127.0.0.1: a cluster of any number of members, which a spec stops, kills and starts.

local proc = require "spec.support.proc"

local etcd = {}

---@class spec.etcd_member
---@field name string
---@field url string of its clients
---@field peer string of its peers
---@field process spec.proc|nil while it runs

---@class spec.etcd
---@field members spec.etcd_member[]
---@field endpoints string[]
---@field dir string
---@field _options table
local Cluster = {}
Cluster.__index = Cluster

local READY = 60 -- seconds until it serves
local COMMON = { "--logger", "zap", "--heartbeat-interval", "100", "--election-timeout", "1000",
  "--log-level", "warn", "--unsafe-no-fsync" }

local function tls_arguments(tls)
  if not tls then return {} end
  return { "--cert-file", tls.cert, "--key-file", tls.key, "--client-cert-auth", "--trusted-ca-file", tls.ca }
end

--- Starts a member, with what it had when it ran before.
---@param i integer
function Cluster:start_member(i)
  local member, peers = self.members[i], {}
  for _, one in ipairs(self.members) do peers[#peers + 1] = one.name .. "=" .. one.peer end
  local argv = { "etcd", "--name", member.name, "--data-dir", self.dir .. "/" .. member.name,
    "--listen-client-urls", member.url, "--advertise-client-urls", member.url,
    "--listen-peer-urls", member.peer, "--initial-advertise-peer-urls", member.peer,
    "--initial-cluster", table.concat(peers, ","), "--initial-cluster-token", self.dir }
  for _, list in ipairs { etcd.flags, tls_arguments(self._options.tls), self._options.arguments or {} } do
    for _, one in ipairs(list) do argv[#argv + 1] = one end
  end
  member.process = proc.spawn(argv, { name = "etcd " .. member.name })
end

--- Waits until a member serves clients.
---@param i integer
function Cluster:expect_serving(i)
  self.members[i].process:expect_listening(tonumber(self.members[i].url:match "%d+$"), READY)
end

--- Kills a member as a lost machine is.
---@param i integer
function Cluster:kill_member(i)
  self.members[i].process:kill "sigcont"
  self.members[i].process:destroy()
  self.members[i].process:wait(READY)
  self.members[i].process = nil
end

--- Sends a signal to a member.
---@param i integer
---@param signal string
function Cluster:signal(i, signal)
  self.members[i].process:kill(signal)
end

--- Kills all that run.
function Cluster:stop()
  for i, member in ipairs(self.members) do
    if member.process then self:kill_member(i) end
  end
end

-- Which flags this etcd has: --unsafe-no-fsync is not in all.
local function known_flags()
  if etcd.flags then return end
  local _, out, err = proc.run { "etcd", "--help" }
  etcd.flags = {}
  local i = 1
  while COMMON[i] do
    local flag, value = COMMON[i], COMMON[i + 1]
    local bare = not value or value:find "^%-%-" ~= nil
    if (out .. err):find(flag, 1, true) then
      etcd.flags[#etcd.flags + 1] = flag
      if not bare then etcd.flags[#etcd.flags + 1] = value end
    end
    i = i + (bare and 1 or 2)
  end
end

--- Starts a cluster and waits until its members serve.
---@param given { members: integer|nil, arguments: string[]|nil, tls: table|nil }|nil tls: the files cert, key, ca
---@return spec.etcd
function etcd.start(given)
  known_flags()
  given = given or {}
  local self = setmetatable({ members = {}, endpoints = {}, dir = proc.folder(), _options = given }, Cluster)
  for i = 1, given.members or 1 do
    local scheme = given.tls and "https" or "http"
    self.members[i] = { name = "m" .. i, url = ("%s://127.0.0.1:%d"):format(scheme, proc.free_port()),
      peer = ("http://127.0.0.1:%d"):format(proc.free_port()) }
    self.endpoints[i] = self.members[i].url
  end
  for i in ipairs(self.members) do self:start_member(i) end
  for i in ipairs(self.members) do self:expect_serving(i) end
  return self
end

return etcd
