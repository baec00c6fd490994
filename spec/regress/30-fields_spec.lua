-- SPDX-License-Identifier: MIT
-- Fields as the cloud documents and does them, where the service did something else.

require "spec.support.paths"
local events = require "cme.server.events"
local front = require "spec.support.fakes.front"
local front_stage = require "spec.support.fakes.front_stage"
local json = require "cme.json"
local schema = require "cme.schema"
local text = require "cme.text.strings"
local time = require "cme.time"

describe("cme serve, field by field:", function()
  local service = front_stage.new(before_each, after_each)

  local function name_of_copy(name)
    local id = service:create { Name = name }
    return service:describe(assert(service:call("CopyProject", { ProjectId = id }).ProjectId)).Name
  end

  it("a copy without a name has the first's, marked, within 30 characters", function()
    assert.equal("gala(副本)", name_of_copy "gala")
    assert.equal(("直"):rep(26) .. "(副本)", name_of_copy(("直"):rep(26)))
    local longest = name_of_copy(("直"):rep(30))
    assert.equal(("直"):rep(26) .. "(副本)", longest)
    assert.equal(30, text.utf8_len(longest))
  end)

  it("FollowSourceInfo ignores VideoSetting", function()
    local wrong = { VideoSetting = { Width = 100000, Height = 0 } }
    local id = service:create_cast { OutputMediaSetting = { VideoSetting = { Width = 640, Height = 360 } } }
    assert.equal("InvalidParameterValue", service:cast(id, "ModifyOutputMediaSetting",
      { OutputMediaSetting = wrong }).Error.Code)
    wrong.FollowSourceInfo = true
    assert.is_nil(service:cast(id, "ModifyOutputMediaSetting", { OutputMediaSetting = wrong }).Error)
  end)

  it("a project of a category needs the category's input", function()
    local inputs = { STREAM_CONNECT = "StreamConnectProjectInput", MEDIA_CAST = "MediaCastProjectInput" }
    for category, member in pairs(inputs) do
      local params = front.create_params { Category = category, StreamConnectProjectInput = json.null }
      local refusal = service:call("CreateProject", params).Error
      assert.equal("MissingParameter", refusal.Code)
      assert.matches(member, refusal.Message)
      params[member] = {}
      assert.is_nil(service:call("CreateProject", params).Error)
    end
  end)

  it("white space around InputEndpoint does not count", function()
    local id = service:create()
    assert.is_nil(service:handle(id, "DeleteInput", { InputEndpoint = "Backup\n" }).Error)
    assert.is_nil(service:handle(id, "DeleteInput", { InputEndpoint = " Main " }).Error)
    assert.equal("MissingParameter", service:handle(id, "DeleteInput", { InputEndpoint = " " }).Error.Code)
  end)

  it("SourceInfo in events has all members", function()
    local record = { id = "p", category = "MEDIA_CAST", status = "Working",
      input = { SourceInfos = { { Id = "s1", Type = "EXTERNAL", Url = "https://h/a.mp4" } } } }
    local body = events.interrupted(record, "input", "s1", "source.ended")
    local info = body.ProjectMediaCastStatusChangedEvent.SourceInterruptInfo.SourceInfo
    for _, field in ipairs(schema.objects.MediaCastSourceInfo) do assert.is_not_nil(info[field.name], field.name) end
  end)

  it("LastStopTime stays while the next run works", function()
    local id = service:create()
    service:handle(id, "Start")
    service:handle(id, "Stop")
    local stopped = service:describe(id).StreamConnectProjectInfo.LastStopTime
    assert.matches("^2025%-", stopped)
    service.clock = service.clock + 60
    assert.is_nil(service:handle(id, "Start").Error)
    local info = service:describe(id).StreamConnectProjectInfo
    assert.same({ "Working", stopped }, { info.Status, info.LastStopTime })
  end)

  it("a Description has 4 KiB, is copied, and is not read with every row", function()
    local longest = ("d"):rep(4096)
    local refusal = service:call("CreateProject", front.create_params { Description = longest .. "d" }).Error
    assert.equal("InvalidParameterValue", refusal.Code)
    local id = service:create { Description = longest }
    local copy = service:call("CopyProject", { ProjectId = id }).ProjectId
    assert.equal(longest, service.db:description(copy))
    assert.is_nil(service.db:get(id).description)
  end)

  it("times have milliseconds whether or not there are some", function()
    local id = service:create()
    service:handle(id, "Start")
    local info = service:describe(id)
    for _, shown in ipairs { info.CreateTime, info.UpdateTime, info.StreamConnectProjectInfo.CurrentStartTime } do
      assert.matches("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.000Z$", shown)
    end
    assert.equal("1970-01-01T00:00:01.250Z", time.stamp(1.25))
  end)
end)
