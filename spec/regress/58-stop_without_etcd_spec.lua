-- SPDX-License-Identifier: MIT
-- A Stop that etcd could not take was undone within half a second: the node saw a project that it ran and that was
-- Working, and started its engine again.

local api = require "spec.support.api"
local fleet = require "spec.support.programs.fleet"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local stage = require "spec.support.programs.fleet_stage"

local LIMIT = 60 -- seconds
local LOOKS = 5 -- seconds: ten looks of a node at its projects

describe("a Stop while etcd does not answer", function()
  local on, node

  setup(function()
    on = setmetatable({ rtmp = nginx.start { apps = { "source", "platform" } }, _count = 0 }, stage.class)
    on._source = media.replay(on.rtmp:url("source", "main"), media.file(proc.folder() .. "/main.flv", 20, media.MAIN))
    on.rtmp:expect_publish("source", 1)
    on.nodes = fleet.start()
    node = on.nodes:add("a", { "--on-quorum-loss", "keep" })
  end)
  teardown(function()
    on:stop()
    assert.are.same({}, proc.cleanup())
  end)

  local function describe_project(id) return api.call(node, "DescribeProjects", { ProjectIds = { id } }) end

  local function until_older(id, seconds)
    proc.eventually("an older state", LIMIT, function()
      return (describe_project(id).StateAge or 0) > seconds
    end)
  end

  it("ends the broadcast, and is stored when etcd is back", function()
    local id, key = on:create(node)
    assert.is_nil(stage.handle(node, id, "Start").Error)
    on:until_published(key, 1)
    on.nodes.etcd:kill_member(1)
    until_older(id, 1)
    assert.are.equal("FailedOperation", stage.handle(node, id, "Stop").Error.Code)
    until_older(id, describe_project(id).StateAge + LOOKS)
    assert.are.same({}, node:engines())
    on.nodes.etcd:start_member(1)
    on.nodes.etcd:expect_serving(1)
    proc.eventually("the stop to be stored", LIMIT, function() return stage.status(node, id) == "Idle" end)
    assert.are.equal(1, #on:publishes(key))
  end)
end)
