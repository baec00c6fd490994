-- SPDX-License-Identifier: MIT

local describe_info = require "cme.server.describe".info
local json = require "cme.json"
local project = require "cme.server.categories.stream_connect.project"
local schema = require "cme.schema"

local function pull(url)
  return { InputType = "LivePull", LivePullInputInfo = { InputUrl = url } }
end

local function check(input)
  return project.check(input, nil, 0)
end

local function spec_of(one, settings)
  return project.spec(one, nil, settings or { failover = true })
end

local function info_of(one)
  return describe_info(one, project.info(one, one.active))
end

local function record(more)
  local self = { id = "p1", platform = "test", category = "STREAM_CONNECT", name = "n", status = "Idle",
    active = "Main", owner = { type = "PERSON", id = "u" }, revision = 3, created_at = 0, updated_at = 1.5,
    input = { MainInput = pull "http://a/x",
      Outputs = { { Id = "1", Name = "o", Type = "URL", PushUrl = "rtmp://b/l/k" } } } }
  for name, value in pairs(more or {}) do
    self[name] = value
  end
  return self
end

describe("cme.server.categories.stream_connect.project", function()
  before_each(function()
    stub(project, "new_output_id").returns "made"
  end)

  after_each(function()
    project.new_output_id:revert()
  end)

  it("tells the engine which codecs an output takes", function()
    local spec = spec_of(record { input = { MainInput = pull "http://a/x", Outputs = {
      { Id = "1", Name = "o", Type = "URL", PushUrl = "rtmp://b/l/k", Codecs = "id12" },
      { Id = "2", Name = "p", Type = "URL", PushUrl = "rtmp://b/l/m" } } } })
    assert.are.equal("id12", spec.outputs[1].codecs)
    assert.is_nil(spec.outputs[2].codecs)
  end)

  it("says what is looked at, and keeps an engine from going back to main that looks wrong", function()
    local one = record { input = { MainInput = pull "http://a/x", LookInputs = true, FailoverOn = { "black" },
      Outputs = {
      { Id = "1", Name = "o", PushUrl = "rtmp://b/l/k", Watch = "http://v/1" },
      { Id = "2", Name = "p", PushUrl = "rtmp://b/l/m", Watch = "http://v/2" } }, Disabled = { "2" } } }
    local plan, wanted = project.watched(one, nil, {}, "main")
    assert.are.same({ "output 1", nil, "input main", "http://a/x" },
      { plan.outputs[1].key, plan.outputs[2], plan.inputs[1].key, plan.source })
    assert.are.same({ states = { "black" }, after = 3 }, wanted)
    assert.are.equal(require "cme.json".null,
      project.spec(one, nil, { failback_after = 9 }, { stay = true }).failback_after)
    assert.are.equal(9, project.spec(one, nil, { failback_after = 9 }, {}).failback_after)
  end)

  it("completes what CreateProject got", function()
    assert.are.same({
      MainInput = pull "https://a.example/x.flv", BackupInput = pull "srt://a.example:9000?streamid=x",
      Outputs = { { Id = "made", Name = "", Type = "URL", PushUrl = "rtmp://b.example/live/k" },
        { Id = "7", Name = "推流", Type = "URL", PushUrl = "rtmps://[::1]:443/live/k" } },
    }, check {
      MainInput = pull "https://a.example/x.flv", BackupInput = pull "srt://a.example:9000?streamid=x",
      Outputs = { { PushUrl = "rtmp://b.example/live/k" },
        { Id = "7", Name = "推流", PushUrl = "rtmps://[::1]:443/live/k", Type = "URL" } },
    })
    assert.are.same({ Outputs = {} }, check {})
  end)

  it("tells the engine of a merge, and keeps it in a copy", function()
    local one = record { status = "Working" }
    assert.is_nil(assert(spec_of(one)).merge)
    one.input.Merge, one.input.MergeWindow = true, 1.5
    local told = assert(spec_of(one))
    assert.are.same({ true, 1.5 }, { told.merge, told.merge_window })
    local copy = assert(project.copy(one.input, nil, 0))
    assert.are.same({ true, 1.5 }, { copy.Merge, copy.MergeWindow })
    assert.is_true(info_of(one).StreamConnectProjectInfo.Merge)
  end)

  it("tells whether another node is to stand by, and keeps it in a copy", function()
    local one = record {}
    one.input.Standby = true
    assert.is_true(info_of(one).StreamConnectProjectInfo.Standby)
    assert.is_true(assert(project.copy(one.input, nil, 0)).Standby)
  end)

  it("refuses inputs that it cannot pull", function()
    for _, input in ipairs { pull "", pull "file:///etc/passwd", pull "/etc/passwd", pull "concat:a|b", pull "http://",
      pull "http:///x", pull "http://a b/", pull("http://a/" .. ("x"):rep(2048)), { InputType = "LivePull" },
      { InputType = "Satellite" } } do
      local checked, message, detail = check { BackupInput = input }
      assert.is_nil(checked)
      assert.are.equal("api.InvalidParameterValue.StreamConnectInputInvalid", detail.code)
      assert.matches("^BackupInput", message)
    end
  end)

  it("shows nothing of an input that it refuses", function()
    for _, url in ipairs { "a.example.com/live/sekret", "sekret", "http://u:sekret@/x", "file:///sekret" } do
      local checked, message = check { MainInput = pull(url) }
      assert.is_nil(checked)
      assert.matches("^MainInput.LivePullInputInfo.InputUrl: .", message)
      assert.not_matches("sekret", message)
    end
  end)

  it("refuses outputs that it cannot push, without showing their key", function()
    local fine = { PushUrl = "rtmp://b/live/k" }
    for _, output in ipairs {
      {}, { PushUrl = "" }, { PushUrl = "http://b/live/sekret" }, { PushUrl = "b.example.com/live/sekret" },
      { PushUrl = "sekret" }, { PushUrl = "rtmp:/b/live/sekret" }, { PushUrl = "rtmp://b/live/sekret", Type = "FILE" },
      { PushUrl = "rtmp://b/live/sekret\n" }, { PushUrl = "rtmp://u:sekret@:1935/live" },
      { PushUrl = "rtmp://b/l", Id = ("i"):rep(65) },
      { PushUrl = "rtmp://b/l", Id = "cme:playback" }, { PushUrl = "rtmp://b/l", Name = ("n"):rep(129) },
    } do
      local checked, message, detail = check { Outputs = { fine, output } }
      assert.is_nil(checked)
      assert.are.equal("api.InvalidParameterValue.StreamConnectOutputInvalid", detail.code)
      assert.matches("^Outputs.1", message)
      assert.not_matches("sekret", message)
    end
    local twin = { Id = "a", PushUrl = "rtmp://b/l" }
    local _, message, detail = check { Outputs = { twin, twin } }
    assert.are.equal("api.InvalidParameterValue.StreamConnectOutputInvalid", detail.code)
    assert.matches("another output has it", message)
    local many = {}
    for i = 1, 51 do
      many[i] = fine
    end
    _, _, detail = check { Outputs = many }
    assert.are.equal("api.LimitExceeded", detail.code)
  end)

  it("shows every member that the API has", function()
    for _, status in ipairs { "Idle", "Working" } do
      local info = info_of(record { status = status, started_at = 5, stop_at = 6 })
      for _, field in ipairs(schema.objects.ProjectInfo) do
        assert.is_not_nil(info[field.name], field.name)
      end
      for _, field in ipairs(schema.objects.StreamConnectProjectInfo) do
        assert.is_not_nil(info.StreamConnectProjectInfo[field.name], field.name)
      end
      assert.are.equal(json.null, info.MediaCastProjectInfo)
      assert.are.equal(json.null, info.StreamConnectProjectInfo.BackupInput)
      assert.are.equal(json.null, info.StreamConnectProjectInfo.MainInput.VodPullInputInfo)
    end
    local empty = info_of(record { input = { Outputs = {} } })
    assert.matches('"OutputSet":%[%]', json.encode(empty))
    assert.are.equal("1970-01-01T00:00:01.500Z", empty.UpdateTime)
  end)

  it("shows the times that apply", function()
    local function times(more)
      local info = info_of(record(more)).StreamConnectProjectInfo
      return { info.CurrentStartTime, info.CurrentStopTime, info.LastStopTime }
    end
    assert.are.same({ "", "", "" }, times {})
    assert.are.same({ "1970-01-01T00:00:05.000Z", "", "1970-01-01T00:00:03.000Z" },
      times { status = "Working", started_at = 5, stopped_at = 3 })
    assert.are.same({ "1970-01-01T00:00:05.000Z", "1970-01-01T00:00:09.000Z", "" },
      times { status = "Working", started_at = 5, stop_at = 9 })
    assert.are.same({ "", "", "1970-01-01T00:00:09.000Z" }, times { stopped_at = 9 })
  end)

  it("says what an engine is to do", function()
    local spec = spec_of(record { active = "Backup", stop_at = 9.5 })
    assert.are.same({ project = "p1", revision = 3, inputs = { main = { url = "http://a/x" } }, active = "backup",
      outputs = { { id = "1", name = "o", url = "rtmp://b/l/k" } }, stop_at = 9.5, failover = false,
      failback_after = json.null }, spec)
    assert.is_true(spec_of(record { input = { MainInput = pull "http://a/x", BackupInput = pull "http://b/x",
      Outputs = {} } }).failover)
    assert.is_false(spec_of(record { input = { MainInput = pull "http://a/x", BackupInput = pull "http://b/x",
      Outputs = {} } }, { failover = false }).failover)
    assert.are.equal(30, spec_of(record(), { failover = true, failback_after = 30 }).failback_after)
    assert.matches('"stop_at":null', json.encode(spec_of(record())))
  end)

  it("needs an input and an output for a start, and begins with the main one", function()
    assert.is_true(project.check_startable(record()))
    local backup_only = record { input = { BackupInput = pull "http://a/x", Outputs = { {} } } }
    assert.is_true(project.check_startable(backup_only))
    assert.are.equal("Backup", project.first_active(backup_only.input))
    assert.are.equal("Main", project.first_active { MainInput = pull "http://a/x", BackupInput = pull "http://b/x" })
    assert.are.equal("Main", project.first_active {})
    assert.are.equal("api.InvalidParameterValue.StreamConnectOutputInvalid",
      select(3, project.check_startable(record { input = { MainInput = pull "http://a/x", Outputs = {} } })).code)
    assert.are.equal("api.InvalidParameterValue.StreamConnectInputInvalid",
      select(3, project.check_startable(record { input = { Outputs = { {} } } })).code)
  end)
end)
