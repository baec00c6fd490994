-- SPDX-License-Identifier: MIT
-- Media casts: cme.project -> cme serve -> playout (ffmpeg) -> cme-relay -> nginx-rtmp.

local cme = require "cme"
local media = require "spec.support.media"
local nginx = require "spec.support.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.service"

local A = { size = "320x180", rate = 25, gop = 25, bitrate = "200k", picture = "testsrc2", tone = 440,
  sample_rate = 44100, profile = "main", bframes = 2 }
local B = { size = "240x180", rate = 30, gop = 30, bitrate = "200k", picture = "smptebars", tone = 880,
  sample_rate = 48000, profile = "main", bframes = 0 }
local PICTURE = { width = 320, height = 180, bitrate = 300, frame_rate = 25 }

describe("a media cast", function()
  local rtmp, serve, library, client

  setup(function()
    library = proc.folder()
    media.file(library .. "/first.mp4", 4, A)
    media.file(library .. "/second.flv", 4, B)
    rtmp = nginx.start { apps = { "source", "platform1", "platform2" }, record = true }
    serve = service.start { args = { "--media", library, "--preset", "ultrafast" } }
    client = cme.client(serve:client_options())
  end)

  teardown(function()
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

  local function publishes_of(app, stream)
    local list = {}
    for _, publish in ipairs(rtmp:publishes(app)) do
      if publish.name == stream then list[#list + 1] = publish end
    end
    return list
  end

  local function on_air(stream, app)
    proc.eventually(stream .. " at " .. app, 20, function() return #publishes_of(app, stream) > 0 end)
  end

  local function recording_of(app, stream)
    proc.eventually("the recording of " .. stream, 20, function()
      local list = publishes_of(app, stream)
      return #list > 0 and list[#list].ended
    end)
    local list = {}
    for _, path in ipairs(rtmp:recordings(app)) do
      if path:find(stream .. "-", 1, true) then list[#list + 1] = media.report(path) end
    end
    assert(#list > 0, "no recording of " .. stream .. " at " .. app)
    return list
  end

  local function nothing_left()
    proc.eventually(function()
      local left = {}
      for _, pid in ipairs(serve:engines()) do
        local file = io.open("/proc/" .. pid .. "/cmdline")
        left[#left + 1] = file and file:read("a"):gsub("%z", " ") or ""
      end
      return "every process to end: " .. table.concat(left, "\n")
    end, 10, function()
      return #serve:engines() == 0 and #proc.matching "cme-source:" == 0
    end)
  end

  -- Follows which source plays until all of `wanted` have been seen in this order.
  local function see_sources(show, wanted)
    local seen, last = {}, nil
    proc.eventually(function()
      return ("sources %s; seen %s"):format(table.concat(wanted, " "), table.concat(seen, " "))
    end, 30, function()
      local source = assert(show:position()).source
      if source and source ~= last then
        seen[#seen + 1], last = source, source
      end
      return #seen >= #wanted
    end)
    assert.are.same(wanted, seen)
  end

  it("plays its list in order as often as LoopCount says on one publish each, and is Idle then", function()
    local show, stream = project { play = { loop_count = 2 } }
    assert(show:start())
    on_air(stream, "platform1")
    local ids = {}
    for i, source in ipairs(assert(show:info()).sources) do ids[i] = source.id end
    see_sources(show, { ids[1], ids[2], ids[1] })
    assert.are.equal(1, assert(show:position()).loops)
    proc.eventually("the end of the list", 20, function() return show:status() == "idle" end)
    local described = assert(client:call("DescribeProjects", { ProjectIds = { show.id } })).ProjectInfoSet[1]
    local duration = described.MediaCastProjectInfo.Duration
    assert.is_true(duration > 15 and duration < 25, "duration " .. duration)
    for _, app in ipairs { "platform1", "platform2" } do
      local recordings = recording_of(app, stream)
      assert.are.equal(1, #recordings)
      local recording = recordings[1]
      assert.are.equal("h264", recording.video)
      assert.are.equal("aac", recording.audio)
      assert.are.equal("320x180", recording.looks)
      assert.are.equal(0, recording.backward)
      assert.is_true(recording.largest_gap < 0.2, "gap " .. recording.largest_gap)
      assert.is_true(recording.seconds > 14, "length " .. recording.seconds)
    end
    nothing_left()
    assert(show:delete())
  end)
end)
