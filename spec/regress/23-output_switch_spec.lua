-- SPDX-License-Identifier: MIT
-- A destination of a stream connect could only be removed, and its URL with the stream key typed in again.

local front = require "spec.support.fakes.front"
local project = require "cme.server.categories.stream_connect.project"

describe("SwitchProjectOutput", function()
  local service, id

  before_each(function()
    service = front.new()
    id = service:create { StreamConnectProjectInput = front.create_params().StreamConnectProjectInput }
    service:handle(id, "AddOutput", { OutputInfo = { Id = "two", Name = "two", PushUrl = "rtmp://h/live/two" } })
  end)
  after_each(function() service:close() end)

  local function switch(output, to)
    return service:call("SwitchProjectOutput", { Platform = "test", ProjectId = id, OutputId = output, Switch = to })
  end

  local function shown()
    local list = {}
    for i, one in ipairs(service:describe(id).StreamConnectProjectInfo.OutputSet) do
      list[i] = one.StreamConnectOutput.Id == "two" and one.PushSwitch .. " " .. one.StreamConnectOutput.PushUrl or nil
    end
    return list[#service:describe(id).StreamConnectProjectInfo.OutputSet]
  end

  local function told()
    local found = {}
    for _, output in ipairs(assert(project.spec(service.db:get(id), nil, service.settings)).outputs) do
      found[output.id] = true
    end
    return found.two == true
  end

  it("takes one off the air and back, and keeps its URL", function()
    service:handle(id, "Start")
    assert.is_nil(switch("two", "Off").Error)
    assert.are.equal("Off rtmp://h/live/two", shown())
    assert.is_false(told())
    assert.is_nil(switch("two", "On").Error)
    assert.are.equal("On rtmp://h/live/two", shown())
    assert.is_true(told())
  end)

  it("stays off through a stop, a start and other changes", function()
    switch("two", "Off")
    service:handle(id, "Start")
    service:handle(id, "AddOutput", { OutputInfo = { Id = "three", Name = "three", PushUrl = "rtmp://h/live/three" } })
    service:handle(id, "ModifyOutput", { OutputInfo = { Id = "two", Name = "new" } })
    assert.is_false(told())
    service:handle(id, "DeleteOutput", { OutputInfo = { Id = "two" } })
    service:handle(id, "AddOutput", { OutputInfo = { Id = "two", Name = "two", PushUrl = "rtmp://h/live/two" } })
    assert.is_true(told())
  end)

  it("refuses what there is not", function()
    assert.are.equal("InvalidParameterValue.StreamConnectOutputInvalid", front.code_of(switch("nine", "Off")))
    assert.are.equal("InvalidParameterValue", front.code_of(switch("two", "Half")))
    id = service:create_cast {}
    assert.are.equal("InvalidParameterValue.Category", front.code_of(switch("two", "Off")))
  end)
end)
