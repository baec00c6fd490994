-- SPDX-License-Identifier: MIT
-- HandleStreamConnectProject, through the API: every operation and code of its.

local front = require "spec.support.fakes.front"
local front_stage = require "spec.support.fakes.front_stage"
local json = require "cme.json"
local luv = require "cme.net.loop.luv"
local task = require "cme.task"
local uv = require "luv"
local writer = require "cme.server.store.writer"

local code_of, create_params = front.code_of, front.create_params

describe("cme.server.categories.stream_connect", function()
  local service = front_stage.new(before_each, after_each)

  describe("a run", function()
    it("starts, switches, plans the end and stops", function()
      local id = service:create()
      local response, _, _, text = service:handle(id, "Start")
      assert.is_nil(code_of(response))
      assert.matches('"StreamInputRtmpPushUrl":""', text)
      assert.matches('"VodPullInputPlayInfo":null', text)
      assert.are.same({ id }, service.relays.started)
      assert.are.equal("Working", service:describe(id).StreamConnectProjectInfo.Status)
      assert.is_nil(code_of(service:handle(id, "SwitchInput", { InputEndpoint = "Backup" })))
      assert.are.equal("Backup", service:describe(id).StreamConnectProjectInfo.CurrentInputEndpoint)
      assert.is_nil(code_of(service:handle(id, "ModifyCurrentStopTime", { CurrentStopTime = "2025-11-23T00:00:00Z" })))
      assert.are.equal("2025-11-23T00:00:00.000Z", service:describe(id).StreamConnectProjectInfo.CurrentStopTime)
      assert.are.equal(1763856000, service.relays.told.stop_at)
      assert.is_nil(code_of(service:handle(id, "Stop")))
      assert.are.same({ id }, service.relays.stopped)
      local info = service:describe(id).StreamConnectProjectInfo
      assert.are.equal("Idle", info.Status)
      assert.are_not.equal("", info.LastStopTime)
      assert.are.equal("", info.CurrentStopTime)
    end)

    it("is Working, and says what does not work, when a start is partial", function()
      local id = service:create()
      service.relays.verdict, service.relays.faults = "partial", { { what = "output", id = "o",
        code = "publish.refused", message = "output 'o' refused: do this",
        reason = { text = "output 'o' refused: do this" } } }
      local response = service:handle(id, "Start")
      assert.are.equal("FailedOperation.StartStreamConnectPartlyErr", code_of(response))
      assert.matches("output 'o' refused: do this", response.Error.Message, 1, true)
      assert.are.same({ { Type = "output", Id = "o", Code = "publish.refused",
        Message = "output 'o' refused: do this", Reason = { Text = "output 'o' refused: do this" } } },
        response.Error.Pending)
      assert.are.equal("Working", service:describe(id).StreamConnectProjectInfo.Status)
    end)

    it("takes its planned end with Start, and refuses one that cannot be before anything is started", function()
      local id = service:create()
      for _, wrong in ipairs { "tomorrow", "2000-01-01T00:00:00Z", "2030-01-01T00:00:00Z" } do
        assert.are.equal("InvalidParameterValue", code_of(service:handle(id, "Start", { CurrentStopTime = wrong })))
      end
      assert.are.same({}, service.relays.started)
      assert.is_nil(code_of(service:handle(id, "Start", { CurrentStopTime = "2025-11-23T00:00:00Z" })))
      assert.are.equal("2025-11-23T00:00:00.000Z", service:describe(id).StreamConnectProjectInfo.CurrentStopTime)
    end)

    it("is Idle again when no engine can be started", function()
      local id = service:create()
      service.relays.failure = "no such program"
      local response = service:handle(id, "Start")
      assert.are.equal("FailedOperation.StreamConnect", code_of(response))
      assert.matches("no such program", response.Error.Message)
      local info = service:describe(id).StreamConnectProjectInfo
      assert.are.same({ "Idle", "" }, { info.Status, info.LastStopTime })
      assert.are.same({ id }, service.relays.stopped)
    end)

    it("stays on its input, and says why, when a switch fails", function()
      local id = service:create()
      service:handle(id, "Start")
      service.relays.failure = "no keyframe within 5 s"
      local response = service:handle(id, "SwitchInput", { InputEndpoint = "Backup" })
      assert.are.equal("FailedOperation.StreamConnect", code_of(response))
      assert.matches("no keyframe within 5 s: still on main", response.Error.Message)
      assert.are.equal("Main", service:describe(id).StreamConnectProjectInfo.CurrentInputEndpoint)
    end)

    it("keeps the planned end when the engine does not take another", function()
      local id = service:create()
      service:handle(id, "Start")
      service.relays.failure = "no answer"
      local response = service:handle(id, "ModifyCurrentStopTime", { CurrentStopTime = "2025-11-23T00:00:00Z" })
      assert.are.equal("FailedOperation.StreamConnect", code_of(response))
      assert.are.equal("", service:describe(id).StreamConnectProjectInfo.CurrentStopTime)
    end)

    it("keeps nothing of what the database refuses, and writes a stop down later", function()
      local pause = writer.RETRY_SECONDS
      finally(function() writer.RETRY_SECONDS = pause end)
      writer.RETRY_SECONDS = 0
      local id = service:create()
      assert(service.db._db:exec "PRAGMA query_only = ON")
      local response = service:handle(id, "Start")
      assert.are.equal("InternalError", code_of(response))
      assert.matches("nothing was changed", response.Error.Message)
      assert.are.same({}, service.relays.started)
      assert(service.db._db:exec "PRAGMA query_only = OFF")
      service:handle(id, "Start")
      assert(service.db._db:exec "PRAGMA query_only = ON")
      response = service:handle(id, "Stop") -- the one thing that is done all the same
      assert.are.equal("FailedOperation", code_of(response))
      assert.matches("it is off the air, but that is not written down", response.Error.Message)
      assert.are.same({ id }, service.relays.stopped)
      assert.are.equal("InternalError", code_of(service:call("CreateProject", create_params())))
      assert.are.equal("Working", service:describe(id).StreamConnectProjectInfo.Status)
      assert(service.db._db:exec "PRAGMA query_only = OFF")
      uv.run() -- until it has been written
      assert.are.equal("Idle", service:describe(id).StreamConnectProjectInfo.Status)
    end)

    it("switches though the database refuses to note it, and says which input is on air", function()
      local id = service:create()
      service:handle(id, "Start")
      assert(service.db._db:exec "PRAGMA query_only = ON")
      assert.is_nil(code_of(service:handle(id, "SwitchInput", { InputEndpoint = "Backup" })))
      assert.are.equal("backup", service.relays.current)
      assert.are.equal("Backup", service:describe(id).StreamConnectProjectInfo.CurrentInputEndpoint)
      assert.matches('"level":"error".*switch is not stored', table.concat(service.logged))
    end)

    local idle = {
      { "FailedOperation.StreamConnect", "Stop" },
      { "FailedOperation.StreamConnect", "SwitchInput", { InputEndpoint = "Backup" } },
      { "FailedOperation.StreamConnect", "ModifyCurrentStopTime", { CurrentStopTime = "2025-11-23T00:00:00Z" } },
      { "InvalidParameterValue.OperationInvalid", "Begin" },
      { "MissingParameter", "DescribeInputPlayInfo" },
      { "MissingParameter", "SwitchInput" },
      { "InvalidParameterValue.Input", "SwitchInput", { InputEndpoint = "main" } },
      { "MissingParameter", "ModifyCurrentStopTime" },
      { "InvalidParameterValue", "ModifyCurrentStopTime", { CurrentStopTime = "tomorrow" } },
      { "InvalidParameterValue", "ModifyCurrentStopTime", { CurrentStopTime = "2000-01-01T00:00:00Z" } },
      { "InvalidParameterValue", "ModifyCurrentStopTime", { CurrentStopTime = "2030-01-01T00:00:00Z" } },
      { "OperationDenied.PermissionDeny", "Start", { Operator = "stranger" } },
      { "InvalidParameterValue.ProjectId", "Start", { ProjectId = "cmepid_0" } },
    }
    for i, case in ipairs(idle) do
      it(("answers %s to %s while Idle (case %d)"):format(case[1], case[2], i), function()
        assert.are.equal(case[1], code_of(service:handle(service:create(), case[2], case[3])))
      end)
    end

    it("knows no project of another platform, whatever is asked of it", function()
      local id = service:create()
      assert(service.db:add_platform "other")
      for operation, more in pairs { Start = {}, Stop = {}, SwitchInput = { InputEndpoint = "Backup" },
        ModifyCurrentStopTime = { CurrentStopTime = "2025-11-23T00:00:00Z" } } do
        for _, status in ipairs { "Idle", "Working" } do
          if (status == "Working") ~= (#service.relays.started > #service.relays.stopped) then
            assert.is_nil(code_of(service:handle(id, status == "Working" and "Start" or "Stop")))
          end
          local before, started, stopped = service:describe(id), #service.relays.started, #service.relays.stopped
          more.Platform = "other"
          assert.are.equal("InvalidParameterValue.ProjectId", code_of(service:handle(id, operation, more)), operation)
          before.RequestId = nil
          assert.are.same(before, service:describe(id))
          assert.are.same({ started, stopped, "main" },
            { #service.relays.started, #service.relays.stopped, service.relays.current })
        end
      end
      assert.is_nil(code_of(service:handle(id, "Stop")))
      assert.are.equal("InvalidParameterValue.ProjectId",
        code_of(service:call("DeleteProject", { Platform = "other", ProjectId = id })))
      assert.are.equal(0, service:call("DescribeProjects", { Platform = "other", ProjectIds = { id } }).TotalCount)
      assert.is_table(service:describe(id))
    end)

    it("does one switch of a project after the other", function()
      local id, gate, asked, answered = service:create(), task.signal(), {}, {}
      service:handle(id, "Start")
      function service.relays:switch(_, to)
        asked[#asked + 1] = to
        gate:wait()
        self.current = to
        return { active = to }
      end
      for _, to in ipairs { "Backup", "Main" } do
        luv.detach(function()
          assert(service.actions.HandleStreamConnectProject { request_id = "r", params = { Platform = "test",
            ProjectId = id, Operation = "SwitchInput", InputEndpoint = to } })
          answered[to] = true
        end)
      end
      assert.are.same({ "backup" }, asked)
      gate:notify()
      assert.are.same({ "backup", "main" }, asked)
      assert.are.equal("Backup", service:describe(id).StreamConnectProjectInfo.CurrentInputEndpoint)
      gate:notify()
      assert.are.same({ Backup = true, Main = true }, answered)
      assert.are.equal("Main", service:describe(id).StreamConnectProjectInfo.CurrentInputEndpoint)
    end)

    it("refuses Start while Working, without an output, without a main input, and a switch to no backup", function()
      local id = service:create()
      service:handle(id, "Start")
      assert.are.equal("FailedOperation.StreamConnect", code_of(service:handle(id, "Start")))
      assert.are.equal(1, #service.relays.started)
      local input = create_params().StreamConnectProjectInput
      local bare = service:create { StreamConnectProjectInput = { MainInput = input.MainInput } }
      assert.are.equal("InvalidParameterValue.StreamConnectOutputInvalid", code_of(service:handle(bare, "Start")))
      local blind = service:create { StreamConnectProjectInput = { Outputs = input.Outputs } }
      assert.are.equal("InvalidParameterValue.StreamConnectInputInvalid", code_of(service:handle(blind, "Start")))
      local single = service:create { StreamConnectProjectInput = { MainInput = input.MainInput,
        Outputs = input.Outputs } }
      service:handle(single, "Start")
      assert.are.equal("InvalidParameterValue.StreamConnectInputInvalid",
        code_of(service:handle(single, "SwitchInput", { InputEndpoint = "Backup" })))
    end)
  end)

  describe("inputs and outputs", function()
    local function pull(url)
      return { InputType = "LivePull", LivePullInputInfo = { InputUrl = url } }
    end

    local function state(id)
      return service:describe(id).StreamConnectProjectInfo
    end

    local function output_ids(id)
      local ids = {}
      for i, output in ipairs(state(id).OutputSet) do
        ids[i] = output.StreamConnectOutput.Id
      end
      return table.concat(ids, " ")
    end

    -- A project with a main input and one output, Idle or Working.
    local function small(status)
      local input = create_params().StreamConnectProjectInput
      local id = service:create { StreamConnectProjectInput = { MainInput = input.MainInput,
        Outputs = { { Id = "1", Name = "o", PushUrl = "rtmp://c.example/live/sekret" } } } }
      if status == "Working" then
        service:handle(id, "Start")
      end
      return id
    end

    for _, status in ipairs { "Idle", "Working" } do
      it("adds, changes and removes outputs while " .. status .. ", and tells the engine", function()
        local id = small(status)
        assert.is_nil(code_of(service:handle(id, "AddOutput",
          { OutputInfo = { Id = "2", Name = "two", PushUrl = "rtmp://d.example/live/k" } })))
        assert.are.equal("1 2", output_ids(id))
        assert.are.equal("2", service.relays.told.input.Outputs[2].Id)
        assert.is_nil(code_of(service:handle(id, "AddOutput",
          { OutputInfo = { PushUrl = "rtmp://e.example/live/k" } })))
        assert.matches("^1 2 %x+$", output_ids(id))
        assert.is_nil(code_of(service:handle(id, "ModifyOutput", { OutputInfo = { Id = "2", Name = "zwei" } })))
        assert.are.same({ Id = "2", Name = "zwei", Type = "URL", PushUrl = "rtmp://d.example/live/k" },
          state(id).OutputSet[2].StreamConnectOutput)
        assert.is_nil(code_of(service:handle(id, "DeleteOutput", { OutputInfo = { Id = "1" } })))
        assert.matches("^2 %x+$", output_ids(id))
        assert.are.same({ 2, status }, { #service.relays.told.input.Outputs, state(id).Status })
      end)

      it("adds, changes and removes the input that is not on air while " .. status, function()
        local id = small(status)
        assert.is_nil(code_of(service:handle(id, "AddInput",
          { InputEndpoint = "Backup", InputInfo = pull "http://b/1" })))
        assert.are.equal("http://b/1", state(id).BackupInput.LivePullInputInfo.InputUrl)
        local response = service:handle(id, "ModifyInput", { InputEndpoint = "Backup", InputInfo = {
          InputType = "VodPull", VodPullInputInfo = { InputUrls = { "http://b/1.mp4" }, LoopTimes = -1 } } })
        assert.are.same({ "", json.null }, { response.StreamInputRtmpPushUrl, response.VodPullInputPlayInfo })
        assert.are.same({ InputUrls = { "http://b/1.mp4" }, LoopTimes = -1 }, state(id).BackupInput.VodPullInputInfo)
        assert.are.equal("VodPull", service.relays.told.input.BackupInput.InputType)
        assert.is_nil(code_of(service:handle(id, "DeleteInput", { InputEndpoint = "Backup" })))
        assert.are.equal(json.null, state(id).BackupInput)
        assert.is_nil(service.relays.told.input.BackupInput)
      end)
    end

    it("leaves the input on air alone, which is the engine's word", function()
      local id = service:create()
      service:handle(id, "Start")
      service.relays.current = "backup"
      for _, operation in ipairs { "ModifyInput", "DeleteInput" } do
        local response = service:handle(id, operation, { InputEndpoint = "Backup", InputInfo = pull "http://b/1" })
        assert.are.equal("FailedOperation.StreamConnect", code_of(response))
        assert.matches("its backup input is on air: SwitchInput to the other one first", response.Error.Message)
        assert.are.equal("http://b.example/x.flv", state(id).BackupInput.LivePullInputInfo.InputUrl)
        assert.is_nil(code_of(service:handle(id, operation, { InputEndpoint = "Main", InputInfo = pull "http://a/1" })))
      end
      service.settings.change_active_input = true
      assert.is_nil(code_of(service:handle(id, "ModifyInput",
        { InputEndpoint = "Backup", InputInfo = pull "http://b/1" })))
      assert.are.equal("http://b/1", state(id).BackupInput.LivePullInputInfo.InputUrl)
      assert.are.equal("FailedOperation.StreamConnect",
        code_of(service:handle(id, "DeleteInput", { InputEndpoint = "Backup" })))
    end)

    it("takes back what the engine refuses", function()
      local id = small "Working"
      service.relays.failure = "outputs: no"
      local before = state(id)
      local response = service:handle(id, "AddOutput", { OutputInfo = { PushUrl = "rtmp://d.example/live/k" } })
      assert.are.equal("FailedOperation.StreamConnect", code_of(response))
      assert.matches("outputs: no: nothing was changed", response.Error.Message, 1, true)
      assert.are.same(before, state(id))
    end)

    it("changes nothing when the database fails", function()
      local id = small "Working"
      assert(service.db._db:exec "PRAGMA query_only = ON")
      assert.are.equal("InternalError", code_of(service:handle(id, "DeleteOutput", { OutputInfo = { Id = "1" } })))
      assert.is_nil(service.relays.told)
      assert.are.equal("1", output_ids(id))
    end)

    for i, case in ipairs {
      { "MissingParameter", "AddOutput" }, { "MissingParameter", "AddInput", { InputEndpoint = "Backup" } },
      { "MissingParameter", "AddInput", { InputInfo = pull "http://b/1" } },
      { "InvalidParameterValue.Input", "DeleteInput", { InputEndpoint = "backup" } },
      { "InvalidParameterValue.StreamConnectInputInvalid", "DeleteInput", { InputEndpoint = "Backup" } },
      { "InvalidParameterValue.StreamConnectInputInvalid", "ModifyInput",
        { InputEndpoint = "Backup", InputInfo = pull "http://b/1" } },
      { "InvalidParameterValue.StreamConnectInputInvalid", "AddInput",
        { InputEndpoint = "Main", InputInfo = pull "http://b/1" } },
      { "InvalidParameterValue.StreamConnectInputInvalid", "AddInput",
        { InputEndpoint = "Backup", InputInfo = pull "ftp://b/1" } },
      { "InvalidParameterValue.StreamConnectOutputInvalid", "AddOutput", { OutputInfo = { PushUrl = "x" } } },
      { "InvalidParameterValue.StreamConnectOutputInvalid", "AddOutput",
        { OutputInfo = { Id = "1", PushUrl = "rtmp://d.example/live/k" } } },
      { "InvalidParameterValue.StreamConnectOutputInvalid", "DeleteOutput", { OutputInfo = { Id = "9" } } },
      { "InvalidParameterValue.StreamConnectInputInvalid", "DescribeInputPlayInfo", { InputEndpoint = "Backup" } },
      { "OperationDenied.PermissionDeny", "DeleteOutput", { OutputInfo = { Id = "1" }, Operator = "stranger" } },
    } do
      it(("answers %s to %s (case %d) and changes nothing"):format(case[1], case[2], i), function()
        local id = small "Working"
        local before = state(id)
        assert.are.equal(case[1], code_of(service:handle(id, case[2], case[3])))
        assert.are.same(before, state(id))
        assert.is_nil(service.relays.told)
      end)
    end

    it("starts with the backup when that is all there is, and cannot take the last input away on air", function()
      local id = service:create { StreamConnectProjectInput = { BackupInput = pull "http://b/1",
        Outputs = create_params().StreamConnectProjectInput.Outputs } }
      service.relays.current = nil
      assert.is_nil(code_of(service:handle(id, "Start")))
      assert.are.equal("Backup", state(id).CurrentInputEndpoint)
      assert.are.equal("FailedOperation.StreamConnect",
        code_of(service:handle(id, "DeleteInput", { InputEndpoint = "Backup" })))
    end)

    it("says where the list of an input is, while it runs", function()
      local input = create_params().StreamConnectProjectInput
      input.MainInput = { InputType = "VodPull",
        VodPullInputInfo = { InputUrls = { "http://a/1.mp4?k=s", "http://a/2" } } }
      local id = service:create { StreamConnectProjectInput = input }
      local function play(endpoint)
        return service:handle(id, "DescribeInputPlayInfo", { InputEndpoint = endpoint }).VodPullInputPlayInfo
      end
      assert.are.equal(json.null, play "Main")
      service:handle(id, "Start")
      assert.are.equal("FailedOperation.StreamConnect",
        code_of(service:handle(id, "DescribeInputPlayInfo", { InputEndpoint = "Main" })))
      service.relays.answer = { inputs = { main = { play = { index = 0, url = "http://a/***", offset_s = 12.25 } },
        backup = { play = json.null } } }
      assert.are.same({ Url = "http://a/1.mp4?k=s", TimeOffset = 12.25 }, play "Main")
      assert.are.equal(json.null, play "Backup")
    end)

    it("plans the end of a run by default, until it is told another", function()
      service.settings.default_stop = 7200
      local id = small "Working"
      assert.are.equal("2025-11-23T00:00:00.000Z", state(id).CurrentStopTime)
      assert.is_nil(code_of(service:handle(id, "ModifyCurrentStopTime", { CurrentStopTime = "2025-11-23T05:00:00Z" })))
      assert.are.equal("2025-11-23T05:00:00.000Z", state(id).CurrentStopTime)
    end)
  end)

  it("never logs a stream key or a secret", function()
    local id = service:create()
    service:handle(id, "Start")
    assert.not_matches("sekret", table.concat(service.logged))
  end)
end)
