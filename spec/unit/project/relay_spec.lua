-- SPDX-License-Identifier: MIT
-- Each of the category's operations against the model of the service, what is done when its answer gets lost, and what
-- project_spec does not reach: ids, the kinds of input and output that a service may describe.

local json = require "cme.json"
local subject = require "spec.support.subject"
local stream_connect = require "cme.project.relay"

local LIVE = "https://play.example.com/live.flv"

local created, working = subject.of {
  name = "n", owner = "o", input = LIVE, outputs = { { name = "a", url = "rtmp://h/a/hush" } },
}
local refused, raised = subject.refused, subject.raised

local function ids(outputs)
  local found = {}
  for i, output in ipairs(stream_connect.spec({ outputs = outputs }).outputs) do found[i] = output.id end
  return table.concat(found, " ")
end

-- What read() makes of a StreamConnectProjectInfo.
local function read(state)
  local info = {}
  stream_connect.read({ StreamConnectProjectInfo = state }, info)
  return info
end

describe("cme.project.relay", function()
  it("numbers the outputs that have no id, past those that are taken", function()
    local url = "rtmp://h/a/k"
    assert.are.equal("1 2 3", ids { url, url, { url = url } })
    assert.are.equal("2 1 x 3", ids { { id = "2", url = url }, url, { id = "x", url = url }, url })
  end)

  it("takes every scheme that can carry a stream, and no other", function()
    for _, good in ipairs { "http://h/a.flv", "https://h/a.m3u8", "rtmp://h/a/k", "rtmps://h/a/k",
      "srt://h:9000?streamid=x", "RTMP://h/a/k", "rtmp://[::1]:1935/a/k", "rtmp://u:p@h/a/k" } do
      assert.is_true(stream_connect.validate(stream_connect.spec { input = good }), good)
    end
    for _, good in ipairs { "rtmp://h/a/k", "rtmps://h/a/k", "srt://h:9000?streamid=x" } do
      assert.is_true(stream_connect.validate(stream_connect.spec { outputs = { good } }), good)
    end
    for _, bad in ipairs { "", "h", "/var/a.flv", "file:///etc/passwd", "rtmp:/h", "rtmp://", "rtmp://u@",
      "rtmp://:1/a" } do
      local ok, _, detail = stream_connect.validate(stream_connect.spec { input = bad })
      assert.is_nil(ok, bad)
      assert.are.equal("invalid.url", detail.code)
    end
  end)

  it("reads each kind of input", function()
    assert.are.same({
      main = { kind = "vod", urls = { "https://a/1.mp4", "https://a/2.mp4" }, loop = -1 },
      backup = { kind = "push", url = "rtmp://h/a/k?txSecret=x", seconds = 5 },
    }, read({
      MainInput = { InputType = "VodPull",
        VodPullInputInfo = { InputUrls = { "https://a/1.mp4", "https://a/2.mp4" }, LoopTimes = -1 } },
      BackupInput = { InputType = "RtmpPush", LivePullInputInfo = json.null,
        RtmpPushInputInfo = { ExpiredSecond = 5, PushUrl = "rtmp://h/a/k?txSecret=x" } },
    }).inputs)
    assert.are.same({}, read({ MainInput = json.null, BackupInput = { InputType = "New" } }).inputs)
  end)

  it("keeps a time only in the state in which it is valid", function()
    local state = { Status = "Idle", CurrentInputEndpoint = "Main", CurrentStartTime = "2019-02-25T16:44:25Z",
      CurrentStopTime = "2019-02-25T18:44:25Z", LastStopTime = "2019-02-25T17:00:00Z", OutputSet = json.null }
    local info = read(state)
    assert.are.same({ "idle", "main", 1551114000 }, { info.status, info.active, info.stopped_at })
    assert.is_nil(info.started_at)
    assert.is_nil(info.stop_at)
    state.Status = "Working"
    info = read(state)
    assert.are.same({ 1551113065, 1551120265 }, { info.started_at, info.stop_at })
    assert.is_nil(info.stopped_at)
  end)

  it("reads a state that it does not know as none", function()
    assert.is_nil(read({ Status = "Melting", CurrentInputEndpoint = json.null }).status)
    assert.are.same({ inputs = {}, outputs = {} }, read(json.null))
  end)

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
        { "remove_input" }, { "push_url", "Main" }, { "position", 1 } } do
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

    it("push_url gives the address that create answered, without asking", function()
      local show, service, state = created { input = { push = 60 }, backup = { push = 60 } }
      assert.are.equal(state.MainInput.RtmpPushInputInfo.PushUrl, show:push_url())
      assert.are.equal(state.BackupInput.RtmpPushInputInfo.PushUrl, show:push_url "backup")
      assert.are.same({}, service.calls)
    end)

    it("push_url gives the address of what was added, and asks where it does not know", function()
      local show, service, state = created()
      refused("invalid.no_push", show:push_url "backup")
      local message = refused("invalid.no_push", show:push_url "main")
      assert.truthy(message:find("set_input it with { push = seconds }", 1, true), message)
      assert(show:add_input("backup", { push = 60 }))
      service:clear()
      assert.are.equal(state.BackupInput.RtmpPushInputInfo.PushUrl, show:push_url "backup")
      assert.are.same({}, service.calls)
      assert(show:set_input("backup", { push = 90 }))
      assert.are.equal(state.BackupInput.RtmpPushInputInfo.PushUrl, show:push_url "backup")
      local attached = service:project(show.id)
      assert.are.equal(state.BackupInput.RtmpPushInputInfo.PushUrl, attached:push_url "backup")
      assert(show:remove_input "backup")
      refused("invalid.no_push", show:push_url "backup")
    end)

    it("position tells how far a vod input is, and that others have none", function()
      local show = working { input = { vod = { "https://h/1.mp4" } }, backup = LIVE }
      assert.are.same({ url = "https://h/1.mp4", seconds = 12.5 }, show:position())
      refused("invalid.no_position", show:position "backup")
    end)
  end)

  describe("outputs", function()
    it("add_output gives the id, the caller's or one of the client's", function()
      local show, _, state = created()
      assert.are.equal("mine", show:add_output { id = "mine", name = "b", url = "rtmp://h/a/hush2" })
      local id = assert(show:add_output "rtmp://h/a/hush3")
      assert.truthy(id:find "^%x%x%x%x%x%x%x%x%x%x%x%x$")
      assert.are.same({ "1", "mine", id }, { state.OutputSet[1].StreamConnectOutput.Id,
        state.OutputSet[2].StreamConnectOutput.Id, state.OutputSet[3].StreamConnectOutput.Id })
    end)

    it("set_output changes what is given, remove_output takes it out", function()
      local show, service, state = created()
      assert.is_true(show:set_output { id = "1", name = "b" })
      assert.are.same({ Id = "1", Name = "b", Type = "URL", PushUrl = "rtmp://h/a/hush" },
        state.OutputSet[1].StreamConnectOutput)
      assert.is_true(show:set_output { id = "1", url = "rtmp://h/a/hush2" })
      assert.are.equal("rtmp://h/a/hush2", state.OutputSet[1].StreamConnectOutput.PushUrl)
      assert.is_true(show:remove_output "1")
      assert.are.same({}, state.OutputSet)
      assert.are.same({ "ModifyOutput", "ModifyOutput", "DeleteOutput" }, service.calls)
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

    it("of AddInput keeps the address to push to", function()
      local show, service, state = created()
      service.lose.AddInput = "after"
      assert(show:add_input("backup", { push = 60 }))
      assert.are.equal(state.BackupInput.RtmpPushInputInfo.PushUrl, show:push_url "backup")
    end)

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
