-- SPDX-License-Identifier: MIT
-- A short run of `make fleet-sdk`: the official Node SDK, a fleet of three, a balancer, and nodes that are killed. The
-- seed is another one each time; it is printed, and CME_SEED repeats it.

local careful = require "spec.support.proofs.careful"
local paths = require "spec.support.paths"
local proc = require "spec.support.proc"
local sdk = require "spec.support.proofs.fleet.sdk"

local KILLS, EVERY = 2, 15

describe("the official Node SDK and a fleet", function()
  teardown(function() assert.are.same({}, proc.cleanup()) end)

  it("does everything once, whichever node is killed", function()
    if paths.build ~= "build" then return pending "the leases are too short for an instrumented build" end
    local seed = tonumber(os.getenv "CME_SEED") or os.time()
    print("# sdk seed " .. seed)
    local result, message = sdk.run { kills = KILLS, every = EVERY, seed = seed }
    assert(not message, message)
    assert.are.equal(KILLS, result.kills.service + result.kills.node)
  end)

  it("tries nothing again that was refused for good", function()
    assert.is_false(careful.may_repeat { code = "FailedOperation", message = "the project is Idle: Start it first" })
    assert.is_true(careful.may_repeat { code = "InternalError", message = "project 'x': gone: try again" })
    assert.is_true(careful.may_repeat { message = "socket hang up" })
    local asked = 0
    local one = careful.new { now = function() return 0 end, wait = function() end, ask = function(action)
      asked = asked + 1
      if action == "CreateProject" then return nil, { message = "socket hang up" } end
      return { TotalCount = 2, ProjectInfoSet = { { Name = "n" }, { Name = "n" } } }
    end }
    assert.error_matches(function() one:call("CreateProject", { Name = "n" }) end, "two projects of the name n")
    assert.are.equal(2, asked)
  end)
end)
