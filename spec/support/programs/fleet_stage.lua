-- SPDX-License-Identifier: MIT
-- What specs of a fleet on the air share: nodes, two unless more are named, a platform that takes one publish of a key
-- at a time, a source.

local api = require "spec.support.api"
local assert = require "luassert"
local fleet = require "spec.support.programs.fleet"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"

local LIMIT = 40 -- seconds

---@class spec.fleet_stage
---@field rtmp spec.nginx with the applications source and platform
---@field nodes spec.fleet with the nodes a and b, or those that were named
---@field private _source spec.proc
---@field private _count integer of projects
local Stage = {}
Stage.__index = Stage

local stage = { class = Stage }

--- Starts it all.
---@param names string[]|nil of the nodes
---@return spec.fleet_stage
function stage.start(names)
  local self = setmetatable({ rtmp = nginx.start { apps = { "source", "platform" } }, _count = 0 }, Stage)
  local path = media.file(proc.folder() .. "/main.flv", 20, media.MAIN)
  self._source = media.replay(self.rtmp:url("source", "main"), path)
  self.rtmp:expect_publish("source", 1)
  self.nodes = fleet.start()
  for _, name in ipairs(names or { "a", "b" }) do self.nodes:add(name) end
  return self
end

function Stage:stop()
  self.nodes:stop()
  self._source:stop()
  self.rtmp:stop()
end

--- A project with one destination; its id and the stream key.
---@param node spec.service
---@return string id
---@return string key
function Stage:create(node)
  self._count = self._count + 1
  local key = ("show%dsekret"):format(self._count)
  local made = api.call(node, "CreateProject", { Name = key, Category = "STREAM_CONNECT",
    Owner = { Type = "PERSON", Id = "u" }, StreamConnectProjectInput = {
      MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = self.rtmp:url("source", "main") } },
      Outputs = { { Id = "out", Name = "o", Type = "URL", PushUrl = self.rtmp:url("platform", key) } } } })
  return assert(made.ProjectId), key
end

--- An operation of HandleStreamConnectProject; its answer.
function stage.handle(node, id, operation, more)
  local params = { ProjectId = id, Operation = operation }
  for name, value in pairs(more or {}) do params[name] = value end
  return api.call(node, "HandleStreamConnectProject", params)
end

function stage.status(node, id)
  return api.call(node, "DescribeProjects", { ProjectIds = { id } }).ProjectInfoSet[1].StreamConnectProjectInfo.Status
end

--- The publishes of a stream key, the oldest first.
function Stage:publishes(key)
  return self.rtmp:publishes("platform", key)
end

function Stage:until_published(key, times)
  proc.eventually(("publish %d of %s"):format(times, key), LIMIT, function() return #self:publishes(key) >= times end)
end

--- The node that has a project's engine, the other one, and the name of the first. The engine of a Start that was
--- answered is there.
function Stage:of(id)
  local nodes = self.nodes.nodes
  for name, one in pairs(nodes) do
    if proc.matching(one.state .. "/relays/" .. id)[1] then return one, nodes[name == "a" and "b" or "a"], name end
  end
end

--- A project that is on the air.
---@return string id
---@return string key
function Stage:on_air()
  local id, key = self:create(self.nodes.nodes.a)
  assert.is_nil(stage.handle(self.nodes.nodes.b, id, "Start").Error)
  self:until_published(key, 1)
  return id, key
end

function stage.engines_gone(node)
  proc.eventually("the engines to be ended", LIMIT, function() return #node:engines() == 0 end)
end

return stage
