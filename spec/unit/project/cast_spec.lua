-- SPDX-License-Identifier: MIT
-- Each of the category's operations against the model of the service, and what is done when its answer gets lost.

local json = require "cme.json"
local model = require "spec.support.fakes.model"
local subject = require "spec.support.fakes.subject"

local FILE = "https://h/1.mp4"

local created, working = subject.of {
  name = "n", owner = "o", category = "MEDIA_CAST", sources = { FILE, { file_id = "f1", offset = 5 } },
  outputs = { { name = "a", url = "rtmp://h/a/hush" } },
}
local refused, raised = subject.refused, subject.raised

local function count(list, name)
  local n = 0
  for _, one in ipairs(list) do n = n + (one == name and 1 or 0) end
  return n
end

describe("cme.project.cast", function()
  describe("start", function()
    it("creates, starts and confirms, and ends at stop_at", function()
      local service = model.new()
      local show = service:project { name = "n", owner = "o", category = "MEDIA_CAST", sources = { FILE },
        outputs = { "rtmp://h/a/hush" } }
      assert.is_true(show:start { stop_at = "2019-02-25T18:00:00Z" })
      assert.are.same({ "CreateProject", "Start", "ModifyPlaySetting", "Confirm" }, service.calls)
      assert.are.equal("2019-02-25T18:00:00Z", service:state(show.id).PlaySetting.EndTime)
      assert.are.equal("working", show:status())
    end)

    it("says so when Confirm came too late", function()
      local show, service, state = created()
      service.on_call = function(name)
        if name == "Confirm" then
          service.clock, state.Status = service.clock + 31, "Idle"
        end
      end
      local message, detail = refused("project.confirm_too_late", show:start())
      assert.truthy(message:find("project 'n': start: the service stopped it again: Confirm came too late, 31 s after "
        .. "Start, where it waits 30 s (start it again): ", 1, true), message)
      assert.is_true(detail.retryable)
      assert.are.equal("api.InvalidParameterValue.OperationInvalid", detail.cause.code)
      assert.are.equal("HandleMediaCastProject", detail.op)
    end)

    it("says that it runs unconfirmed when Confirm failed otherwise", function()
      local show, service = created()
      service.refuse.Confirm = "InternalError"
      local message, detail = refused("project.unconfirmed", show:start())
      assert.truthy(message:find("started, but not confirmed: the service stops it 30 s after Start", 1, true), message)
      assert.are.equal("api.InternalError", detail.cause.code)
      assert.are.equal(30, detail.values.limit)
    end)

    it("does not confirm what did not start", function()
      local show, service = working()
      refused("api.InvalidParameterValue.OperationInvalid", show:start())
      assert.are.same({ "Start" }, service.calls)
    end)

    it("refuses without sources or outputs, and a stop time that the service would not keep", function()
      for missing, code in pairs { sources = "no_input", outputs = "no_outputs" } do
        local service = model.new()
        local spec = { name = "n", owner = "o", category = "MEDIA_CAST", sources = { FILE },
          outputs = { "rtmp://h/a" } }
        spec[missing] = nil
        refused("invalid." .. code, service:project(spec):start())
        assert.are.same({}, service.calls)
      end
      local show = created { play = { loop_count = 3 } }
      local message = refused("invalid.play", show:start { stop_at = 1551113065 + 60 })
      assert.truthy(message:find("stop_at beside play.loop_count", 1, true), message)
    end)
  end)

  it("stop, switch_source and set_stop_at", function()
    local show, service, state = working()
    local second = state.SourceInfos[2].Id
    assert.is_true(show:switch_source(second))
    assert.are.equal(second, state.playing)
    assert.is_true(show:set_stop_at(1551113065 + 60))
    assert.are.equal("2019-02-25T16:45:25Z", state.PlaySetting.EndTime)
    assert.is_true(show:stop())
    assert.are.equal("Idle", state.Status)
    assert.are.same({ "SwitchSource", "ModifyPlaySetting", "Stop" }, service.calls)
    assert.truthy(raised(show.switch_source, show):find("switch_source: an id is needed, got nil", 1, true))
  end)

  it("add_source puts one or several sources in their place, remove_source takes them out", function()
    local show, _, state = created()
    local first = assert(show:add_source({ material_id = "m1", duration = 9 }, 1))
    local last = assert(show:add_source "https://h/3.mp4")
    local two = assert(show:add_source({ "https://h/4.mp4", "https://h/5.mp4" }, 2))
    assert.are.equal(2, #two)
    local ids = {}
    for i, source in ipairs(state.SourceInfos) do ids[i] = source.Id end
    assert.are.same({ first, two[1], two[2], ids[4], ids[5], last }, ids)
    assert.are.same({ Id = first, Type = "CME", MaterialId = "m1", Duration = 9 }, state.SourceInfos[1])
    assert.is_true(show:remove_source(first))
    assert.are.equal(two[1], state.SourceInfos[1].Id)
    refused("invalid.source", show:add_source "ftp://h/a")
    refused("invalid.source", show:add_source { url = FILE, offset = 3 })
    for _, bad in ipairs { { 5 }, { {} }, { FILE, 0 }, { FILE, "1" }, { { file_id = "f", url = FILE } } } do
      assert.truthy(raised(show.add_source, show, bad[1], bad[2]):find("add_source", 1, true))
    end
  end)

  it("sources gives them with their ids, in their order", function()
    local show, _, state = created()
    assert.are.same({ { id = state.SourceInfos[1].Id, url = FILE },
      { id = state.SourceInfos[2].Id, file_id = "f1", offset = 5 } }, show:sources())
  end)

  it("add_output, set_output, remove_output, enable_output and disable_output", function()
    local show, service, state = working()
    local id = assert(show:add_output { name = "b", url = "srt://h:9000?streamid=hush" })
    assert.are.equal(id, state.DestinationInfos[2].Id)
    assert.is_true(show:set_output { id = id, name = "c" })
    assert.are.same({ Id = id, Name = "c", PushUrl = "srt://h:9000?streamid=hush" }, state.DestinationInfos[2])
    assert.is_true(show:disable_output(id))
    assert.are.equal("stopped", show:position().outputs[2].status)
    assert.is_true(show:enable_output(id))
    assert.are.equal("working", show:info().outputs[2].status)
    assert.is_true(show:remove_output(id))
    assert.are.equal(1, #state.DestinationInfos)
    assert.are.equal(1, count(service.writes, "AddDestination"))
    refused("invalid.url", show:add_output "https://h/a/hush")
    assert.truthy(raised(show.add_output, show, { id = "x", url = "rtmp://h/a" }):find("option 'id': unknown", 1, true))
  end)

  it("position and info tell what plays", function()
    local show, _, state = working { play = { end_at = 1551113065 + 60 } }
    assert.are.same({ status = "working", source = state.SourceInfos[1].Id, seconds = 3.5, duration = 60, loops = 0,
      outputs = { { id = state.DestinationInfos[1].Id, url = "rtmp://h/a/hush", status = "working" } } },
      show:position())
    local info = assert(show:info())
    assert.are.equal("MEDIA_CAST", info.category)
    assert.are.same({ "working", state.SourceInfos[1].Id, 1551113125 }, { info.status, info.active, info.stop_at })
    assert.are.same({ { id = state.SourceInfos[1].Id, url = FILE },
      { id = state.SourceInfos[2].Id, file_id = "f1", offset = 5 } }, info.sources)
    assert.are.same({ width = 1280, height = 720, bitrate = 2500, frame_rate = 25, follow_source = false },
      info.output_media)
  end)

  it("set_play and set_output_media change the settings", function()
    local show, service, state = created()
    assert.is_true(show:set_play { loop_count = 3, auto_start_at = "2019-02-25T18:00:00Z" })
    assert.are.same({ LoopCount = 3, AutoStartTime = "2019-02-25T18:00:00Z", EndTime = "0001-01-01T00:00:00Z" },
      state.PlaySetting)
    assert.is_true(show:set_output_media { width = 1920, height = 1080 })
    assert.are.same({ VideoSetting = { Width = 1920, Height = 1080 } }, state.OutputMediaSetting)
    service:clear()
    refused("invalid.play", show:set_play { loop_count = 3, end_at = 5 })
    refused("invalid.time", show:set_play { end_at = "22:00" })
    refused("invalid.output_media", show:set_output_media { width = 4000 })
    assert.truthy(raised(show.set_play, show, { loop = 3 }):find("option 'loop': unknown", 1, true))
    assert.are.same({}, service.calls)
  end)

  it("is found by id: the category comes from the service", function()
    local show, service = working()
    local attached = service:project(show.id)
    assert.is_true(attached:stop())
    assert.are.equal("MEDIA_CAST", attached.category)
    assert.are.same({ "DescribeProjects", "Stop" }, service.calls)
  end)

  describe("a lost answer", function()
    local CASES = {
      { "Start", created, function(show) return show:start() end },
      { "Confirm", created, function(show) return show:start() end, always = true },
      { "Stop", working, function(show) return show:stop() end },
      { "SwitchSource", working, function(show, state) return show:switch_source(state.SourceInfos[2].Id) end },
      { "AddSource", created, function(show) return show:add_source { FILE, "https://h/3.mp4" } end },
      { "DeleteSource", created, function(show, state) return show:remove_source(state.SourceInfos[1].Id) end },
      { "AddDestination", created, function(show) return show:add_output "rtmp://h/a/hush" end },
      { "ModifyDestination", created,
        function(show, state) return show:set_output { id = state.DestinationInfos[1].Id, name = "b" } end,
        always = true },
      { "DeleteDestination", created,
        function(show, state) return show:remove_output(state.DestinationInfos[1].Id) end },
      { "EnableDestination", working,
        function(show, state) return show:enable_output(state.DestinationInfos[1].Id) end, always = true },
      { "DisableDestination", working,
        function(show, state) return show:disable_output(state.DestinationInfos[1].Id) end, always = true },
      { "ModifyPlaySetting", created, function(show) return show:set_play { loop_count = 2 } end, always = true },
      { "ModifyOutputMediaSetting", created, function(show) return show:set_output_media { width = 640 } end,
        always = true },
      { "DescribePlayInfo", working, function(show) return show:position() end, always = true },
    }
    for _, case in ipairs(CASES) do
      it("of " .. case[1] .. " is made good, and what was done is not done again", function()
        for how, times in pairs { before = 2, after = case.always and 2 or 1 } do
          local show, service, state = case[2]()
          service.lose[case[1]] = how
          assert(case[3](show, state))
          assert.are.equal(times, count(service.calls, case[1]), how)
        end
      end)
    end

    it("of an addition gives the ids all the same", function()
      local show, service, state = created()
      service.lose.AddSource, service.lose.AddDestination = "after", "after"
      local ids = assert(show:add_source { FILE, FILE })
      assert.are.same({ state.SourceInfos[3].Id, state.SourceInfos[4].Id }, ids)
      local id = assert(show:add_output "rtmp://h/a/hush")
      assert.are.equal(state.DestinationInfos[2].Id, id)
    end)

    it("is left open when others changed the project meanwhile", function()
      local show, service, state = created()
      service.lose.AddDestination = "after"
      service.on_call = function(name)
        if name == "AddDestination" then
          table.insert(state.DestinationInfos, { Id = "other", Name = json.null, PushUrl = "rtmp://h/b/other" })
        end
      end
      refused("network.reset", show:add_output "rtmp://h/a/hush")
    end)

    it("is left open when more has come than was sent", function()
      local show, service, state = created()
      service.lose.AddDestination = "after"
      service.on_call = function(name)
        if name == "DescribeProjects" and #state.DestinationInfos == 2 then
          table.insert(state.DestinationInfos, { Id = "other", PushUrl = "rtmp://h/a/hush" })
        end
      end
      refused("network.reset", show:add_output "rtmp://h/a/hush")
    end)
  end)
end)
