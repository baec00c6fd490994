-- SPDX-License-Identifier: MIT
-- Inputs of cameras and contribution: RTSP, UDP, RTP and SRT, from programs of others.

local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local uv = require "luv"

local USER, PASSWORD, WRITTEN = "operator", "p@ss:hush word", "p%40ss%3Ahush%20word"
local PASSPHRASE = "sekretsekret"

describe("an input", function()
  local folder, show, modern, engine, control

  setup(function()
    folder = proc.folder()
    show = media.file(folder .. "/show.ts", 6, media.SMALL)
    modern = folder .. "/modern.ts"
    local code, out, err = proc.run { "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25",
      "-f", "lavfi", "-i", "sine=sample_rate=48000", "-t", "6", "-c:v", "libx265", "-x265-params", "log-level=none",
      "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "libopus", modern }
    assert(code == 0, out .. err)
  end)

  before_each(function() engine, control = relay.control() end)

  local function close()
    control:close()
    engine:stop()
    for _, secret in ipairs { PASSWORD, WRITTEN, PASSPHRASE, "sekret" } do
      assert.is_nil((engine.out .. engine.err):find(secret, 1, true), "a secret is told")
    end
  end

  after_each(function()
    close()
    proc.stop_all()
  end)

  -- Another engine, which has told nothing yet.
  local function fresh()
    close()
    engine, control = relay.control()
  end

  teardown(function() assert.are.same({}, proc.cleanup()) end)

  local function camera(port, what, ...)
    local server = proc.spawn({ "/usr/bin/python3", "spec/support/programs/rtsp_server.py", tostring(port), what, ... },
      { name = "RTSP server" })
    server:expect "listening"
    return server
  end

  local function send(path, format, url)
    return proc.spawn({ "ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", path, "-c", "copy",
      "-f", format, url }, { name = "sender" })
  end

  local function open(url)
    assert(control:request("set", { spec = { project = "p", revision = 1, stall_limit = 5,
      inputs = { main = { url = url } },
      outputs = { { id = "rec", record = { folder = folder, name = "take" } } } } }))
  end

  local function expect(state) return control:expect({ event = "input", endpoint = "main", state = state }, 60) end

  local function main() return assert(control:request "stat").inputs.main end

  -- Live, with these codecs, and pictures go on.
  local function comes(url, video, audio)
    open(url)
    expect "live"
    local codecs = proc.eventually("the codecs", 20, function()
      local found = main().codecs
      return type(found) == "table" and found.video and found.audio and found
    end)
    assert.are.same({ video, audio }, { codecs.video, codecs.audio })
    assert.are.same({ 320, 180 }, { codecs.width, codecs.height })
    local function sent() return assert(control:request "stat").outputs[1].packets or 0 end
    proc.eventually("packets at the output", 40, function() return sent() > 80 end)
    assert.are.equal(0, main().dts_jumps)
  end

  -- What was recorded of it decodes without a word.
  local function decodes()
    control:request "stop"
    engine:wait()
    local count = 0
    for name in uv.fs_scandir_next, assert(uv.fs_scandir(folder)) do
      if name:find "^take" then
        count = count + 1
        assert.are.equal("", media.complaints(folder .. "/" .. name))
        os.remove(folder .. "/" .. name)
      end
    end
    assert.are.equal(1, count)
  end

  local function refused(url, code, words)
    open(url)
    local down = expect "down"
    assert.are.equal(code, down.code)
    assert.matches(words, down.reason)
    return down
  end

  it("is a camera by RTSP over TCP", function()
    local port = proc.free_port()
    camera(port, "h264")
    comes(("rtsp://127.0.0.1:%d/cam?channel=1"):format(port), "h264", "aac")
    decodes()
  end)

  it("is a camera by RTSP over UDP, with HEVC and Opus", function()
    local port = proc.free_port()
    camera(port, "hevc")
    comes(("rtsp://127.0.0.1:%d/cam?rtsp_transport=udp"):format(port), "hevc", "opus")
    decodes()
  end)

  it("logs in to a camera by digest, and shows nothing of that", function()
    local port = proc.free_port()
    camera(port, "h264", USER, PASSWORD)
    local down = refused(("rtsp://%s:wrong-hush@127.0.0.1:%d/cam"):format(USER, port), "source.refused",
      "not authorized %(http 401%)")
    assert.is_nil(down.reason:find("hush", 1, true))
    fresh()
    comes(("rtsp://%s:%s@127.0.0.1:%d/cam"):format(USER, WRITTEN, port), "h264", "aac")
  end)

  it("is down when the camera goes away, and live when it is back", function()
    local port = proc.free_port()
    local server = camera(port, "h264")
    comes(("rtsp://127.0.0.1:%d/cam"):format(port), "h264", "aac")
    server:destroy()
    expect "down"
    camera(port, "h264")
    expect "live"
  end)

  it("is MPEG-TS by UDP, to one or to many", function()
    local port = proc.free_port()
    local url = ("udp://127.0.0.1:%d"):format(port)
    send(show, "mpegts", url .. "?pkt_size=1316")
    comes(url, "h264", "aac")
    fresh()
    send(modern, "mpegts", ("udp://239.67.77.69:%d?pkt_size=1316&localaddr=127.0.0.1"):format(port))
    comes(("udp://239.67.77.69:%d?localaddr=127.0.0.1"):format(port), "hevc", "opus")
  end)

  it("is MPEG-TS by RTP", function()
    local url = ("rtp://127.0.0.1:%d"):format(proc.free_port() & ~1) -- RTCP has the port behind
    send(show, "rtp_mpegts", url)
    comes(url, "h264", "aac")
  end)

  it("says that nothing comes by UDP", function()
    refused(("udp://127.0.0.1:%d"):format(proc.free_port()), "network.timeout", "no answer within 10 s")
  end)

  it("is SRT from srt-live-transmit, with a passphrase and a stream id", function()
    local port, from = proc.free_port(), proc.free_port()
    local url = ("srt://127.0.0.1:%d"):format(port)
    proc.spawn({ "srt-live-transmit", "-q", "-a:yes", ("udp://:%d"):format(from),
      ("srt://:%d?mode=listener&latency=200&passphrase=%s"):format(port, PASSPHRASE) },
      { name = "srt-live-transmit" })
    send(modern, "mpegts", ("udp://127.0.0.1:%d?pkt_size=1316"):format(from))
    refused(url .. "?passphrase=another%73ekret&connect_timeout=1000", "network.connect",
      "no SRT connection %(nobody listens there, or stream id or passphrase is refused%)")
    fresh()
    comes(url .. "?passphrase=sekret%73ekret&latency=300000&streamid=%23!::r=live/sekret", "hevc", "opus")
  end)

  it("has no other options than those that are listed", function()
    for url, words in pairs {
      ["srt://127.0.0.1:9?latency=200"] = "option 'latency': 10000 to 60000000 microseconds expected",
      ["srt://127.0.0.1:9?ffs=sekret"] = "option 'ffs': unknown %(srt takes mode, latency,",
      ["rtsp://127.0.0.1:9/cam?rtsp_flags=listen"] = "option 'rtsp_flags': unknown",
      ["udp://127.0.0.1:9?reuse=1"] = "option 'reuse': unknown %(udp takes localaddr, sources, buffer_size%)",
    } do
      refused(url, "invalid.url", words)
      fresh()
    end
  end)

  it("comes by no UDP where sources stand at public addresses alone", function()
    for _, url in ipairs { "udp://127.0.0.1:9", "rtp://239.1.1.1:9" } do
      assert(control:request("set", { spec = { inputs = { main = { url = url, public = true } },
        outputs = { { id = "1", name = "", url = "udp://127.0.0.1:9" } } } }))
      local down = expect "down"
      assert.are.equal("source.not_public", down.code)
      assert.matches("UDP and RTP come from the service's own network", down.reason)
      fresh()
    end
    assert(control:request("set", { spec = { inputs = { main = { url = "rtsp://127.0.0.1:9/cam", public = true } },
      outputs = { { id = "1", name = "", url = "udp://127.0.0.1:9" } } } }))
    assert.matches("127%.0%.0%.1 is no public address", expect "down".reason)
  end)
end)
