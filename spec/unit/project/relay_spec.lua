-- SPDX-License-Identifier: MIT
-- Each of the category's operations against the model of the service, and what is done when its answer gets lost.

local json = require "cme.json"
local subject = require "spec.support.fakes.subject"

local LIVE = "https://play.example.com/live.flv"

local created, working = subject.of {
  name = "n", owner = "o", input = LIVE, outputs = { { name = "a", url = "rtmp://h/a/hush" } },
}
local refused, raised = subject.refused, subject.raised

describe("cme.project.relay", function()
  describe("inputs", function()
    it("are written as the service has them, all three kinds", function()
      local _, _, state = created { backup = { vod = { "https://h/1.mp4", "https://h/2.mp4" }, loop = -1 } }
      assert.are.same({ InputType = "LivePull", LivePullInputInfo = { InputUrl = LIVE },
        VodPullInputInfo = json.null, RtmpPushInputInfo = json.null }, state.MainInput)
      assert.are.same({ InputUrls = { "https://h/1.mp4", "https://h/2.mp4" }, LoopTimes = -1 },
        state.BackupInput.VodPullInputInfo)
      _, _, state = created { input = { push = 3600 } }
      assert.are.equal("RtmpPush", state.MainInput.InputType)
      assert.are.equal(3600, state.MainInput.RtmpPushInputInfo.ExpiredSecond)
    end)

    it("are checked before anything is sent", function()
      local show, service = created()
      for _, bad in ipairs { "h/a", { vod = {} }, { vod = { "rtmp://h/a/hush" } } } do
        local message = refused("invalid.url", show:add_input("backup", bad))
        assert.is_nil(message:find("hush", 1, true))
        refused("invalid.url", show:set_input("main", bad))
      end
      assert.are.same({}, service.calls)
      for _, call in ipairs { { "add_input", "bakcup", LIVE }, { "add_input", "backup" }, { "set_input", LIVE },
        { "remove_input" }, { "position", 1 } } do
        local message = raised(show[call[1]], show, call[2], call[3])
        assert.truthy(message:find(call[1] .. ": ", 1, true), message)
      end
    end)

    it("add_input, set_input and remove_input", function()
      local show, service, state = created()
      assert.is_true(show:add_input("backup", LIVE))
      assert.is_true(show:set_input("backup", { vod = { "https://h/1.mp4" } }))
      assert.are.equal("VodPull", state.BackupInput.InputType)
      assert.is_true(show:remove_input "backup")
      assert.are.equal(json.null, state.BackupInput)
      assert.are.same({ "AddInput", "ModifyInput", "DeleteInput" }, service.calls)
    end)

    it("set_looks is done where the service has it, and its misuse raised", function()
      local show, service = created()
      refused("invalid.unsupported", show:set_looks(true))
      service.looks = {}
      assert.is_true(show:set_looks(true, { failover_on = { "black" }, failover_on_after = 5 }))
      assert.is_true(show:set_looks(false))
      assert.are.same({ { true, { "black" }, 5 }, { false, false } }, service.looks)
      assert.truthy(raised(show.set_looks, show, 1):find("set_looks: true or false", 1, true))
      local message = raised(show.set_looks, show, true, { failover_on = { "late" } })
      assert.truthy(message:find("black, frozen, silent", 1, true), message)
      message = raised(show.set_looks, show, false, { failover_on = { "black" } })
      assert.truthy(message:find("only with look_inputs", 1, true), message)
    end)

    it("set_standby is done where the service has it, and its misuse raised", function()
      local show, service = created()
      refused("invalid.unsupported", show:set_standby(true))
      service.standbys = {}
      assert.is_true(show:set_standby(true))
      assert.is_true(show:set_standby(false))
      assert.are.same({ true, false }, service.standbys)
      assert.truthy(raised(show.set_standby, show, "yes"):find("set_standby: true or false", 1, true))
    end)

    it("set_merge is done where the service has it, and its misuse raised", function()
      local show, service = created()
      refused("invalid.unsupported", show:set_merge(true))
      service.merges = {}
      assert.is_true(show:set_merge(true, { window = 1.5 }))
      assert.is_true(show:set_merge(false))
      assert.are.same({ { true, 1.5 }, { false } }, service.merges)
      assert.truthy(raised(show.set_merge, show, "yes"):find("set_merge: true or false", 1, true))
      assert.truthy(raised(show.set_merge, show, true, { window = 20 }):find("0.1 to 10", 1, true))
    end)

    it("set_slate is done where the service has it, leaves silence as it is, and its misuse is raised", function()
      local show, service = created()
      local message = refused("invalid.unsupported", show:set_slate(true))
      assert.truthy(message:find("a vod list that loops", 1, true), message)
      assert.matches(": set_slate: this service", message)
      service.slates = {}
      assert.is_true(show:set_slate("soon", { slate_after = 5, slate_format = { width = 640 }, silence = true }))
      assert.is_true(show:set_slate(true))
      assert.is_true(show:set_slate(false))
      assert.are.same({ { { Name = "soon", After = 5, Format = { Width = 640 } }, true }, { { Name = "" }, true },
        { false, true } }, service.slates)
      for _, wrong in ipairs { { nil, nil, "a file's name, true or false" }, { "x", { slate_after = 90 }, "0.5 to 60" },
        { false, { slate_after = 2 }, "only with slate" }, { "x", { after = 2 }, "slate_after" } } do
        message = raised(show.set_slate, show, wrong[1], wrong[2])
        assert.truthy(message:find("set_slate: ", 1, true) and message:find(wrong[3], 1, true), message)
      end
    end)

    it("push_urls gives the addresses of those that are pushed to", function()
      local show, service, state = created { input = { push = 60 }, backup = { push = 60 } }
      assert.are.same({ main = state.MainInput.RtmpPushInputInfo.PushUrl,
        backup = state.BackupInput.RtmpPushInputInfo.PushUrl }, show:push_urls())
      assert(show:set_input("backup", LIVE))
      assert.are.same({ main = state.MainInput.RtmpPushInputInfo.PushUrl }, service:project(show.id):push_urls())
      assert(show:set_input("main", LIVE))
      local message = refused("invalid.no_push", show:push_urls())
      assert.truthy(message:find("set_input one with { push = seconds }", 1, true), message)
    end)

    it("push_urls gives those of another protocol, where the service has them", function()
      local show, _, state = created { input = { push = 60 } }
      local message = refused("invalid.unsupported", show:push_urls { protocol = "srt" })
      assert.truthy(message:find("--edge-srt", 1, true), message)
      state.MainInput.RtmpPushInputInfo.SrtPushUrl = "srt://h:1?streamid=hush"
      assert.are.same({ main = "srt://h:1?streamid=hush" }, show:push_urls { protocol = "srt" })
      assert.are.equal("srt://h:1?streamid=hush", assert(show:info()).inputs.main.srt_url)
      message = raised(show.push_urls, show, { protocol = "http" })
      assert.truthy(message:find("rtmp, rtmps or srt", 1, true), message)
    end)

    it("push_urls says when the service gives no address", function()
      local show, _, state = created { input = { push = 60 } }
      state.MainInput.RtmpPushInputInfo.PushUrl = ""
      refused("network.protocol", show:push_urls())
    end)

    it("position tells how far a vod input is, and that others have none", function()
      local show = working { input = { vod = { "https://h/1.mp4" } }, backup = LIVE }
      assert.are.same({ url = "https://h/1.mp4", seconds = 12.5 }, show:position())
      refused("invalid.no_position", show:position "backup")
    end)
  end)

  describe("recordings", function()
    it("are asked for and ended, on `cme serve`", function()
      local show, service = created()
      service.recordings = {}
      assert.is_true(show:record { name = "gala", of = "main", max_seconds = 60 })
      assert.are.same({ Name = "gala", Of = "Main", MaxSeconds = 60 }, service.recordings[show.id])
      assert.is_true(show:record { name = "gala" })
      assert.are.same({ Name = "gala", Of = "Programme" }, service.recordings[show.id])
      assert.is_true(show:record(nil))
      assert.is_false(service.recordings[show.id])
    end)

    it("are refused by the cloud, with what it offers instead", function()
      local message = refused("invalid.unsupported", created():record { name = "gala" })
      assert.truthy(message:find("push to a CSS domain that records", 1, true), message)
    end)

    it("are a part of the spec, asked for once the project is there", function()
      local service = require "spec.support.fakes.model".new()
      service.recordings = {}
      local show = service:project { name = "n", owner = "o", input = LIVE, outputs = { "rtmp://h/a/hush" },
        record = { name = "gala", of = "backup", max_bytes = 5 } }
      assert(show:create())
      assert.are.same({ Name = "gala", Of = "Backup", MaxBytes = 5 }, service.recordings[show.id])
      assert.are.same({ name = "gala", of = "backup", max_bytes = 5 }, show:info().record)
      service.endpoint = "https://cme.tencentcloudapi.com/"
      service:clear()
      refused("invalid.unsupported", service:project { name = "m", owner = "o", input = LIVE,
        record = { name = "gala" } }:create())
      assert.are.same({}, service.calls)
    end)

    it("raise on misuse", function()
      local show = created()
      for wrong, said in pairs { [true] = "a table with a name, or false", gala = "table or boolean is needed" } do
        local message = raised(function() show.client:project { name = "n", owner = "o", record = wrong } end)
        assert.truthy(message:find("cme.project: option 'record': " .. said, 1, true), message)
      end
      for _, wrong in ipairs { { {}, "name" }, { { name = "x", of = "slate" }, "programme, main, backup" },
        { { name = "x", max_bytes = 1.5 }, "a whole number above 0" } } do
        local message = raised(show.record, show, wrong[1])
        assert.truthy(message:find(wrong[2], 1, true), message)
      end
    end)
  end)

  describe("outputs", function()
    it("add_output gives the id, the caller's or one of the client's", function()
      local show, _, state = created()
      assert.are.equal("mine", show:add_output { id = "mine", name = "b", url = "rtmp://h/a/hush2" })
      local id = assert(show:add_output { server = "rtmp://h/a", key = "hush3" })
      assert.truthy(id:find "^%x%x%x%x%x%x%x%x%x%x%x%x$")
      assert.are.same({ "1", "mine", id }, { state.OutputSet[1].StreamConnectOutput.Id,
        state.OutputSet[2].StreamConnectOutput.Id, state.OutputSet[3].StreamConnectOutput.Id })
    end)

    it("of cameras are no inputs of the cloud's", function()
      local show, service = created()
      assert.is_true(show:set_input("main", "rtsp://camera.example/hush"))
      service.endpoint = "https://cme.tencentcloudapi.com/"
      service:clear()
      for _, url in ipairs { "rtsp://camera.example/hush", "UDP://239.1.1.1:5000", "rtp://239.1.1.1:5004" } do
        local message = refused("invalid.unsupported", show:set_input("main", url))
        assert.matches("does not pull %l+ %(it pulls RTMP, HTTP%-FLV and HLS; push to it", message)
        refused("invalid.unsupported", show:add_input("backup", url))
        refused("invalid.unsupported", service:project { name = "m", owner = "o", input = url,
          outputs = { "rtmp://h/a/hush" } }:create())
      end
      assert.are.same({}, service.calls)
    end)

    it("have codecs on `cme serve` alone", function()
      local show, service, state = created()
      assert.are.equal("cn", show:add_output { id = "cn", url = "rtmp://h/a/hush2", codecs = "id12" })
      assert.are.equal("id12", state.OutputSet[2].StreamConnectOutput.Codecs)
      assert.are.equal("id12", show:info().outputs[2].codecs)
      assert.is_true(show:set_output { id = "cn", codecs = "h264" })
      assert.are.equal("h264", state.OutputSet[2].StreamConnectOutput.Codecs)
      local message = raised(show.add_output, show, { url = "rtmp://h/a/hush3", codecs = "hevc" })
      assert.truthy(message:find("one of enhanced, id12, h264 is needed", 1, true), message)
      service.endpoint = "https://cme.tencentcloudapi.com/"
      service:clear()
      refused("invalid.unsupported", show:add_output { url = "rtmp://h/a/hush3", codecs = "id12" })
      refused("invalid.unsupported", show:set_output { id = "cn", codecs = "id12" })
      assert.are.same({}, service.calls)
    end)

    it("say where viewers watch, which the cloud does not keep", function()
      local show, service, state = created()
      assert.are.equal("w", show:add_output { id = "w", url = "rtmp://h/a/hush2", watch = "https://h/w.flv" })
      assert.are.equal("https://h/w.flv", state.OutputSet[2].StreamConnectOutput.Watch)
      assert.are.equal("https://h/w.flv", show:info().outputs[2].watch)
      assert.is_true(show:set_output { id = "w", watch = "" })
      refused("invalid.url", show:add_output { url = "rtmp://h/a/hush3", watch = "ftp://h/w" })
      service.endpoint = "https://cme.tencentcloudapi.com/"
      service:clear()
      refused("invalid.unsupported", show:add_output { url = "rtmp://h/a/hush3", watch = "https://h/w.flv" })
      refused("invalid.unsupported", show:set_output { id = "w", watch = "https://h/w.flv" })
      assert.are.same({}, service.calls)
    end)

    it("set_output changes what is given, remove_output takes it out", function()
      local show, service, state = created()
      assert.is_true(show:set_output { id = "1", name = "b" })
      assert.are.same({ Id = "1", Name = "b", Type = "URL", PushUrl = "rtmp://h/a/hush" },
        state.OutputSet[1].StreamConnectOutput)
      assert.is_true(show:set_output { id = "1", url = "rtmp://h/a/hush2" })
      assert.are.equal("rtmp://h/a/hush2", state.OutputSet[1].StreamConnectOutput.PushUrl)
      assert.is_true(show:set_output { id = "1", platform = "bilibili", key = "?streamname=x&key=hush" })
      assert.are.equal("rtmp://live-push.bilivideo.com/live-bvc/?streamname=x&key=hush",
        state.OutputSet[1].StreamConnectOutput.PushUrl)
      assert.is_true(show:remove_output "1")
      assert.are.same({}, state.OutputSet)
      assert.are.same({ "ModifyOutput", "ModifyOutput", "ModifyOutput", "DeleteOutput" }, service.calls)
    end)

    it("are checked before anything is sent", function()
      local show, service = created()
      local message = refused("invalid.url", show:add_output { name = "b", url = "hush" })
      assert.is_nil(message:find("hush", 1, true))
      refused("invalid.url", show:set_output { id = "1", url = "https://h/a/hush" })
      assert.are.same({}, service.calls)
      assert.truthy(raised(show.set_output, show, { url = "rtmp://h/a/b" }):find("option 'id': missing", 1, true))
      assert.truthy(raised(show.add_output, show):find("add_output: a URL or { id, name, url } is needed", 1, true))
      assert.truthy(raised(show.remove_output, show, 5):find("remove_output: an id is needed, got number", 1, true))
    end)
  end)

  -- Every operation twice: its answer lost before, and after, the service had done it.
  describe("a lost answer", function()
    local OUTPUT = { id = "x", name = "b", url = "rtmp://h/a/hush2" }
    local CASES = {
      { "Start", created, function(show) return show:start() end },
      { "Stop", working, function(show) return show:stop() end },
      { "SwitchInput", function() return working { backup = LIVE } end,
        function(show) return show:switch "backup" end },
      { "ModifyCurrentStopTime", working, function(show) return show:set_stop_at(1551113065 + 60) end, always = true },
      { "AddInput", created, function(show) return show:add_input("backup", { push = 60 }) end },
      { "ModifyInput", created, function(show) return show:set_input("main", LIVE) end, always = true },
      { "DeleteInput", function() return created { backup = LIVE } end,
        function(show) return show:remove_input "backup" end },
      { "AddOutput", created, function(show) return show:add_output(OUTPUT) end },
      { "ModifyOutput", created, function(show) return show:set_output { id = "1", name = "b" } end, always = true },
      { "DeleteOutput", created, function(show) return show:remove_output "1" end },
      { "DescribeInputPlayInfo", function() return working { input = { vod = { "https://h/1.mp4" } } } end,
        function(show) return show:position() end, always = true },
      { "DeleteProject", created, function(show) return show:delete() end },
      { "ModifyProject", created, function(show) return show:rename "m" end, always = true },
    }

    local function count(list, name)
      local n = 0
      for _, one in ipairs(list) do n = n + (one == name and 1 or 0) end
      return n
    end

    for _, case in ipairs(CASES) do
      it("of " .. case[1] .. " is made good, and what was done is not done again", function()
        for how, times in pairs { before = 2, after = case.always and 2 or 1 } do
          local show, service = case[2]()
          service.lose[case[1]] = how
          assert(case[3](show))
          assert.are.equal(times, count(service.calls, case[1]), how)
        end
      end)
    end

    it("is left open where nobody can tell", function()
      local show, service = created()
      service.lose.AddOutput = "before"
      assert.are.equal("network.reset", select(3, show:add_output { id = "1", url = "rtmp://h/a/other" }).code)
      service.lose.AddInput = "before"
      assert.are.equal("network.reset", select(3, show:add_input("main", "https://h/other.flv")).code)
      service.projects[show.id] = nil
      service.lose.Stop = "before"
      assert.are.equal("network.reset", select(3, show:stop()).code)
    end)

    it("is not settled by one look: what the service was still doing counts", function()
      local show, service, state = created()
      service.lose.AddOutput = "before"
      service.on_sleep = function()
        table.insert(state.OutputSet, { PushSwitch = "On",
          StreamConnectOutput = { Id = OUTPUT.id, Name = OUTPUT.name, Type = "URL", PushUrl = OUTPUT.url } })
      end
      assert.are.equal("x", show:add_output(OUTPUT))
      assert.are.equal(1, count(service.calls, "AddOutput"))
      assert.are.equal(1, service.slept)
    end)
  end)
end)
