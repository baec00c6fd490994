-- SPDX-License-Identifier: MIT
-- Two nodes keep the limit of a key together.

local cme = require "cme"
local fleet = require "spec.support.programs.fleet"
local proc = require "spec.support.proc"
local sign = require "cme.sign"

local LIMIT = 60
local PATIENT = 60 -- seconds
local ONE = { ProjectId = "none" }
-- Each is counted for itself, so an attempt in which this machine was slow is followed by one with another action.
local CALLS = { { "DescribeProjects", {} }, { "DescribePlatforms", {} }, { "DescribeProjectsHealth", {} },
  { "DescribeProjectHistory", ONE }, { "DescribeProjectHealth", ONE }, { "DescribeProjectPlayback", ONE },
  { "DeleteProject", ONE }, { "CopyProject", { ProjectId = "none", Name = "copy" } } }

describe("two nodes of a fleet", function()
  local nodes

  setup(function()
    nodes = fleet.start()
    for _, name in ipairs { "a", "b" } do nodes:add(name, { "--rate-limit", tostring(LIMIT) }) end
  end)
  teardown(function()
    nodes:stop()
    assert.are.same({}, proc.cleanup())
  end)

  -- How many of so many calls at once a node refuses for their number.
  local function refused_of(name, call)
    local options = nodes.nodes[name]:client_options()
    options.rate, options.retries = false, 0
    local client, count, list = cme.client(options), 0, {}
    for i = 1, LIMIT do list[i] = i end
    cme.run(function()
      cme.parallel(list, function()
        local _, _, detail = client:call(call[1], call[2])
        if detail and detail.code == "api.RequestLimitExceeded" then count = count + 1 end
        return true
      end, LIMIT)
    end)
    return count
  end

  -- Whether a node has told the other one of calls of an action.
  local function has_told(name, action)
    local key = sign.base64_encode("/cme/fleet/calls/" .. name)
    local _, out = proc.run { "curl", "-sS", "-d", ('{"key":"%s"}'):format(key), nodes.etcd.endpoints[1]
      .. "/v3/kv/range" }
    return (sign.base64_decode(out:match '"value":"([^"]*)"' or "") or ""):find(action .. '"', 1, true) ~= nil
  end

  it("leave all calls to the one that gets them", function()
    assert.are.equal(0, refused_of("a", CALLS[1]))
  end)

  -- The second node never gets more calls of an action than it would take alone, so it refuses for the other one's.
  it("refuse what both together get too many of", function()
    local refused = 0
    for _, call in ipairs(CALLS) do
      proc.eventually("a node to tell of its calls", PATIENT, function()
        refused_of("a", call)
        return has_told("a", call[1])
      end)
      refused = refused + refused_of("b", call)
      if refused > 0 then break end
    end
    assert.is_true(refused > 0)
  end)
end)
