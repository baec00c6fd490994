-- SPDX-License-Identifier: MIT
-- The category MEDIA_CAST through the API: every operation, its states, limits and codes. Processes are tables.

local auto_start = require "cme.server.categories.media_cast.auto_start"
local codes = require "cme.codes"
local front = require "spec.support.fakes.front"
local front_stage = require "spec.support.fakes.front_stage"
local json = require "cme.json"
local media_cast = require "cme.server.categories.media_cast"
local time = require "cme.time"

local code_of = front.code_of
local UNSET = "0001-01-01T00:00:00Z"

local function external(name)
  return { Type = "EXTERNAL", Url = "http://a.example/" .. (name or "x.mp4") }
end

local function push(name)
  return { Name = name or "o", PushUrl = "rtmp://c.example/live/hush-" .. (name or "o") }
end

local function repeated(entry, count)
  local list = {}
  for i = 1, count do list[i] = entry end
  return list
end

describe("cme.server.categories.media_cast", function()
  local service, id = front_stage.new(before_each, after_each), nil

  before_each(function()
    function service.library.find(_, name)
      return name == "film" and "/media/film.mp4" or nil, name ~= "film" and "the media library has no file" or nil
    end
    id = service:create_cast { SourceInfos = { external "a.mp4", external "b.mp4" }, DestinationInfos = { push "one" } }
  end)

  local function info()
    return service:describe(id).MediaCastProjectInfo
  end

  local function cast(operation, more)
    return service:cast(id, operation, more)
  end

  local function started()
    assert.is_nil(code_of(cast "Start"))
    service.playouts.answer = { source_id = info().SourceInfos[1].Id, position = 1.5, duration = 10, rounds = 2 }
  end

  local function confirmed()
    started()
    assert.is_nil(code_of(cast "Confirm"))
  end

  it("says in both languages what is wrong with the folder of its library", function()
    local made, message, detail = media_cast.open { media = "/nonexistent", folder = "/nonexistent" }
    assert.are.same({ nil, "server.media_folder", message }, { made, detail.code, codes.say(detail) })
    assert.are_not.equal(message, codes.say(detail, "zh"))
  end)

  describe("CreateProject", function()
    it("completes what it is given, with the API's defaults", function()
      local described = info()
      assert.are.same({ "Idle", "", "", 0 },
        { described.Status, described.StartTime, described.StopTime, described.Duration })
      assert.are.same({ FollowSourceInfo = false, VideoSetting = { Width = 1280, Height = 720, Bitrate = 2500,
        FrameRate = 25 } }, described.OutputMediaSetting)
      assert.are.same({ LoopCount = 1, EndTime = UNSET, AutoStartTime = UNSET }, described.PlaySetting)
      local source = described.SourceInfos[2]
      assert.matches("^%x+$", source.Id)
      source.Id = nil
      assert.are.same({ Type = "EXTERNAL", Url = "http://a.example/b.mp4", FileId = "", MaterialId = "", Offset = 0,
        Duration = 0 }, source)
      assert.are.equal("one", described.DestinationInfos[1].Name)
    end)

    it("takes an empty project", function()
      id = service:create_cast {}
      assert.are.same({ 0, 0 }, { #info().SourceInfos, #info().DestinationInfos })
    end)

    local sources_invalid = "InvalidParameterValue.MediaCastSourceInfosInvalid"
    for i, case in ipairs {
      { "LimitExceeded", { SourceInfos = repeated(external(), 101) } },
      { "LimitExceeded", { DestinationInfos = repeated(push(), 11) } },
      { sources_invalid, { SourceInfos = { { Type = "FILE", Url = "http://h/a" } } } },
      { sources_invalid, { SourceInfos = { { Type = "EXTERNAL" } } } },
      { sources_invalid, { SourceInfos = { { Type = "EXTERNAL", Url = "file:///etc/passwd" } } } },
      { sources_invalid, { SourceInfos = { { Type = "EXTERNAL", Url = "unix:/run/x.sock" } } } },
      { sources_invalid, { SourceInfos = { { Type = "EXTERNAL", Url = "http://h/a.mp4", Offset = 1 } } } },
      { sources_invalid, { SourceInfos = { { Type = "VOD", FileId = "none" } } } },
      { sources_invalid, { SourceInfos = { { Type = "CME", MaterialId = "film", Duration = -1 } } } },
      { sources_invalid, { SourceInfos = { { Type = "CME", FileId = "film" } } } },
      { "InvalidParameterValue", { DestinationInfos = { { Name = "x" } } } },
      { "InvalidParameterValue", { DestinationInfos = { { PushUrl = "http://h/a" } } } },
      { "InvalidParameterValue", { OutputMediaSetting = { VideoSetting = { Width = 1921, Height = 720 } } } },
      { "InvalidParameterValue", { OutputMediaSetting = { VideoSetting = { Width = 640, Height = 0 } } } },
      { "InvalidParameterValue",
        { OutputMediaSetting = { VideoSetting = { Width = 640, Height = 360, Bitrate = 10001 } } } },
      { "InvalidParameterValue",
        { OutputMediaSetting = { VideoSetting = { Width = 640, Height = 360, FrameRate = 61 } } } },
      { "InvalidParameterValue.EndTime", { PlaySetting = { EndTime = "tomorrow" } } },
      { "InvalidParameterValue.EndTime", { PlaySetting = { EndTime = "2020-01-01T00:00:00Z" } } },
      { "InvalidParameterValue", { PlaySetting = { AutoStartTime = "2020-01-01T00:00:00Z" } } },
      { "InvalidParameterValue", { PlaySetting = { LoopCount = -2 } } },
    } do
      it(("answers %s to case %d"):format(case[1], i), function()
        local response = service:call("CreateProject", { Name = "n", Category = "MEDIA_CAST",
          Owner = { Type = "PERSON", Id = "u" }, MediaCastProjectInput = case[2] })
        assert.are.equal(case[1], code_of(response))
      end)
    end

    it("copies a project with ids of its own", function()
      local copy = service:call("CopyProject", { ProjectId = id }).ProjectId
      local before = info()
      id = copy
      assert.are.equal(before.SourceInfos[1].Url, info().SourceInfos[1].Url)
      assert.are_not.equal(before.SourceInfos[1].Id, info().SourceInfos[1].Id)
    end)
  end)

  describe("Start and Confirm", function()
    it("bring up playout and engine, and end after 30 s unless confirmed", function()
      started()
      assert.are.same({ { id }, { id } }, { service.playouts.started, service.relays.started })
      assert.are.equal(service.clock + 30, service.db:get(id).stop_at)
      assert.are.same({ "Working", time.stamp(service.clock), "", 0 },
        { info().Status, info().StartTime, info().StopTime, info().Duration })
      assert.is_nil(code_of(cast "Confirm"))
      assert.is_nil(service.relays.told.stop_at)
      assert.is_nil(code_of(cast "Confirm"))
    end)

    it("end at EndTime once confirmed", function()
      local at = service.clock + 3600
      assert.is_nil(code_of(cast("ModifyPlaySetting", { PlaySetting = { EndTime = time.format(at) } })))
      started()
      assert.are.equal(service.clock + 30, service.db:get(id).stop_at)
      cast "Confirm"
      assert.are.equal(at, service.db:get(id).stop_at)
      assert.are.same({ 0, time.stamp(at) }, { info().PlaySetting.LoopCount, info().PlaySetting.EndTime })
    end)

    it("say what is missing", function()
      id = service:create_cast {}
      assert.are.equal("InvalidParameterValue.MediaCastSourceInfosInvalid", code_of(cast "Start"))
      id = service:create_cast { SourceInfos = { external() },
        PlaySetting = { EndTime = time.format(service.clock + 10) } }
      service.clock = service.clock + 11
      assert.are.equal("InvalidParameterValue.EndTime", code_of(cast "Start"))
    end)

    it("leave an Idle project when a process does not start", function()
      service.relays.failure = "no engine"
      local response = cast "Start"
      assert.are.equal("FailedOperation", code_of(response))
      assert.matches("no engine", response.Error.Message)
      assert.are.equal("Idle", info().Status)
      assert.are.same({ id, id }, { service.relays.stopped[1], service.playouts.stopped[1] })
    end)

    it("end with their own processes, though the next one begins while they end", function()
      confirmed()
      function service.relays.on_stop()
        service.relays.on_stop = nil
        assert.are.same({ 1, 1 }, { #service.relays.stopped, #service.playouts.stopped })
        assert.is_nil(code_of(cast "Start"))
      end
      assert.is_nil(code_of(cast "Stop"))
      assert.are.same({ 1, 1, "Working" }, { #service.relays.stopped, #service.playouts.stopped, info().Status })
    end)

    it("keep both processes when one does not start and the database fails then", function()
      service.playouts.failure = "no ffmpeg"
      local apply = service.db.apply
      service.db.apply = function(self, project, operation, change)
        if operation == "failed" then return nil, "disk full" end
        return apply(self, project, operation, change)
      end
      assert.matches("stays Working", cast "Start".Error.Message)
      assert.are.same({ id, {}, {} }, { service.relays.kept, service.relays.stopped, service.playouts.stopped })
    end)

    it("give duration and stop time of the last run", function()
      confirmed()
      service.clock = service.clock + 90
      assert.is_nil(code_of(cast "Stop"))
      assert.are.same({ "Idle", 90, time.stamp(service.clock) }, { info().Status, info().Duration, info().StopTime })
    end)
  end)

  it("refuses operations that do not fit the state", function()
    local wrong = "InvalidParameterValue.OperationInvalid"
    local destination = { DestinationInfos = { { Id = info().DestinationInfos[1].Id } } }
    for _, operation in ipairs { "Confirm", "Stop" } do assert.are.equal(wrong, code_of(cast(operation))) end
    assert.are.equal(wrong, code_of(cast("SwitchSource", { SourceInfos = { { Id = info().SourceInfos[1].Id } } })))
    assert.are.equal(wrong, code_of(cast("EnableDestination", destination)))
    assert.are.equal(wrong, code_of(cast("DisableDestination", destination)))
    assert.are.equal(wrong, code_of(cast "NoSuchThing"))
    confirmed()
    assert.are.equal(wrong, code_of(cast "Start"))
    assert.are.equal(wrong, code_of(cast("ModifyOutputMediaSetting",
      { OutputMediaSetting = { VideoSetting = { Width = 640, Height = 360 } } })))
    assert.are.equal(wrong, code_of(cast("ModifyPlaySetting",
      { PlaySetting = { AutoStartTime = time.format(service.clock + 60) } })))
    assert.are.equal("FailedOperation", code_of(service:call("DeleteProject", { ProjectId = id })))
  end)

  it("is no stream-connect project, and the other way round", function()
    assert.are.equal("InvalidParameterValue.Category", code_of(service:handle(id, "Start")))
    id = service:create()
    assert.are.equal("InvalidParameterValue.Category", code_of(cast "Start"))
  end)

  describe("sources", function()
    it("are added at a place, up to a hundred", function()
      local response = cast("AddSource", { SourceInfos = { external "c.mp4", { Type = "VOD", FileId = "film",
        Offset = 2.5 } }, Position = 1 })
      assert.are.same({ 2, "film", 0 }, { #response.SourceInfoSet, response.SourceInfoSet[2].FileId,
        #response.DestinationInfoSet })
      assert.are.equal(response.SourceInfoSet[1].Id, info().SourceInfos[2].Id)
      cast("AddSource", { SourceInfos = { external "last.mp4" } })
      assert.matches("last.mp4", info().SourceInfos[5].Url)
      assert.are.equal("LimitExceeded", code_of(cast("AddSource", { SourceInfos = repeated(external(), 96) })))
      assert.are.equal("InvalidParameterValue", code_of(cast("AddSource",
        { SourceInfos = { external() }, Position = 6 })))
      assert.are.equal("MissingParameter", code_of(cast "AddSource"))
    end)

    it("are deleted, but for the one that plays", function()
      local ids = { info().SourceInfos[1].Id, info().SourceInfos[2].Id }
      confirmed()
      assert.are.equal("InvalidParameterValue.OperationInvalid",
        code_of(cast("DeleteSource", { SourceInfos = { { Id = ids[1] } } })))
      assert.is_nil(code_of(cast("DeleteSource", { SourceInfos = { { Id = ids[2] } } })))
      assert.are.equal(1, #info().SourceInfos)
      assert.are.equal(1, #service.playouts.told.input.SourceInfos)
      assert.are.equal("InvalidParameterValue.MediaCastSourceInfosInvalid",
        code_of(cast("DeleteSource", { SourceInfos = { { Id = "none" } } })))
      service.playouts.answer = nil
      assert.are.equal("FailedOperation", code_of(cast("DeleteSource", { SourceInfos = { { Id = ids[1] } } })))
    end)

    it("are switched to", function()
      local wanted = info().SourceInfos[2].Id
      confirmed()
      assert.is_nil(code_of(cast("SwitchSource", { SourceInfos = { { Id = wanted } } })))
      assert.are.same({ op = "switch", to = wanted }, service.playouts.asked)
      assert.are.equal("InvalidParameterValue.MediaCastSourceInfosInvalid",
        code_of(cast("SwitchSource", { SourceInfos = { { Id = "none" } } })))
      assert.are.equal("MissingParameter", code_of(cast "SwitchSource"))
      service.playouts.failure = "nothing came within 20 s"
      assert.are.equal("FailedOperation", code_of(cast("SwitchSource", { SourceInfos = { { Id = wanted } } })))
    end)
  end)

  describe("destinations", function()
    local function outputs()
      local list = {}
      local record = service.db:get(id)
      for i, one in ipairs(record.input.DestinationInfos) do list[i] = one.PushUrl end
      return list
    end

    it("are added, changed and deleted", function()
      local response = cast("AddDestination", { DestinationInfos = { push "two" } })
      local added = response.DestinationInfoSet[1].Id
      assert.are.equal(2, #outputs())
      assert.is_nil(code_of(cast("ModifyDestination",
        { DestinationInfos = { { Id = added, PushUrl = "srt://d.example:9000" } } })))
      assert.are.same({ "two", "srt://d.example:9000" },
        { info().DestinationInfos[2].Name, info().DestinationInfos[2].PushUrl })
      assert.is_nil(code_of(cast("DeleteDestination", { DestinationInfos = { { Id = added } } })))
      assert.are.equal(1, #outputs())
      assert.are.equal("InvalidParameterValue", code_of(cast("DeleteDestination",
        { DestinationInfos = { { Id = added } } })))
      assert.are.equal("MissingParameter", code_of(cast("ModifyDestination", { DestinationInfos = { {} } })))
      for _, operation in ipairs { "AddDestination", "ModifyDestination", "DeleteDestination" } do
        for _, none in ipairs { {}, { DestinationInfos = json.array {} } } do
          assert.are.equal("MissingParameter", code_of(cast(operation, none)))
        end
        assert.are.equal("InvalidParameterValue", code_of(cast(operation,
          { DestinationInfos = { push "x", push "y" } })))
      end
      for i = 2, 10 do assert.is_nil(code_of(cast("AddDestination", { DestinationInfos = { push("n" .. i) } }))) end
      assert.are.equal("LimitExceeded", code_of(cast("AddDestination", { DestinationInfos = { push "more" } })))
    end)

    it("are taken off the air and put back, and all are on at the next start", function()
      local one = info().DestinationInfos[1].Id
      local named = { DestinationInfos = { { Id = one } } }
      confirmed()
      assert.is_nil(code_of(cast("DisableDestination", named)))
      assert.are.equal("Stopped", cast("DescribePlayInfo").PlayInfo.DestinationStatusSet[1].Status)
      assert.is_nil(code_of(cast("EnableDestination", named)))
      service.relays.answer = { outputs = { { id = one, state = "live" } } }
      assert.are.equal("Working", cast("DescribePlayInfo").PlayInfo.DestinationStatusSet[1].Status)
      cast("DisableDestination", named)
      cast "Stop"
      confirmed()
      assert.are.equal("Working", cast("DescribePlayInfo").PlayInfo.DestinationStatusSet[1].Status)
    end)
  end)

  it("tells what plays and how each destination does", function()
    local idle = cast("DescribePlayInfo").PlayInfo
    assert.are.same({ "Idle", "", 0, 0, "Stopped" }, { idle.Status, idle.CurrentSourceId, idle.CurrentSourcePosition,
      idle.LoopCount, idle.DestinationStatusSet[1].Status })
    confirmed()
    local one = info().DestinationInfos[1].Id
    service.relays.answer = { outputs = { { id = one, state = "backoff", error = { code = "network.connect" } } } }
    local play = cast("DescribePlayInfo").PlayInfo
    assert.are.same({ "Working", service.playouts.answer.source_id, 1.5, 10, 2, "Failed" }, { play.Status,
      play.CurrentSourceId, play.CurrentSourcePosition, play.CurrentSourceDuration, play.LoopCount,
      play.DestinationStatusSet[1].Status })
  end)

  describe("play settings", function()
    it("keep what is given last of LoopCount and EndTime", function()
      local at = time.stamp(service.clock + 60)
      for _, case in ipairs {
        { { LoopCount = 3 }, 3, UNSET }, { { EndTime = at }, 0, at }, { { LoopCount = 2, EndTime = at }, 2, at },
        { { LoopCount = -1, EndTime = at }, -1, at }, { { EndTime = UNSET, AutoStartTime = "" }, -1, at },
      } do
        assert.is_nil(code_of(cast("ModifyPlaySetting", { PlaySetting = case[1] })))
        assert.are.same({ case[2], case[3] }, { info().PlaySetting.LoopCount, info().PlaySetting.EndTime })
      end
      assert.are.equal("MissingParameter", code_of(cast "ModifyPlaySetting"))
    end)

    it("end a running project at the new EndTime, unless LoopCount comes with it", function()
      confirmed()
      local at = service.clock + 60
      cast("ModifyPlaySetting", { PlaySetting = { EndTime = time.format(at) } })
      assert.are.equal(at, service.relays.told.stop_at)
      cast("ModifyPlaySetting", { PlaySetting = { EndTime = time.format(at), LoopCount = 5 } })
      assert.is_nil(service.relays.told.stop_at)
    end)

    it("do not outlast the time for Confirm", function()
      started()
      cast("ModifyPlaySetting", { PlaySetting = { EndTime = time.format(service.clock + 600) } })
      assert.are.equal(service.clock + 30, service.db:get(id).stop_at)
    end)
  end)

  describe("AutoStartTime", function()
    it("starts a project at its time, without Confirm, once", function()
      local at = service.clock + 60
      cast("ModifyPlaySetting", { PlaySetting = { AutoStartTime = time.format(at) } })
      service.auto_start:_look()
      assert.are.equal("Idle", info().Status)
      service.clock = at
      service.auto_start:_look()
      assert.are.equal("Working", info().Status)
      assert.is_nil(service.db:get(id).stop_at)
      service.clock = at + 10
      assert.is_nil(code_of(cast "Stop"))
      service.auto_start:_look()
      assert.are.equal("Idle", info().Status)
    end)

    it("is made good within ten minutes after the service was down", function()
      assert.are.equal("wait", auto_start.verdict(100, 99))
      assert.are.equal("start", auto_start.verdict(100, 700))
      assert.are.equal("late", auto_start.verdict(100, 701))
    end)

    it("is nothing to a project that has been started since", function()
      cast("ModifyPlaySetting", { PlaySetting = { AutoStartTime = time.format(service.clock + 60) } })
      service.clock = service.clock + 61
      confirmed()
      service.clock = service.clock + 1
      cast "Stop"
      service.auto_start:watch(service.db:get(id))
      service.auto_start:_look()
      assert.are.equal("Idle", info().Status)
    end)
  end)
end)
