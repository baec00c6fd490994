-- SPDX-License-Identifier: MIT
-- A page without a webhook had no events to show, since the service kept its history to itself.

local front = require "spec.support.fakes.front"
local front_stage = require "spec.support.fakes.front_stage"

describe("DescribeProjectHistory", function()
  local service = front_stage.new(before_each, after_each)

  local function history(id, more)
    local params = { Platform = "test", ProjectId = id }
    for name, value in pairs(more or {}) do params[name] = value end
    return service:call("DescribeProjectHistory", params)
  end

  local function operations(response)
    local list = {}
    for i, change in ipairs(response.Changes) do list[i] = change.Operation .. " " .. change.Status end
    return list
  end

  it("tells what was done to a project, the newest first", function()
    local id = service:create()
    service:handle(id, "Start")
    service:handle(id, "Stop")
    local response = history(id)
    assert.are.same({ "Stop Idle", "Start Working", "Create Idle" }, operations(response))
    assert.matches("^%d+%-%d+%-%d+T[%d:.]+Z$", response.Changes[1].Time)
    assert.matches("^request ", response.Changes[1].Reason)
    assert.are.same({ "Stop Idle" }, operations(history(id, { Limit = 1 })))
  end)

  it("tells it to the owner and the administrator", function()
    local id = service:create()
    assert.are.equal("OperationDenied.PermissionDeny", front.code_of(history(id, { Operator = "stranger" })))
    assert.are.equal("InvalidParameterValue.ProjectId", front.code_of(history "cmepid_0"))
  end)

  it("refuses a limit that cannot be", function()
    local id = service:create()
    for _, limit in ipairs { 0, -1, 201 } do
      assert.are.equal("InvalidParameterValue.Limit", front.code_of(history(id, { Limit = limit })))
    end
  end)

  it("keeps stream keys to itself", function()
    local response = require "cme.server.project_history".response("p", { { at = 1, operation = "failed",
      status = "Idle", reason = "push 'rtmp://h/live/sekret?x=sekret': refused" } })
    assert.are.equal("Failed", response.Changes[1].Operation)
    assert.not_matches("sekret", response.Changes[1].Reason)
  end)
end)
