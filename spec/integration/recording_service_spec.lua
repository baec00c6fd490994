-- SPDX-License-Identifier: MIT
-- Recordings as the service keeps them: one folder of the operator's, a command for each finished file, and the health.

local cme = require "cme"
local uv = require "luv"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

describe("cme serve with recordings", function()
  local platform, own, client, folder, told, source

  setup(function()
    folder, told = proc.folder(), proc.folder() .. "/told"
    platform = nginx.start { apps = { "src", "a" } }
    own = service.start { args = { "--recordings", folder, "--recordings-limit", "1G",
      "--recorded", ("echo \"$CME_PROJECT $CME_FILE $CME_INTERRUPTED\" >> %s"):format(told) } }
    client = assert(cme.client(own:client_options()))
    source = media.publish(platform:url("src", "x"), media.SMALL)
    platform:expect_publish "src"
  end)

  teardown(function()
    source:stop()
    own:stop()
    platform:stop()
    assert.same({}, proc.cleanup())
  end)

  local function project(name)
    local show = client:project { name = name, owner = "o", input = platform:url("src", "x"),
      outputs = { platform:url("a", name .. "hush") } }
    assert(show:create())
    return show
  end

  local function record(show, recording)
    return client:call("ModifyProjectRecording", { ProjectId = show.id, Recording = recording })
  end

  local function until_state(show, state)
    return proc.eventually("the recording to be " .. state, 40, function()
      proc.elapse(0.1)
      local health = assert(client:call("DescribeProjectHealth", { ProjectId = show.id }))
      return health.Recording and health.Recording.State == state and health
    end)
  end

  it("records what is on the air, tells of the file and runs the command", function()
    local show = project "gala"
    assert(record(show, { Name = "gala", MaxSeconds = 3600 }))
    assert(show:start())
    local health = until_state(show, "Live")
    assert.equal(1, #health.Outputs)
    assert.truthy(health.Recording.File:match "^gala%-%d+T%d+Z%.mp4$")
    assert.same({ "gala", "Programme", 3600, 0 }, { health.Recording.Name, health.Recording.Of,
      health.Recording.MaxSeconds, health.Recording.MaxBytes })
    assert(show:stop())
    local line = proc.eventually("the command", 20, function()
      local file = io.open(told)
      local text = file and file:read "l"
      if file then file:close() end
      return text
    end)
    assert.equal(("%s %s/%s 0"):format(show.id, folder, health.Recording.File), line)
    assert.equal("h264", media.streams(folder .. "/" .. health.Recording.File).video)
    assert.equal("Idle", client:call("DescribeProjectHealth", { ProjectId = show.id }).Recording.State)
  end)

  it("begins and ends on the air, and the publish goes on", function()
    local show = project "later"
    assert(show:start())
    assert(record(show, { Name = "later", Of = "Main" }))
    until_state(show, "Live")
    assert(record(show, nil))
    local health = assert(client:call("DescribeProjectHealth", { ProjectId = show.id }))
    assert.equal(1, health.Outputs[1].Connects)
    assert(show:stop())
  end)

  it("is a part of a project's spec, which ensure, watch and health() know", function()
    local spec = { name = "ensured", owner = "o", input = platform:url("src", "x"),
      outputs = { platform:url("a", "ensuredhush") }, record = { name = "ensured", max_seconds = 3600 } }
    assert.same({ "create", "start" }, assert(client:project(spec):ensure { status = "working" }))
    local show = client:project(spec)
    assert.same({}, assert(show:ensure()))
    assert.same({ name = "ensured", of = "programme", max_seconds = 3600 }, assert(show:info()).record)
    proc.eventually("health() to tell that it is recorded", 40, function()
      local recording = assert(show:health()).recording
      return recording.state == "live" and recording.file
    end)
    local changes = show:watch { health = true, interval = 0.2, timeout = 60 }
    spec.record.name = "other"
    assert.same({ "change the recording" }, assert(client:project(spec):ensure()))
    local change
    repeat change = assert(changes()) until change.what == "record" and change.new.state == "live"
      and (change.new.file or ""):find "^other"
    changes:close()
    spec.record = false
    assert.same({ "end the recording" }, assert(client:project(spec):ensure()))
    assert.is_nil(assert(show:health()).recording)
    assert(show:stop())
  end)

  -- What the command has been told of a project, a line a file.
  local function lines_of(show)
    local list, file = {}, io.open(told)
    for line in file and file:lines() or function() end do
      local id, path, interrupted = line:match "^(%S+) (%S+) (%d)$"
      if id == show.id then list[#list + 1] = { path:match "[^/]+$", interrupted } end
    end
    if file then file:close() end
    return list
  end

  local function on_air(name)
    local show = project(name)
    assert(record(show, { Name = name }))
    assert(show:start())
    local file = until_state(show, "Live").Recording.File
    proc.eventually("some of it to be written", 40, function()
      return uv.fs_stat(folder .. "/" .. file).size > 20000
    end)
    return show, file
  end

  local function until_told(show, count)
    return proc.eventually("the command to be told", 40, function()
      local list = lines_of(show)
      return #list >= count and list
    end)
  end

  -- Kills a project's engine and its recorder, which might finish the file if it saw its engine go.
  local function kill_engine(show)
    for _, pid in ipairs(proc.matching("relays/" .. show.id)) do
      proc.halt(pid)
      for _, child in ipairs(proc.children(pid)) do uv.kill(child, "sigkill") end
      uv.kill(pid, "sigkill")
    end
  end

  it("tells of the file of an engine that was killed, and records on in another one", function()
    local show, file = on_air "killed"
    kill_engine(show)
    assert.same({ { file, "1" } }, until_told(show, 1))
    assert.equal("h264", media.streams(folder .. "/" .. file).video)
    local again
    proc.eventually("another file", 40, function()
      again = until_state(show, "Live").Recording.File
      return again ~= file and again ~= ""
    end)
    assert(show:stop())
    assert.same({ { file, "1" }, { again, "0" } }, until_told(show, 2))
  end)

  it("tells of the file when it is back, if all were killed", function()
    local show, file = on_air "crashed"
    own:crash()
    kill_engine(show)
    proc.eventually("the engine to be gone", 20, function() return not proc.matching("relays/" .. show.id)[1] end)
    own:up()
    assert.same({ { file, "1" } }, until_told(show, 1))
    until_state(show, "Live")
    assert(show:stop())
    assert.equal("0", until_told(show, 2)[2][2])
  end)

  it("does not tell of a file that is written while the service is away", function()
    local show, file = on_air "away"
    own:crash()
    own:up()
    until_state(show, "Live")
    assert(show:stop())
    assert.same({ { file, "0" } }, until_told(show, 1))
  end)

  it("refuses names that lead elsewhere, and what it cannot record", function()
    local show = project "refused"
    for _, recording in ipairs { { Name = "../x" }, { Name = "" }, { Name = "a/b" }, { Name = ".x" },
      { Name = ("x"):rep(81) }, { Name = "x", Of = "Slate" }, { Name = "x", MaxSeconds = -1 } } do
      local ok, _, detail = record(show, recording)
      assert.is_nil(ok)
      assert.equal("api.InvalidParameterValue", detail.code)
    end
  end)
end)

describe("cme serve without a folder for recordings", function()
  it("says what it needs", function()
    local own = service.start()
    local client = assert(cme.client(own:client_options()))
    local show = client:project { name = "x", owner = "o", input = "rtmp://127.0.0.1/a/b",
      outputs = { "rtmp://127.0.0.1/a/c" } }
    assert(show:create())
    local ok, message, detail = client:call("ModifyProjectRecording", { ProjectId = show.id,
      Recording = { Name = "x" } })
    assert.is_nil(ok)
    assert.equal("api.UnsupportedOperation", detail.code)
    assert.truthy(message:find("start it with --recordings DIR", 1, true))
    own:stop()
    assert.same({}, proc.cleanup())
  end)

  it("does not start with a folder that is none", function()
    local code, _, err = proc.run { "bin/cme", "serve", "--state", proc.folder(), "--listen", "127.0.0.1:0",
      "--edge", "off", "--recordings", "/nonexistent" }
    assert.equal(1, code)
    assert.truthy(err:find("--recordings '/nonexistent': not a folder that can be written to", 1, true), err)
    assert.same({}, proc.cleanup())
  end)
end)
