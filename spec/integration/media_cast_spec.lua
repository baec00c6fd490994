-- SPDX-License-Identifier: MIT
-- Media casts: cme.project -> cme serve -> playout (ffmpeg) -> cme-relay -> nginx-rtmp.

local cme = require "cme"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

local A = { size = "320x180", rate = 25, gop = 25, bitrate = "200k", picture = "testsrc2", tone = 440,
  sample_rate = 44100, profile = "main", bframes = 2 }
local B = { size = "240x180", rate = 30, gop = 30, bitrate = "200k", picture = "smptebars", tone = 880,
  sample_rate = 48000, profile = "main", bframes = 0 }
-- Seconds that a machine with other work may be late.
local LATE = 10
local LENGTH = 3 -- seconds of a short source: a look at it must not come too late
local PICTURE = { width = 320, height = 180, bitrate = 300, frame_rate = 25 }

describe("a media cast", function()
  local rtmp, serve, library, client, live
  local unconfirmed, unconfirmed_since -- runs beside the other cases, since its end takes half a minute

  setup(function()
    library = proc.folder()
    media.file(library .. "/first.mp4", LENGTH, A)
    media.file(library .. "/second.flv", LENGTH, B)
    media.file(library .. "/long.mp4", 30, A)
    rtmp = nginx.start { apps = { "source", "platform1", "platform2" }, record = true }
    serve = service.start { args = { "--media", library, "--preset", "ultrafast" } }
    client = cme.client(serve:client_options())
    live = media.publish(rtmp:url("source", "live"), B)
    rtmp:expect_publish "source"
    unconfirmed = client:project { category = "MEDIA_CAST", name = "unconfirmed", owner = "spec",
      sources = { { file_id = "first" } }, outputs = { rtmp:url("platform1", "unconfirmed") },
      play = { loop_count = 100 }, output_media = PICTURE }
    assert(unconfirmed:create())
    unconfirmed_since = os.time()
    assert(client:call("HandleMediaCastProject", { ProjectId = unconfirmed.id, Operation = "Start" }))
  end)

  teardown(function()
    if live then live:stop() end
    if serve then serve:stop() end
    if rtmp then rtmp:stop() end
    proc.cleanup()
  end)

  local serial = 0

  local function project(options)
    serial = serial + 1
    local stream = "cast" .. serial
    local spec = { category = "MEDIA_CAST", name = stream, owner = "spec", output_media = PICTURE,
      sources = { { file_id = "first" }, { file_id = "second" } },
      outputs = { { name = "one", url = rtmp:url("platform1", stream) },
        { name = "two", url = rtmp:url("platform2", stream) } } }
    for name, value in pairs(options or {}) do spec[name] = value end
    return client:project(spec), stream
  end

  local function on_air(stream, app)
    proc.eventually(stream .. " at " .. app, 20, function() return #rtmp:publishes(app, stream) > 0 end)
  end

  local function recording_of(app, stream)
    proc.eventually("the recording of " .. stream, 20, function()
      local list = rtmp:publishes(app, stream)
      return #list > 0 and list[#list].ended
    end)
    local list = {}
    for _, path in ipairs(rtmp:recordings(app)) do
      if path:find(stream .. "-", 1, true) then list[#list + 1] = media.report(path) end
    end
    assert(#list > 0, "no recording of " .. stream .. " at " .. app)
    return list
  end

  -- No picture is missing, though a machine with other work may be late with any; a source that came too late may have
  -- been asked for again.
  local function assert_all(frames, recording)
    assert.is_true(recording.frames >= frames, recording.frames .. " pictures")
  end

  -- The processes of a project: its engine, its playout, and what that has started.
  local function processes_of(show)
    local list = proc.matching("/relays/" .. show.id)
    for _, pid in ipairs(list) do
      local children = io.open(("/proc/%d/task/%d/children"):format(pid, pid))
      for child in (children and children:read "a" or ""):gmatch "%d+" do list[#list + 1] = tonumber(child) end
      if children then children:close() end
    end
    return list
  end

  local function nothing_left(show)
    proc.eventually("every process of the project to end", 10, function() return #processes_of(show) == 0 end)
  end

  -- The sources that began to play so far, as the playout says.
  local function played(show)
    local list = {}
    for line in io.lines(("%s/relays/%s.play.log"):format(serve.state, show.id)) do
      if line:find('"playing"', 1, true) then list[#list + 1] = line:match '"source_id":"([^"]+)"' end
    end
    return list
  end

  it("plays its list in order as often as LoopCount says on one publish each, and is Idle then", function()
    local show, stream = project { play = { loop_count = 2 } }
    assert(show:start())
    on_air(stream, "platform1")
    assert.is_true(#processes_of(show) >= 3)
    local ids = {}
    for i, source in ipairs(assert(show:info()).sources) do ids[i] = source.id end
    local at = proc.eventually("the second round", 20, function()
      local position = show:position()
      return position and position.loops == 1 and position
    end)
    assert.is_truthy(at.source == ids[1] or at.source == ids[2])
    proc.eventually("the end of the list", 20, function() return show:status() == "idle" end)
    assert.are.same({ ids[1], ids[2], ids[1], ids[2] }, played(show))
    local described = assert(client:call("DescribeProjects", { ProjectIds = { show.id } })).ProjectInfoSet[1]
    assert.is_true(described.MediaCastProjectInfo.Duration > 4 * LENGTH - 1)
    for _, app in ipairs { "platform1", "platform2" } do
      local recordings = recording_of(app, stream)
      assert.are.equal(1, #recordings)
      local recording = recordings[1]
      assert.are.equal("h264", recording.video)
      assert.are.equal("aac", recording.audio)
      assert.are.equal("320x180", recording.looks)
      assert.are.equal(0, recording.backward)
      assert_all(4 * LENGTH * A.rate, recording) -- of two sources, twice
      assert.is_true(recording.seconds > 4 * LENGTH - 1, "length " .. recording.seconds)
    end
    nothing_left(show)
    assert(show:delete())
  end)

  it("switches to a live source, outlives a killed service, takes outputs out and back, and ends at EndTime", function()
    local show, stream = project { sources = { { file_id = "long" }, rtmp:url("source", "live") } }
    assert(show:start { stop_at = os.time() + 600 })
    on_air(stream, "platform2")
    local info = assert(show:info())
    assert(show:switch_source(info.sources[2].id))
    assert.are.equal(info.sources[2].id, assert(show:position()).source)
    for _, pid in ipairs(proc.matching(rtmp:url("source", "live"))) do
      assert.are.equal(live.pid, pid) -- nobody else has the source's URL in its arguments
    end
    assert(show:disable_output(info.outputs[1].id))
    assert.are.equal("stopped", assert(show:position()).outputs[1].status)
    local before
    proc.eventually("the playout to have the live source's ffmpeg alone", 10, function()
      before = processes_of(show)
      return #before == 3 -- engine, playout, ffmpeg: the first source's has ended
    end)
    local function packets()
      for _, output in ipairs(assert(show:health()).outputs) do
        if output.id == info.outputs[2].id then return output.packets end
      end
    end
    local sent = packets()
    local crashed_at = os.time()
    serve:crash()
    proc.elapse(6)
    serve:up()
    local up_at = os.time()
    assert.is_true(packets() > sent)
    table.sort(before)
    local after = processes_of(show)
    table.sort(after)
    assert.are.same(before, after)
    local position = assert(show:position())
    assert.are.same({ info.sources[2].id, "stopped", "working" },
      { position.source, position.outputs[1].status, position.outputs[2].status })
    assert(show:enable_output(info.outputs[1].id))
    proc.eventually("a second publish", 20, function() return #rtmp:publishes("platform1", stream) == 2 end)
    local refused, _, detail = show:remove_source(info.sources[2].id)
    assert.are.same({ nil, "api.InvalidParameterValue.OperationInvalid" }, { refused, detail.code })
    local added = assert(show:add_source({ file_id = "second" }, 1))
    assert.are.equal(added, assert(show:info()).sources[1].id)
    assert(show:remove_source(info.sources[1].id))
    proc.eventually("a planned end that is not past", 20, function() return show:set_stop_at(os.time() + 3) end)
    proc.eventually("EndTime", 20, function() return show:status() == "idle" end)
    nothing_left(show)
    local recordings = recording_of("platform2", stream)
    assert.are.equal(1, #recordings)
    assert.are.equal(0, recordings[1].backward)
    -- A busy machine may be late with a picture; none is missing for as long as the service was down.
    for _, gap in ipairs(recordings[1].gaps) do
      assert.is_true(gap.seconds < LATE and gap.seconds < up_at - crashed_at, ("a gap of %g s"):format(gap.seconds))
    end
  end)

  it("goes on when a source cannot be opened and when a live source dies, on one publish", function()
    local url = rtmp:url("source", "brittle")
    local brittle = media.publish(url, A)
    rtmp:expect_publish("source", 2)
    local show, stream = project { sources = { ("http://127.0.0.1:%d/secret.mp4"):format(proc.free_port()), url },
      play = { loop_count = -1 } }
    assert(show:start())
    on_air(stream, "platform1")
    local live_id = assert(show:info()).sources[2].id
    proc.eventually("the live source", 20, function() return assert(show:position()).source == live_id end)
    brittle:destroy()
    local said = serve.state .. "/relays/" .. show.id .. ".play.log"
    proc.eventually("the interruption", 20, function()
      for line in io.lines(said) do
        if line:find '"interrupted"' and line:find(live_id, 1, true) then return true end
      end
      return false
    end)
    assert.is_nil(show:switch_source(assert(show:info()).sources[1].id))
    brittle = media.publish(url, A)
    proc.eventually("the live source to be back", 30, function()
      local play = assert(client:call("HandleMediaCastProject",
        { ProjectId = show.id, Operation = "DescribePlayInfo" })).PlayInfo
      return play.CurrentSourceId == live_id and play.CurrentSourcePosition > 1
    end)
    assert(show:stop())
    nothing_left(show)
    brittle:stop()
    local recordings = recording_of("platform1", stream)
    assert.are.equal(1, #recordings)
    assert.are.equal(0, recordings[1].backward)
    for _, text in ipairs(serve:said()) do
      assert.is_nil(text:find("secret.mp4", 1, true))
    end
  end)

  it("sends the first source as it is when it is followed, and encodes others to its format", function()
    local show, stream = project { output_media = { follow_source = true, width = 640, height = 360 } }
    assert(show:start())
    proc.eventually("a copy", 10, function()
      for _, pid in ipairs(processes_of(show)) do
        local file = io.open(("/proc/%d/cmdline"):format(pid))
        local line = file and file:read "a" or ""
        if file then file:close() end
        if line:find("-c:v\0copy\0-c:a\0copy", 1, true) then return true end
      end
      return false
    end)
    proc.eventually("the end of the list", 20, function() return show:status() == "idle" end)
    local recording = recording_of("platform1", stream)[1]
    assert.are.same({ "h264", "aac", "320x180", 0 },
      { recording.video, recording.audio, recording.looks, recording.backward })
    assert_all(2 * LENGTH * A.rate, recording)
    nothing_left(show)
  end)

  it("starts at AutoStartTime though the service was down then, and ends with its list while it is down", function()
    local start_at = os.time() + 5
    local show, stream = project { play = { auto_start_at = start_at } }
    assert(show:create())
    serve:crash()
    proc.eventually("the time to start", 10, function() return os.time() > start_at end)
    serve:up()
    on_air(stream, "platform1")
    assert.are.equal("working", show:status())
    serve:crash()
    nothing_left(show)
    serve:up()
    assert.are.equal("idle", show:status())
    local stopped, message = show:stop()
    assert.is_nil(stopped)
    assert.matches("played out", message)
  end)

  it("goes on at its source on the same publish when the playout is killed", function()
    local show, stream = project { sources = { { file_id = "first" }, { file_id = "long" } } }
    assert(show:start())
    local long = assert(show:info()).sources[2].id
    proc.eventually("the second source", 20, function() return assert(show:position()).source == long end)
    local playout = proc.matching(show.id .. ".cast")
    assert.are.equal(1, #playout)
    require("luv").kill(playout[1], "sigkill")
    proc.eventually("another playout", 20, function()
      local position = show:position()
      local now = proc.matching(show.id .. ".cast")
      return position and position.source == long and position.seconds > 0 and #now == 1 and now[1] ~= playout[1]
    end)
    assert(show:stop())
    nothing_left(show)
    assert.are.equal(1, #rtmp:publishes("platform1", stream))
    assert.are.equal(0, recording_of("platform1", stream)[1].backward)
  end)

  it("is stopped when nobody confirms it, also by an engine whose service was down meanwhile", function()
    proc.eventually("the end of the unconfirmed run", 45, function() return unconfirmed:status() == "idle" end)
    local stopped, message, detail = unconfirmed:stop()
    assert.is_nil(stopped)
    assert.are.equal("api.InvalidParameterValue.OperationInvalid", detail.code)
    assert.matches("not confirmed within 30 s", message)
    assert.is_true(os.time() - unconfirmed_since >= 29)
    nothing_left(unconfirmed)
  end)
end)
