-- SPDX-License-Identifier: MIT
-- A service whose database was lost ended the broadcasts that it did not know, without a word.

local adoption = require "cme.server.adoption"
local api = require "spec.support.api"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"
local task = require "cme.task"
local time = require "cme.time"

describe("a running engine", function()
  it("is a stranger to a database that knows nothing of it, or less than it does", function()
    for _, case in ipairs {
      { true, nil, false, { revision = 1 } }, { true, nil, false, nil },
      { false, nil, true, { revision = 1 } }, -- deleted while the service died
      { false, { status = "Working", revision = 1 }, true, { revision = 9 } },
      { false, { status = "Idle", revision = 3 }, true, { revision = 2 } }, -- stopped while the service died
      { true, { status = "Idle", revision = 1 }, true, { revision = 2 } }, -- an old copy was put back
      { false, { status = "Idle", revision = 1 }, true, nil },
    } do
      assert.are.equal(case[1], adoption.is_stranger(case[2], case[3], case[4]))
    end
  end)
end)

describe("the refusal to start", function()
  it("counts the destinations of a stranger, without the service's own preview", function()
    local _, message = adoption.refuse({ { id = "a", category = "STREAM_CONNECT",
      stat = { outputs = { { id = "o" }, { id = require "cme.server.edge.playback".output_id } } } } }, "/state")
    assert.matches("destinations: 1%)", message)
  end)
end)

describe("the look for strangers", function()
  it("asks all engines side by side, and tells them in their order", function()
    local asked, most = 0, 0
    local function request()
      asked = asked + 1
      most = math.max(most, asked)
      task.sleep(0)
      asked = asked - 1
      return { revision = 1 }
    end
    local engines = {
      ids = function() return { "a", "b", "gone", "c" } end,
      connect = function(_, id)
        if id == "gone" then return nil, "no such file", { code = "control.absent" } end
        return { request = request, close = function() end }
      end,
    }
    local store = { get = function() end, has_history = function() return false end }
    local found = assert(adoption.find(store, engines,
      { MEDIA_CAST = { processes = { ids = function() return { "b" } end } } }))
    assert.are.equal(3, most)
    local list = {}
    for i, one in ipairs(found) do list[i] = one.id .. " " .. one.category end
    assert.are.same({ "a STREAM_CONNECT", "b MEDIA_CAST", "c STREAM_CONNECT" }, list)
  end)
end)

describe("cme serve without the database of what runs", function()
  local serve

  local function url(name) return ("rtmp://127.0.0.1:%d/live/%s-hush"):format(proc.free_port(), name) end

  local function handle(id, operation, more)
    local params = { ProjectId = id, Operation = operation }
    for name, value in pairs(more or {}) do params[name] = value end
    return api.call(serve, "HandleStreamConnectProject", params)
  end

  local function describe_project(id)
    return api.call(serve, "DescribeProjects", { ProjectIds = { id } }).ProjectInfoSet[1]
  end

  local function engine_of(id)
    return proc.matching(("%s/relays/%s.sock"):format(serve.state, id))[1]
  end

  local id, engine, at

  before_each(function()
    serve = service.start()
    id = assert(api.call(serve, "CreateProject", { Name = "spec", Category = "STREAM_CONNECT",
      Owner = { Type = "PERSON", Id = "u" }, StreamConnectProjectInput = {
        MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = url "in" } },
        Outputs = { { Name = "o", PushUrl = url "out" } } } }).ProjectId)
    handle(id, "Start")
    at = time.format(os.time() + 3600)
    handle(id, "ModifyCurrentStopTime", { CurrentStopTime = at })
    engine = engine_of(id)
    serve:crash()
    for _, ending in ipairs { "", "-wal", "-shm" } do os.remove(serve.state .. "/cme.db" .. ending) end
  end)

  after_each(function()
    serve:stop()
    proc.cleanup()
  end)

  local function refused(...)
    return proc.run({ "bin/cme", "serve", "--listen", "127.0.0.1:0", "--edge", "off", "--state", serve.state, ... },
      { timeout = 30 })
  end

  it("refuses to start, says what runs, and adopts it when told so", function()
    local code, _, err = refused()
    assert.are.equal(1, code)
    assert.truthy(err:find(("1 broadcast runs that its database does not know: %s (STREAM_CONNECT, until %s, "
      .. "destinations: 1)"):format(id, at), 1, true), err)
    assert.matches("%-%-adopt .* or %-%-end%-running", err)
    assert.are.equal(engine, engine_of(id))
    assert.are.equal(2, (refused("--adopt", "--end-running")))

    serve.options.args = { "--adopt" }
    serve:up()
    local info = describe_project(id)
    assert.are.same({ "Working", (at:gsub("Z$", ".000Z")), engine }, { info.StreamConnectProjectInfo.Status,
      info.StreamConnectProjectInfo.CurrentStopTime, engine_of(id) })
    assert.matches("adopted", info.Fault)
    assert.matches("adopted", handle(id, "SwitchInput", { InputEndpoint = "Backup" }).Error.Message)
    local later = time.format(os.time() + 7200)
    assert.is_nil(handle(id, "ModifyCurrentStopTime", { CurrentStopTime = later }).Error)
    assert.are.equal((later:gsub("Z$", ".000Z")), describe_project(id).StreamConnectProjectInfo.CurrentStopTime)

    serve:crash() -- what was adopted needs no option any more
    serve.options.args = {}
    serve:up()
    assert.are.equal(engine, engine_of(id))
    assert.is_nil(handle(id, "Stop").Error)
    assert.is_nil(engine_of(id))
    info = describe_project(id)
    assert.are.same({ "Idle" }, { info.StreamConnectProjectInfo.Status, info.Fault })
  end)

  it("ends it when told so", function()
    serve.options.args = { "--end-running" }
    serve:up()
    proc.eventually("the engine to be gone", 20, function() return not engine_of(id) end)
    assert.are.equal(0, api.call(serve, "DescribeProjects", {}).TotalCount)
  end)

  it("gives up an adopted one whose engine has gone", function()
    serve.options.args = { "--adopt", "--rate-limit", "off" } -- it is asked again and again
    serve:up()
    require "luv".kill(engine, "sigkill")
    proc.eventually("it to be Idle", 30, function()
      return describe_project(id).StreamConnectProjectInfo.Status == "Idle"
    end)
  end)
end)
