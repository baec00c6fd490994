-- SPDX-License-Identifier: MIT
-- `cme look` at what strangers give it: other protocols and codecs, addresses that are no stream, one that hangs.

local films = require "spec.support.films"
local looking = require "spec.support.programs.looking"
local proc = require "spec.support.proc"
local uv = require "luv"

describe("cme look at what strangers give it", function()
  local folder

  setup(function()
    folder = proc.folder()
  end)

  teardown(function()
    proc.cleanup()
  end)

  -- A film of so many seconds, in a codec, with so many channels; 0: no picture.
  local function make(name, seconds, picture, channels, sound)
    local argv = {}
    local function add(...) table.move({ ... }, 1, select("#", ...), #argv + 1, argv) end
    if picture then add("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25") end
    add("-f", "lavfi", "-i", "anoisesrc=c=pink:r=48000:a=0.3")
    if picture then add("-c:v", picture, "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p") end
    if picture == "libx265" then add("-x265-params", "log-level=none") end
    add("-ac", tostring(channels), "-c:a", sound, "-t", tostring(seconds))
    return films.make(("%s/%s"):format(folder, name), argv)
  end

  local function send(path, url)
    proc.spawn({ "ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", path, "-c", "copy", "-f",
      "mpegts", url }, { name = "sender" })
  end

  local function camera()
    local port = proc.free_port()
    proc.spawn({ "/usr/bin/python3", "spec/support/programs/rtsp_server.py", tostring(port), "h264" },
      { name = "camera" }):expect "listening"
    return ("rtsp://127.0.0.1:%d/cam"):format(port)
  end

  -- A server of one answer; nil: it says nothing, for ever.
  local function server(answer)
    local listener = uv.new_tcp()
    assert(listener:bind("127.0.0.1", 0))
    listener:listen(8, function()
      local client = uv.new_tcp()
      listener:accept(client)
      client:read_start(function(_, data)
        if not data then return client:close() end
        if answer then client:write(answer) end
      end)
    end)
    finally(function() listener:close() end)
    return ("127.0.0.1:%d"):format(listener:getsockname().port)
  end

  local function by_name(last, names)
    local found = {}
    for i, name in ipairs(names) do found[name] = last[i] end
    return found
  end

  it("reads RTSP, UDP, HEVC, Opus and sound of six channels, and names sound without a picture", function()
    local udp = ("udp://127.0.0.1:%d"):format(proc.free_port())
    send(make("six.ts", 6, "libx264", 6, "aac"), udp)
    local names = { "camera", "udp", "hevc", "sound" }
    local last = looking.look_until("all of them", function(latest)
      local states, count = {}, 0
      for _, line in pairs(latest) do
        states[line.state] = (states[line.state] or 0) + 1
        count = count + (line.video and line.video ~= require "cjson".null and 1 or 0)
      end
      return count == 3 and states.no_picture == 1
    end, "--every", "2s", camera(), udp, make("hevc.mkv", 60, "libx265", 2, "libopus"),
      make("sound.mp4", 60, nil, 1, "aac"))
    local found = by_name(last, names)
    assert.are.same({ "h264", "aac" }, { found.camera.video.codec, found.camera.audio.codec })
    assert.are.same({ "h264", 6 }, { found.udp.video.codec, found.udp.audio.channels })
    assert.are.same({ "hevc", "opus" }, { found.hevc.video.codec, found.hevc.audio.codec })
    assert.equal(6, #found.udp.audio.levels_db)
    assert.is_true(found.udp.audio.integrated_lufs < 0)
    assert.are.same({ "no_picture", 1 }, { found.sound.state, found.sound.audio.channels })
    proc.stop_all()
  end)

  it("says why an address is no stream, and ends while another hangs", function()
    local page = server "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<html>no</html>"
    local silent = server(nil)
    local last, all = looking.look_until("three that are gone", function(latest)
      local count = 0
      for _, line in pairs(latest) do count = count + (line.state == "gone" and 1 or 0) end
      return count == 3
    end, "--every", "2s", "http://" .. page .. "/hush.flv", "http://" .. silent .. "/x.m3u8",
      "rtmp://" .. silent .. "/live/hush-key")
    assert.are.same({ "gone", "gone", "gone" }, { last[1].state, last[2].state, last[3].state })
    assert.matches("http://127", last[1].error.message)
    for _, line in ipairs(all) do assert.is_nil(line.url:find "hush", line.url) end
  end)

  it("leaves nothing behind", function()
    assert.are.same({}, proc.cleanup())
  end)
end)
