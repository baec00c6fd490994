-- SPDX-License-Identifier: MIT
-- Changes of a project that is on the air, through the client and a real service, engine and nginx: outputs come and
-- go, inputs are exchanged, lists of files are played and end. What nothing was asked of must not notice.

local api = require "spec.support.api"
local cme = require "cme"
local json = require "cme.json"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"
local uv = require "luv"

local WIDTH = tonumber(media.BACKUP.size:match "^%d+")
local LONG = 10 -- seconds of a file that is played when it is looked at
local MAIN, BACKUP = media.MAIN.size, media.BACKUP.size

describe("a change on the air", function()
  local rtmp, serve, client

  setup(function()
    rtmp = nginx.start { apps = { "source", "a", "b", "c", "d" }, record = true }
    serve = service.start { args = { "--failover", "off" } } -- a source that waits for the processor is no loss
    client = cme.client(serve:client_options())
    media.publish(rtmp:url("source", "main"), media.MAIN)
    media.publish(rtmp:url("source", "backup"), media.BACKUP)
    rtmp:expect_publish("source", 2)
    media.file(rtmp.dir .. "/hls/source/one.mp4", LONG, media.MAIN)
    media.file(rtmp.dir .. "/hls/source/two.mp4", 2, media.MAIN)
  end)

  teardown(function()
    if serve then serve:stop() end
    proc.cleanup()
  end)

  local serial = 0

  local function new_name()
    serial = serial + 1
    return "show" .. serial
  end

  local function output(app, name)
    return { id = app, name = app, url = rtmp:url(app, name) }
  end

  local function project(name, more)
    local spec = { name = name, owner = "spec", input = rtmp:url("source", "main"), outputs = { output("a", name) } }
    for member, value in pairs(more or {}) do spec[member] = value end
    return client:project(spec)
  end

  it("merges main and backup of one encoder, and says how they lie to each other", function()
    local name = new_name()
    -- one stream by two connections: the same packets
    local show = project(name, { backup = rtmp:url("source", "main"), merge = true })
    assert(show:start())
    proc.eventually("both to be aligned", 60, function()
      local merge = assert(show:health()).merge
      return merge and merge.state == "aligned" and merge.taken_main + merge.taken_backup > 0
    end)
    serve.proc:expect '"message":"merge aligned"'
    assert.is_true(assert(show:info()).merge)
    local again = project(name, { backup = rtmp:url("source", "main"), merge = true })
    assert.are.same({}, (assert(again:ensure { status = "working" })))
    local apart = project(name, { backup = rtmp:url("source", "main"), merge = false })
    assert.are.same({ "no longer merge main and backup" }, (assert(apart:ensure { status = "working" })))
    assert.is_nil(assert(show:health()).merge)
    assert(show:stop())
    assert(show:delete())
  end)

  local function publishes(app, name) return rtmp:publishes(app, name) end

  local function expect_on_air(app, name)
    proc.eventually(name .. " at " .. app, 20, function() return #publishes(app, name) > 0 end)
  end

  local function expect_end(app, name)
    return proc.eventually(("the end of %s at %s"):format(name, app), 20, function()
      local list = publishes(app, name)
      return #list > 0 and list[#list].ended
    end)
  end

  -- The recording of a stream's only publish, complete.
  local function report(app, name)
    expect_end(app, name)
    assert.are.equal(1, #publishes(app, name))
    for _, path in ipairs(rtmp:recordings(app)) do
      if path:find("/" .. rtmp.keys .. name .. "-", 1, true) then return media.report(path) end
    end
    error(("no recording of %s at %s"):format(name, app))
  end

  local function assert_whole(app, name, looks)
    local recording = report(app, name)
    assert.are.same({ looks, "h264", "aac", 0 }, { recording.looks, recording.video, recording.audio,
      recording.backward })
    assert.is_true(recording.largest_gap < 0.3, ("largest gap %g s at %s"):format(recording.largest_gap, app))
    return recording
  end

  it("gives an added output picture, moves one, ends a removed one, and touches no other", function()
    local name = new_name()
    local show = project(name, { outputs = { output("a", name), output("b", name) } })
    assert(show:start())
    local info = assert(show:info())
    assert.is_true(math.abs(info.stop_at - info.started_at - 7200) < 60) -- the default
    proc.elapse(1)
    assert.are.equal("c", show:add_output(output("c", name)))
    expect_on_air("c", name)
    assert(show:set_output { id = "b", url = rtmp:url("d", name) })
    expect_on_air("d", name)
    assert.is_number(expect_end("b", name))
    assert.are.same({}, { publishes("a", name)[1].ended, publishes("c", name)[1].ended })
    proc.elapse(2)
    assert(show:set_output { id = "c", name = "renamed" })
    assert(show:remove_output "c")
    assert.is_number(expect_end("c", name))
    assert.is_nil(publishes("a", name)[1].ended)
    assert(show:stop())
    assert_whole("a", name, MAIN)
    for _, app in ipairs { "b", "c", "d" } do assert_whole(app, name, MAIN) end
    assert(show:delete())
  end)

  it("exchanges the inputs one after the other, as ensure does it, on one publish", function()
    local name = new_name()
    local show = project(name)
    assert(show:start())
    expect_on_air("a", name)
    local _, message, detail = show:set_input("main", rtmp:url("source", "backup"))
    assert.are.equal("api.FailedOperation.StreamConnect", detail.code)
    assert.matches("its main input is on air: SwitchInput to the other one first", message, 1, true)
    assert.are.equal("api.FailedOperation.StreamConnect", select(3, show:remove_input "main").code)
    local wanted = client:project { name = name, owner = "spec", input = rtmp:url("source", "backup"),
      outputs = { output("a", name), output("b", name) } }
    assert.are.same({ "add output 'b'", "add the backup input", "switch to the backup input", "change the main input",
      "switch to the main input", "remove the backup input" }, wanted:ensure { status = "working" })
    assert.are.same({}, wanted:ensure { status = "working" })
    local info = assert(wanted:info())
    assert.are.same({ "main", rtmp:url("source", "backup") }, { info.active, info.inputs.main.url })
    assert.is_nil(info.inputs.backup)
    expect_on_air("b", name)
    assert(wanted:stop())
    local recording = report("a", name)
    assert.are.same({ MAIN .. " " .. BACKUP, 0 }, { recording.looks, recording.backward })
    assert(wanted:delete())
  end)

  it("may be one of the input on air when the service is told so: destinations stay connected", function()
    local own = service.start { args = { "--active-input", "change" } }
    local name = new_name()
    local show = cme.client(own:client_options()):project { name = name, owner = "spec",
      input = rtmp:url("source", "main"), outputs = { output("a", name) } }
    assert(show:start())
    proc.elapse(1)
    assert(show:set_input("main", rtmp:url("source", "backup")))
    assert.are.equal("api.FailedOperation.StreamConnect", select(3, show:remove_input "main").code)
    local sent
    proc.eventually("the new picture at the destination", 20, function()
      local health = assert(show:health())
      local packets = health.inputs.main.width == WIDTH and health.outputs[1].packets
      sent = sent or packets or nil
      return packets and packets > sent + 100
    end)
    assert(show:stop())
    local recording = report("a", name)
    assert.are.same({ MAIN .. " " .. BACKUP, 0 }, { recording.looks, recording.backward })
    own:stop()
  end)

  it("is made by the engine alone when an input is lost and comes again, and the service is told so", function()
    local own = service.start { args = { "--failback", "1s" } }
    local name = new_name()
    local source = media.publish(rtmp:url("source", name), media.MAIN)
    rtmp:expect_publish("source", 3)
    local show = cme.client(own:client_options()):project { name = name, owner = "spec",
      input = rtmp:url("source", name), backup = rtmp:url("source", "backup"), outputs = { output("a", name) } }
    assert(show:start())
    source:stop()
    proc.eventually("the backup on air", 20, function() return assert(show:info()).active == "backup" end)
    source = media.publish(rtmp:url("source", name), media.MAIN)
    proc.eventually("the main input on air", 20, function() return assert(show:info()).active == "main" end)
    proc.elapse(1)
    assert(show:stop())
    source:stop()
    local recording = report("a", name)
    -- A busy machine may be late with the source once more.
    assert.matches("^" .. table.concat({ MAIN, BACKUP, MAIN }, " "), recording.looks)
    assert.are.equal(0, recording.backward)
    own:stop()
  end)

  it("is in force after a crash between the store and the engine", function()
    local name = new_name()
    local show = project(name)
    assert(show:start())
    expect_on_air("a", name)
    local engine = serve:engines()[1]
    proc.halt(engine) -- so that it cannot take the change
    local body = assert(json.encode { Platform = "test", ProjectId = show.id, Operation = "AddOutput",
      OutputInfo = { Id = "b", PushUrl = rtmp:url("b", name) } })
    local argv = { "curl", "-s", "--max-time", "90", "--data-binary", body, serve.url .. "/" }
    for _, header in ipairs(api.headers(serve, "HandleStreamConnectProject", body, {})) do
      argv[#argv + 1] = "-H"
      argv[#argv + 1] = header
    end
    local request = proc.spawn(argv, { name = "AddOutput" })
    proc.eventually("the change to be stored", 10, function() return #assert(show:info()).outputs == 2 end)
    serve:crash()
    request:wait()
    assert.are.equal("", request.out) -- it was not acknowledged, and is done all the same, as the store says
    uv.kill(engine, "sigcont")
    serve:up()
    assert.are.same({ engine }, serve:engines())
    expect_on_air("b", name)
    assert.is_nil(publishes("a", name)[1].ended)
    assert(show:stop())
    assert(show:delete())
  end)

  local function list(...)
    local urls = {}
    for i, file in ipairs { ... } do urls[i] = ("http://127.0.0.1:%d/hls/source/%s"):format(rtmp.http_port, file) end
    return { vod = urls }
  end

  it("ends a run when its list is played out, and says where it is until then", function()
    local name = new_name()
    local show = project(name, { input = list("one.mp4", "two.mp4") })
    assert(show:start())
    local position = assert(show:position())
    assert.matches("/one%.mp4$", position.url)
    assert.is_true(position.seconds > 0 and position.seconds <= LONG)
    proc.eventually("the run to end", 20, function() return show:status() == "idle" end)
    assert_whole("a", name, MAIN)
    local _, message = show:stop()
    assert.matches("played out", message)
    assert.are.equal("invalid.no_position", select(3, show:position()).code)
    assert(show:start()) -- the earlier end is not this run's
    assert.are.equal("working", show:status())
    assert(show:stop())
    assert(show:delete())
  end)

  it("does not play a list again that was played out while the service was down", function()
    local name = new_name()
    local show = project(name, { input = list "two.mp4" })
    show:start()
    serve:crash()
    proc.eventually("the engine to end by itself", 20, function() return #serve:engines() == 0 end)
    serve:up()
    assert.are.equal("idle", show:status())
    assert.are.same({}, serve:engines())
    assert.are.equal(1, #publishes("a", name))
    assert(show:delete())
  end)

  it("takes the name, makes a copy that runs beside it, and lists platforms", function()
    local name = new_name()
    local show = project(name)
    assert(show:start())
    assert(show:rename "other")
    local copy = client:project(assert(client:call("CopyProject", { ProjectId = show.id, Name = "copy" })).ProjectId)
    assert.are.same({ "working", "idle" }, { show:status(), copy:status() })
    assert(copy:set_output { id = "a", url = rtmp:url("b", name) })
    assert(copy:start())
    expect_on_air("b", name)
    assert.is_nil(publishes("a", name)[1].ended)
    for _, each in ipairs { copy, show } do
      assert(each:stop())
      assert(each:delete())
    end
    assert.are.equal("test", assert(client:call("DescribePlatforms", {})).PlatformInfoSet[1].Platform)
  end)
end)

describe("cme serve with options", function()
  teardown(function() proc.cleanup() end)

  it("refuses calls past its limit", function()
    local serve = service.start { args = { "--rate-limit", "1" } }
    local codes = {}
    proc.eventually("two calls in a second", 20, function()
      for _ = 1, 2 do
        local response = api.call(serve, "DescribeProjects", {})
        codes[response.Error and response.Error.Code or "done"] = true
      end
      return codes.RequestLimitExceeded
    end)
    assert.are.same({ done = true, RequestLimitExceeded = true }, codes)
    serve:stop()
  end)

  it("does not start with one that it does not know", function()
    for _, args in ipairs { { "--rate-limit", "0" }, { "--default-stop", "soon" }, { "--failover", "maybe" } } do
      local code, _, err = proc.run { "bin/cme", "serve", "--listen", "127.0.0.1:0", "--state", proc.folder(),
        table.unpack(args) }
      assert.are.equal(2, code)
      assert.matches(args[1]:gsub("%-", "%%-"), err)
    end
  end)
end)
