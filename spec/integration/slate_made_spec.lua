-- SPDX-License-Identifier: MIT
-- That what ffmpeg makes of a programme's measure has that measure, for what encoders send: read by ffprobe before it
-- becomes FLV, whose HEVC ffprobe cannot read.

local form = require "cme.server.slate.form"
local proc = require "spec.support.proc"

local PROGRAMMES = {
  ["1080p30 High"] = { video = "h264", profile = 100, width = 1920, height = 1080, fps = 30.01 },
  ["720p25 Main, 48 kHz"] = { video = "h264", profile = 77, width = 1280, height = 720, fps = 24.98,
    sample_rate = 48000 },
  ["60 fps"] = { video = "h264", profile = 100, width = 640, height = 360, fps = 59.8 },
  ["29.97 fps Baseline"] = { video = "h264", profile = 66, width = 320, height = 180, fps = 29.96 },
  ["mono 44.1 kHz"] = { video = "h264", profile = 100, width = 320, height = 180, fps = 15, channels = 1 },
  ["High 4:2:2"] = { video = "h264", profile = 122, width = 320, height = 180, fps = 25 },
  ["HEVC"] = { video = "hevc", profile = 1, width = 640, height = 360, fps = 30 },
  ["HEVC Main 10, MP3"] = { video = "hevc", profile = 2, width = 320, height = 180, fps = 25, audio = "mp3" },
  ["Opus 5.1"] = { video = "h264", profile = 100, width = 320, height = 180, fps = 25, audio = "opus",
    sample_rate = 48000, channels = 6 },
  ["sound alone"] = { video = false, sample_rate = 44100 },
}
local PROFILES = {
  h264 = { [66] = "Constrained Baseline", [77] = "Main", [100] = "High", [122] = "High 4:2:2" },
  hevc = { "Main", "Main 10" },
}

describe("a slate", function()
  local folder

  setup(function() folder = proc.folder() end)
  teardown(function() proc.cleanup() end)

  local function probe(path, entries)
    local code, out, err = proc.run { "ffprobe", "-v", "error", "-of", "compact=p=0", "-show_entries", entries, path }
    assert.are.same({ 0, "" }, { code, err })
    local rows = {}
    for line in out:gmatch "[^\n]+" do
      local row = {}
      for key, value in line:gmatch "([%w_]+)=([^|]*)" do row[key] = tonumber(value) or value end
      if next(row) then rows[#rows + 1] = row end
    end
    return rows
  end

  local function make(programme)
    local path = folder .. "/slate.mkv"
    local argv = form.arguments(programme, nil, "ultrafast")
    argv[#argv] = path
    local code, _, err = proc.run { "ffmpeg", "-y", table.unpack(argv) }
    assert.are.same({ 0, "" }, { code, err })
    return path
  end

  -- The streams by their kinds, and the packets.
  local function look(path)
    local streams, packets = {}, {}
    for _, row in ipairs(probe(path, "stream=codec_type,codec_name,profile,width,height,has_b_frames,r_frame_rate,"
      .. "sample_rate,channels:packet=codec_type,pts_time,dts_time,flags")) do
      if row.codec_name then streams[row.codec_type] = row else packets[#packets + 1] = row end
    end
    return streams.video, streams.audio, packets
  end

  for name, given in pairs(PROGRAMMES) do
    it("is like " .. name, function()
      local programme = { audio = "aac", sample_rate = 44100, channels = 2 }
      for key, value in pairs(given) do programme[key] = value or nil end
      local video, audio, packets = look(make(programme))
      assert.are.equal(programme.video, video and video.codec_name)
      assert.are.equal(programme.audio, audio and audio.codec_name)
      if audio then
        assert.are.same({ programme.sample_rate, programme.channels }, { audio.sample_rate, audio.channels })
      end
      if not video then return end
      assert.are.same({ PROFILES[programme.video][programme.profile], programme.width, programme.height, 0 },
        { video.profile, video.width, video.height, video.has_b_frames })
      local pictures, seconds = video.r_frame_rate:match "(%d+)/(%d+)"
      assert.is_true(math.abs(pictures / seconds / programme.fps - 1) < 0.01, video.r_frame_rate)
      for _, packet in ipairs(packets) do assert.are.equal(packet.pts_time, packet.dts_time) end
      assert.matches("^K", packets[1].flags)
    end)
  end
end)
