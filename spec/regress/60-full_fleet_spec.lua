-- SPDX-License-Identifier: MIT
-- A fleet whose nodes were all full started a project all the same, at the node that was asked.

local api = require "spec.support.api"
local fleet = require "spec.support.programs.fleet"
local proc = require "spec.support.proc"

local LIMIT = 60 -- seconds

describe("a full fleet", function()
  local nodes

  setup(function()
    nodes = fleet.start()
    for _, name in ipairs { "a", "b" } do nodes:add(name, { "--capacity", "1" }) end
  end)
  teardown(function()
    nodes:stop()
    assert.are.same({}, proc.cleanup())
  end)

  -- Starts a project whose source and platform are not there.
  local function start()
    local made = api.call(nodes.nodes.a, "CreateProject", { Name = "n", Category = "STREAM_CONNECT",
      Owner = { Type = "PERSON", Id = "u" }, StreamConnectProjectInput = {
        MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = "rtmp://127.0.0.1:9/live/x" } },
        Outputs = { { Id = "out", Name = "o", Type = "URL", PushUrl = "rtmp://127.0.0.1:9/live/y" } } } })
    local answer = api.call(nodes.nodes.a, "HandleStreamConnectProject", { ProjectId = made.ProjectId,
      Operation = "Start" })
    return answer, made.ProjectId
  end

  it("refuses a start, and takes it when there is room", function()
    local _, first = start()
    start()
    local refused, third = start()
    assert.are.equal("LimitExceeded", refused.Error.Code)
    assert.matches("--capacity", refused.Error.Message, 1, true)
    assert.are.same({ 1, 1 }, { #nodes.nodes.a:engines(), #nodes.nodes.b:engines() })
    local stopped = api.call(nodes.nodes.b, "HandleStreamConnectProject", { ProjectId = first, Operation = "Stop" })
    assert.is_nil(stopped.Error)
    proc.eventually("room", LIMIT, function()
      local answer = api.call(nodes.nodes.b, "HandleStreamConnectProject", { ProjectId = third, Operation = "Start" })
      return not answer.Error or answer.Error.Code ~= "LimitExceeded"
    end)
    assert.are.same({ 1, 1 }, { #nodes.nodes.a:engines(), #nodes.nodes.b:engines() })
  end)
end)
