-- SPDX-License-Identifier: MIT
-- The official Node SDK with every action and operation (relay_actions.lua) against a fleet of three through a plain
-- TCP balancer, while one node after the other is killed: its service alone, or with all that it started. The program
-- around the SDK is careful (careful.lua): it looks before it calls again. Every call must come to its end, and nothing
-- may be done twice.

local balancer = require "spec.support.programs.balancer"
local careful = require "spec.support.proofs.careful"
local fleet = require "spec.support.programs.fleet"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local node_sdk = require "spec.support.programs.node_sdk"
local proc = require "spec.support.proc"
local relay_actions = require "spec.support.proofs.relay_actions"
local uv = require "luv"

local NAMES = { "a", "b", "c" }
local DOWN = { service = 2, node = 9 } -- seconds until it is started again: before the lease is over, and after
local END = 60 -- seconds for what is left to end
local LOOK = { size = "320x180", rate = 25, gop = 25, bitrate = "200k", picture = "testsrc2", tone = 440,
  sample_rate = 44100, profile = "main", bframes = 0 }

---@class spec.fleet.sdk.result
---@field rounds integer of all actions
---@field kills table<string, integer> by kind
---@field calls integer
---@field careful spec.careful

---@class spec.fleet.sdk
---@field private _options { kills: integer, every: number, seed: integer }
---@field private _nodes spec.fleet
---@field private _down { name: string, back_at: number }|nil the node that is killed
---@field private _kills integer
local Sdk = {}
Sdk.__index = Sdk

local sdk = {}

local function now() return uv.hrtime() / 1e9 end

-- ---- the stage

local function start(self)
  local library = proc.folder()
  self._rtmp = nginx.start { apps = { "source", "platform" } }
  local film = media.file(library .. "/film.flv", 5, LOOK)
  proc.run { "cp", film, self._rtmp.dir .. "/hls/source/film.flv" }
  self._source = media.replay(self._rtmp:url("source", "main"), film)
  self._rtmp:expect_publish("source", 1)
  self._nodes = fleet.start { edge = true }
  local ports = {}
  for i, name in ipairs(NAMES) do
    ports[i] = self._nodes:add(name, { "--rate-limit", "off", "--media", library, "--preset", "ultrafast" }).port
  end
  self._balancer = balancer.start(ports)
  local first = self._nodes.nodes.a
  self._sdk = node_sdk.start { secret_id = first.secret_id, secret_key = first.secret_key }
  self._profile = { httpProfile = { protocol = "http://", endpoint = "127.0.0.1:" .. self._balancer.port } }
end

local function stop(self)
  for _, name in ipairs { "_sdk", "_balancer", "_nodes", "_source", "_rtmp" } do
    if self[name] then self[name]:stop() end
  end
end

-- ---- the kills

-- From a timer, in the midst of whatever call: so it must not wait.
local function kill(self)
  if self._down or self._kills >= self._options.kills then return end
  local name, kind = NAMES[math.random(#NAMES)], math.random(2) == 1 and "service" or "node"
  local one = self._nodes.nodes[name]
  one.proc:kill "sigkill"
  for _, list in ipairs(kind == "node" and { one:engines(), one:edge() } or {}) do
    for _, pid in ipairs(list) do uv.kill(pid, "sigkill") end
  end
  self._kills, self.result.kills[kind] = self._kills + 1, self.result.kills[kind] + 1
  self._down = { name = name, back_at = now() + DOWN[kind] }
end

local function raise(self)
  local down = self._down
  if not down or now() < down.back_at then return end
  local one = self._nodes.nodes[down.name]
  one.proc:wait()
  one:up()
  self._down = nil
end

-- ---- the calls

local function ask(self, action, params)
  raise(self)
  self.result.calls = self.result.calls + 1
  params.Platform = action ~= "DescribePlatforms" and "test" or nil
  local response, failure = self._sdk:call(action, params, { profile = self._profile })
  if failure and not failure.requestId then failure.code = nil end -- of node, not of the service
  return response, failure
end

local function wait(self, seconds)
  local due = now() + seconds
  proc.eventually("time to pass", seconds + END, function() return now() >= due end)
  raise(self)
end

local function new_suite(self)
  local mark = "#" .. self.result.rounds
  return relay_actions.new { mark = mark, film = ("http://127.0.0.1:%d/hls/source/film.flv"):format(
    self._rtmp.http_port), source = function(name) return self._rtmp:url("source", name) end,
    call = function(...) return self._careful:call(...) end, look = function(...) return self._careful:look(...) end,
    destination = function()
      self._keys = self._keys + 1
      return self._rtmp:url("platform", ("sdk%d"):format(self._keys))
    end }
end

local function run_once(self)
  self.result.rounds = self.result.rounds + 1
  for _, name in ipairs { "manage", "relay", "cast" } do
    local suite = new_suite(self)
    suite[name](suite)
  end
end

-- What is left when all was deleted.
local function check_end(self)
  local page = self._careful:call("DescribeProjects", {})
  assert(page.TotalCount == 0, ("%d projects are left"):format(page.TotalCount))
  proc.eventually("the engines to end", END, function()
    local count = 0
    raise(self)
    for _, one in pairs(self._nodes.nodes) do count = count + #one:engines() end
    return count == 0
  end)
end

local function play(self)
  start(self)
  local timer, every = uv.new_timer(), math.floor(self._options.every * 1000)
  timer:start(every, every, function() kill(self) end)
  local ok, message = pcall(function()
    repeat run_once(self) until self._kills >= self._options.kills and not self._down
    check_end(self)
  end)
  timer:close()
  if not ok then error(message, 0) end
end

--- Runs all actions until so many nodes were killed.
---@param options { kills: integer, every: number, seed: integer } every: seconds
---@return spec.fleet.sdk.result|nil result of what there was
---@return string|nil message what did not hold
function sdk.run(options)
  math.randomseed(options.seed)
  local self = setmetatable({ _options = options, _kills = 0, _keys = 0,
    result = { rounds = 0, calls = 0, kills = { service = 0, node = 0 } } }, Sdk)
  self._careful = careful.new { now = now, ask = function(...) return ask(self, ...) end,
    wait = function(seconds) wait(self, seconds) end }
  self.result.careful = self._careful
  local ok, message = pcall(play, self)
  pcall(stop, self)
  return self.result, not ok and tostring(message) or nil
end

return sdk
