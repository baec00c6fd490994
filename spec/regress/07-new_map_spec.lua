-- SPDX-License-Identifier: MIT
-- fMP4-HLS with an ad behind a new EXT-X-MAP: another size, another rate, other channels. libavformat skips the second
-- moov, so pictures and sound of the ad were sent with the configuration of the programme. The ad may come while the
-- streams are still being probed.

local cjson = require "cjson"

local read = require "spec.support.files".read
local proc = require "spec.support.proc"
local raw_server = require "spec.support.fakes.raw_server"
local relay = require "spec.support.programs.relay"

local LISTS = {
  { name = "show", size = "320x180", rate = 44100, channels = 2 },
  { name = "ad", size = "640x360", rate = 48000, channels = 1 },
}

local STALL_LIMIT = 60 -- seconds: how long a source may be silent is not the subject here

-- Two segments in a playlist of their own; `seconds` each, from the list's place in the programme on.
local function segment(folder, list, place, seconds)
  local code, _, err = proc.run({ "ffmpeg", "-v", "error", "-nostdin",
    "-f", "lavfi", "-i", ("testsrc2=size=%s:rate=25"):format(list.size),
    "-f", "lavfi", "-i", ("sine=frequency=440:sample_rate=%d"):format(list.rate),
    "-t", tostring(2 * seconds), "-ac", tostring(list.channels), "-c:v", "libx264", "-preset", "ultrafast",
    "-pix_fmt", "yuv420p", "-g", ("%d"):format(25 * seconds), "-bf", "0", "-c:a", "aac",
    "-output_ts_offset", tostring((place - 1) * 2 * seconds),
    "-f", "hls", "-hls_segment_type", "fmp4", "-hls_time", tostring(seconds), "-hls_list_size", "0",
    "-hls_fmp4_init_filename", list.name .. ".mp4", "-hls_segment_filename", ("%s/%s%%d.m4s"):format(folder, list.name),
    ("%s/%s.m3u8"):format(folder, list.name) }, { name = "ffmpeg" })
  assert(code == 0, err)
end

-- The text of the programme and the ad behind it.
local function playlist_of(folder, seconds)
  local playlist = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:3\n#EXT-X-MEDIA-SEQUENCE:0\n"
  for i, list in ipairs(LISTS) do
    segment(folder, list, i, seconds)
    local body = read(("%s/%s.m3u8"):format(folder, list.name)):match("#EXT%-X%-MAP.*"):gsub("#EXT%-X%-ENDLIST\n", "")
    playlist = playlist .. (i > 1 and "#EXT-X-DISCONTINUITY\n" or "") .. body
  end
  return playlist
end

describe("fMP4-HLS with a new EXT-X-MAP", function()
  local server, engine, control
  local seen -- what the input said it carries, one after the other

  -- `holds`: the ad comes once the programme was seen.
  local function serve(seconds, holds)
    local folder = proc.folder()
    local playlist = playlist_of(folder, seconds)
    server = raw_server.start(function(connection)
      local head = connection:request()
      local name = head and head:match "^GET /([%w.]+)"
      while holds and name and name:find "^ad" and not seen[1] and not connection.ended do connection:pause(0.05) end
      if name then connection:answer(name == "all.m3u8" and playlist or read(folder .. "/" .. name)) end
    end)
    engine, control = relay.control()
  end

  before_each(function() seen = {} end)

  after_each(function()
    if control then control:close() end
    if engine then engine:stop() end
    if server then server:stop() end
    control, engine, server = nil, nil, nil
    proc.cleanup()
  end)

  -- Players, and we, begin three segments before the end: the last one of the programme.
  local function expect_ad()
    local input = { url = ("http://127.0.0.1:%d/all.m3u8"):format(server.port) }
    assert(control:request("set", { spec = { project = "p", revision = 1, active = "main", stall_limit = STALL_LIMIT,
      inputs = { main = input, backup = cjson.null },
      outputs = { { id = "1", name = "", url = "rtmp://127.0.0.1:9/live/x" } } } }))
    proc.eventually("the ad's codecs", 30, function()
      local main = control:request "stat".inputs.main
      local codecs = type(main) == "table" and main.codecs
      if type(codecs) ~= "table" then return end
      local text = ("%dx%d %d/%d"):format(codecs.width, codecs.height, codecs.sample_rate, codecs.channels)
      if seen[#seen] ~= text then seen[#seen + 1] = text end
      return text == "640x360 48000/1"
    end)
  end

  it("is followed", function()
    serve(2, true)
    expect_ad()
    assert.are.equal("320x180 44100/2", seen[1])
  end)

  it("is followed while the streams are probed", function()
    serve(0.4)
    expect_ad()
  end)
end)
