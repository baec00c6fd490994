-- SPDX-License-Identifier: MIT
-- Two nodes that share an etcd: what one runs goes on at the other when it is lost, and is published once at a time.

local fleet = require "spec.support.programs.fleet"
local proc = require "spec.support.proc"
local stage = require "spec.support.programs.fleet_stage"

describe("a fleet of two nodes", function()
  local on

  setup(function() on = stage.start() end)
  teardown(function()
    on:stop()
    assert.are.same({}, proc.cleanup())
  end)

  it("goes on at the other when a node is lost with its engines", function()
    local id, key = on:on_air()
    local lost, other, name = on:of(id)
    on.nodes:lose(name)
    on:until_published(key, 2)
    assert.are.same({ "Working", 1 }, { stage.status(other, id), #other:engines() })
    lost:up()
    assert.are.same({ 0, 1 }, { #lost:engines(), #other:engines() })
    assert.is_nil(stage.handle(lost, id, "Stop").Error)
    assert.are.same({ "Idle", 0 }, { stage.status(other, id), #other:engines() })
    assert.are.equal(2, #on:publishes(key))
  end)

  it("is off the air, and stays off, where a node stands still for longer than its lease", function()
    local id, key = on:on_air()
    local still, other = on:of(id)
    still.proc:kill "sigstop" -- its engine lives on, and nobody renews its lease
    on:until_published(key, 2)
    assert.is_true(on:publishes(key)[1].ended ~= nil)
    still.proc:kill "sigcont"
    stage.engines_gone(still)
    assert.are.same({ "Working", "Working", 1 }, { stage.status(still, id), stage.status(other, id), #other:engines() })
    assert.is_nil(stage.handle(still, id, "Stop").Error)
    assert.are.equal(2, #on:publishes(key))
  end)

  it("keeps what it runs when its service is killed and is back within the lease", function()
    local patient = fleet.start()
    local node = patient:add("a", {}, "60s")
    local id, key = on:create(node)
    assert.is_nil(stage.handle(node, id, "Start").Error)
    on:until_published(key, 1)
    local engines = node:engines()
    node:crash()
    node:up()
    assert.are.same({ "Working", engines }, { stage.status(node, id), node:engines() })
    assert.is_nil(stage.handle(node, id, "Stop").Error)
    assert.are.equal(1, #on:publishes(key))
    patient:stop()
  end)
end)
