-- SPDX-License-Identifier: MIT
-- What becomes of broadcasts while etcd does not answer: off the air when the lease is over, or on it all the same.

local api = require "spec.support.api"
local fleet = require "spec.support.programs.fleet"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local stage = require "spec.support.programs.fleet_stage"

local LIMIT = 60 -- seconds
local LEASE = 5 -- seconds, of which the sixth part is a margin

describe("a node of a fleet without etcd", function()
  local on

  setup(function()
    on = setmetatable({ rtmp = nginx.start { apps = { "source", "platform" } }, _count = 0 }, stage.class)
    on._source = media.replay(on.rtmp:url("source", "main"), media.file(proc.folder() .. "/main.flv", 20, media.MAIN))
    on.rtmp:expect_publish("source", 1)
  end)
  teardown(function()
    on._source:stop()
    on.rtmp:stop()
    assert.are.same({}, proc.cleanup())
  end)

  local function state_age(node, id)
    local told = api.call(node, "DescribeProjects", { ProjectIds = { id } })
    return not told.Error and told.StateAge or nil
  end

  local function says(node, words)
    proc.eventually("the log to say: " .. words, LIMIT, function()
      return table.concat(node:said()):find(words, 1, true)
    end)
  end

  -- On the air, then without etcd for longer than the lease; the node, the project and its stream key.
  local function lose_etcd(args)
    on.nodes = fleet.start()
    local node = on.nodes:add("a", args, LEASE .. "s")
    local id, key = on:create(node)
    assert.is_nil(stage.handle(node, id, "Start").Error)
    on:until_published(key, 1)
    on.nodes.etcd:kill_member(1)
    proc.eventually("the state to be older than the lease", LIMIT, function()
      return (state_age(node, id) or 0) > LEASE + 1
    end)
    says(node, "etcd does not answer")
    return node, id, key
  end

  local function restore_etcd(node, id)
    on.nodes.etcd:start_member(1)
    on.nodes.etcd:expect_serving(1)
    proc.eventually("etcd to answer the node", LIMIT, function()
      local told = api.call(node, "DescribeProjects", { ProjectIds = { id } })
      return not told.Error and not told.StateAge
    end)
    says(node, "etcd answers again")
  end

  local function finish(node, id)
    proc.eventually("a stop", LIMIT, function() return stage.handle(node, id, "Stop").Error == nil end)
    on.nodes:stop()
  end

  it("goes on where it is told to keep what runs", function()
    local node, id, key = lose_etcd { "--on-quorum-loss", "keep" }
    local refused = api.call(node, "ModifyProject", { ProjectId = id, Name = "other" }).Error
    assert.are.equal("InternalError", refused.Code)
    assert.matches("etcd", refused.Message, 1, true)
    assert.is_nil(on:publishes(key)[1].ended)
    restore_etcd(node, id)
    assert.are.equal(1, #on:publishes(key))
    assert.is_nil(on:publishes(key)[1].ended)
    finish(node, id)
  end)

  it("is off the air when the lease is over, and back when etcd is", function()
    local node, id, key = lose_etcd {}
    assert.is_true(on:publishes(key)[1].ended ~= nil)
    restore_etcd(node, id)
    on:until_published(key, 2)
    finish(node, id)
  end)
end)
