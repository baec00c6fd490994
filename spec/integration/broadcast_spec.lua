-- SPDX-License-Identifier: MIT
-- The whole road: cme.project -> cme serve -> cme-relay -> nginx-rtmp, with ffmpeg as the sources.

local cme = require "cme"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

local PLATFORMS = { "platform1", "platform2", "platform3" }
local MAIN_BACKUP_MAIN = table.concat({ media.MAIN.size, media.BACKUP.size, media.MAIN.size }, " ")

describe("a broadcast", function()
  local rtmp, serve, sources
  local heard = {} -- what the service and its engines said; a deleted project's log goes with it

  setup(function()
    rtmp = nginx.start { apps = { "source", table.unpack(PLATFORMS) }, record = true }
    serve = service.start { args = { "--failover", "off" } } -- a source that waits for the processor is no loss
    sources = { media.publish(rtmp:url("source", "main"), media.MAIN),
      media.publish(rtmp:url("source", "backup"), media.BACKUP) }
    rtmp:expect_publish("source", 2)
  end)

  teardown(function()
    for _, source in ipairs(sources or {}) do source:stop() end
    if serve then serve:stop() end
    if rtmp then rtmp:stop() end
    proc.cleanup()
  end)

  local function hear()
    for _, text in ipairs(serve:said()) do heard[#heard + 1] = text end
  end

  local serial = 0

  -- A project of its own stream name, so that the cases share the platforms without meeting.
  local function project(options)
    serial = serial + 1
    local stream = "show" .. serial
    local outputs = {}
    for i, app in ipairs(options and options.apps or PLATFORMS) do
      outputs[i] = { name = app, url = rtmp:url(app, stream) }
    end
    for _, output in ipairs(options and options.more or {}) do outputs[#outputs + 1] = output end
    return cme.client(serve:client_options()):project {
      name = stream, owner = "spec", outputs = outputs,
      input = options and options.input or rtmp:url("source", "main"),
      backup = rtmp:url("source", "backup"),
    }, stream
  end

  local function recording_of(app, stream)
    proc.eventually("the recording of " .. stream, 20, function()
      local list = rtmp:publishes(app, stream)
      return #list > 0 and list[#list].ended
    end)
    for _, path in ipairs(rtmp:recordings(app)) do
      if path:find("/" .. rtmp.keys .. stream .. "-", 1, true) then return media.report(path) end
    end
    error("no recording of " .. stream .. " at " .. app)
  end

  local function on_air(stream, apps)
    for _, app in ipairs(apps or PLATFORMS) do
      proc.eventually(stream .. " at " .. app, 20, function() return #rtmp:publishes(app, stream) > 0 end)
    end
  end

  it("reaches every platform, switches to the backup and back on one publish each, and leaves nothing", function()
    local show, stream = project()
    assert(show:start())
    on_air(stream)
    assert.are.equal("working", show:status())
    proc.elapse(4)
    local health = assert(show:health())
    assert.are.same({ "working", "main", "live", "h264", "aac" }, { health.status, health.active,
      health.inputs.main.state, health.inputs.main.video_codec, health.inputs.main.audio_codec })
    for i, app in ipairs(PLATFORMS) do
      assert.are.same({ app, "live", 1 }, { health.outputs[i].name, health.outputs[i].state,
        health.outputs[i].connects })
      assert.is_true(health.outputs[i].packets > 0 and health.outputs[i].bytes > 0)
    end
    assert(show:switch "backup")
    assert.are.equal("backup", assert(show:info()).active)
    proc.elapse(4)
    assert(show:switch "main")
    proc.elapse(4)
    assert(show:stop())
    assert.are.equal("idle", show:status())
    for _, app in ipairs(PLATFORMS) do
      local recording = recording_of(app, stream)
      assert.are.equal("h264", recording.video)
      assert.are.equal("aac", recording.audio)
      assert.are.equal(MAIN_BACKUP_MAIN, recording.looks)
      assert.are.equal(0, recording.backward)
      assert.are.equal(1, #rtmp:publishes(app, stream))
    end
    hear()
    assert(show:delete())
    proc.eventually("the engine to end", 20, function() return #serve:engines() == 0 end)
  end)

  it("goes on without a gap when the service is killed, and the service started again takes it up", function()
    local show, stream = project()
    assert(show:start())
    on_air(stream)
    local engines = serve:engines()
    assert.are.equal(1, #engines)
    proc.elapse(2)
    serve:crash()
    proc.elapse(3)
    serve:up()
    assert.are.equal("working", assert(show:status()))
    assert.are.same(engines, serve:engines())
    assert(show:switch "backup")
    proc.elapse(2)
    assert(show:stop())
    assert.are.equal("idle", show:status())
    for _, app in ipairs(PLATFORMS) do
      local recording = recording_of(app, stream)
      assert.are.equal(1, #rtmp:publishes(app, stream))
      assert.are.equal(0, recording.backward)
      -- A machine with other work may be late to switch: after the last picture of the main source, and nowhere else.
      assert.is_true(#recording.gaps <= 1, #recording.gaps .. " gaps")
      for _, gap in ipairs(recording.gaps) do
        assert.is_true(math.abs(gap.pictures - recording.sizes[1].frames) <= media.MAIN.bframes,
          ("a gap of %g s after %d pictures of %d"):format(gap.seconds, gap.pictures, recording.sizes[1].frames))
      end
    end
    proc.eventually("the engine to end", 20, function() return #serve:engines() == 0 end)
  end)

  it("is stopped on time by its engine while the service is down", function()
    local show, stream = project()
    assert(show:start())
    on_air(stream)
    proc.eventually("a planned end that is not past", 20, function() return show:set_stop_at(os.time() + 3) end)
    serve:crash()
    proc.eventually("the engine to stop by itself", 20, function() return #serve:engines() == 0 end)
    serve:up()
    local info = assert(show:info())
    assert.are.equal("idle", info.status)
    assert.is_number(info.stopped_at)
  end)

  it("is taken up by a new engine when its own is killed", function()
    local show, stream = project()
    assert(show:start())
    on_air(stream)
    local before = serve:engines()
    proc.run { "kill", "-9", tostring(before[1]) }
    proc.eventually("a second publish", 20, function() return #rtmp:publishes(PLATFORMS[1], stream) == 2 end)
    assert.are.equal("working", show:status())
    assert.are_not.same(before, serve:engines())
    assert(show:stop())
  end)

  it("says which platform is dead and serves the others", function()
    local show, stream = project { apps = { "platform1" }, more = {
      { name = "dead", url = ("rtmp://127.0.0.1:%d/live/hushkey"):format(proc.free_port()) },
    } }
    local started, message, detail = show:start()
    assert.is_true(started)
    assert.are.equal("api.FailedOperation.StartStreamConnectPartlyErr", detail.code)
    assert.are.same({ "output", "network.connect" }, { detail.pending[1].what, detail.pending[1].code })
    assert.matches("dead", message)
    assert.matches("refused", message)
    assert.not_matches("hushkey", message)
    on_air(stream, { "platform1" })
    assert.are.equal("working", show:status())
    assert(show:stop())
  end)

  it("says that the source is dead, and takes the backup", function()
    serve:stop()
    serve.options.args = nil
    serve:up()
    local show, stream = project { apps = { "platform1" },
      input = ("rtmp://127.0.0.1:%d/live/gone"):format(proc.free_port()) }
    local started, message, detail = show:start()
    assert.is_true(started)
    assert.are.same({ "input", "main" }, { detail.pending[1].what, detail.pending[1].id })
    assert.matches("main", message)
    on_air(stream, { "platform1" })
    proc.eventually("the service to say backup", 10, function() return assert(show:info()).active == "backup" end)
    local switched, why, about = show:switch "main"
    assert.is_nil(switched)
    assert.matches("main", why)
    assert.are.equal("api.FailedOperation.StreamConnect", about.code)
    assert.are.equal("backup", assert(show:info()).active)
    assert(show:stop())
  end)

  it("keeps stream keys and secrets out of every log", function()
    hear()
    assert.is_true(#heard > 10, "a text each of five engines and three services at least") -- see the cases above
    for _, text in ipairs(heard) do
      assert.not_matches("hushkey", text)
      assert.is_nil(text:find(serve.secret_key, 1, true))
      assert.not_matches("/show%d", text)
    end
  end)
end)
