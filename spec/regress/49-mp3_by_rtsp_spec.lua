-- SPDX-License-Identifier: MIT
-- MP3 that came by RTSP was taken for MP2 without a sample rate: RTP has one name for the layers of MPEG audio. A
-- recording of it ended the process that wrote it.

local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"

local PIPELINE = "( filesrc location=%s ! qtdemux name=d  d.video_0 ! queue ! h264parse ! rtph264pay name=pay0 pt=96 "
  .. "d.audio_0 ! queue ! mpegaudioparse ! rtpmpapay name=pay1 pt=97 )"

describe("MPEG audio by RTSP", function()
  local folder

  setup(function() folder = proc.folder() end)
  teardown(function() assert.are.same({}, proc.cleanup()) end)

  local function film()
    local path = folder .. "/film.mp4"
    local code, out, err = proc.run { "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25",
      "-f", "lavfi", "-i", "sine=sample_rate=44100", "-t", "30", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25",
      "-pix_fmt", "yuv420p", "-c:a", "libmp3lame", "-ac", "2", path }
    assert(code == 0, out .. err)
    return path
  end

  -- An engine that reads the pipeline's stream and records it.
  local function record(pipeline)
    local port = proc.free_port()
    local server = proc.spawn({ "/usr/bin/python3", "spec/support/programs/rtsp_server.py", tostring(port), pipeline },
      { name = "RTSP server" })
    server:expect "listening"
    local engine, control = relay.control()
    assert(control:request("set", { spec = { project = "p", revision = 1, stall_limit = 5,
      inputs = { main = { url = ("rtsp://127.0.0.1:%d/cam"):format(port) } },
      outputs = { { id = "r", record = { folder = folder, name = "r" } } } } }))
    return engine, control
  end

  it("is read and recorded as what its frames say", function()
    local engine, control = record(PIPELINE:format(film()))
    local codecs = proc.eventually("the codecs", 60, function()
      local found = assert(control:request "stat").inputs.main.codecs
      return type(found) == "table" and found.audio and found
    end)
    assert.are.same({ "mp3", 44100, 2 }, { codecs.audio, codecs.sample_rate, codecs.channels })
    proc.eventually("packets of the recording", 60, function() return (control:output("r").packets or 0) > 200 end)
    local path = folder .. "/" .. control:output("r").file
    control:request "stop"
    engine:wait()
    assert.are.same({ video = "h264", audio = "mp3" }, media.streams(path))
    control:close()
    proc.stop_all()
  end)
end)
