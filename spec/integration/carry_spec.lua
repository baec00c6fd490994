-- SPDX-License-Identifier: MIT
-- What a destination gets of sources that are not H.264 with AAC: HEVC, MP3, sound alone, a picture alone, raw ADTS;
-- and over addresses that are not plain IPv4.

local uv = require "luv"

local flv = require "spec.support.proofs.flv"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"

describe("cme-relay carries", function()
  local platform, dir

  local function make(name, ...)
    local argv = { "ffmpeg", "-v", "error", "-nostdin", "-i", dir .. "/show.mp4", ... }
    argv[#argv + 1] = dir .. "/" .. name
    local code, _, err = proc.run(argv)
    assert.equal(0, code, err)
  end

  -- Every list is on the air at the same time; each engine ends when its own is played out.
  local engines = {}

  local function play(name, url)
    engines[name] = relay.start("-i", dir .. "/" .. name, "--loop", "0", "-o", url or platform:url("a", name))
  end

  -- A way to the platform from another address, which keeps what the engine sent; nil: no such address here.
  local function between(address)
    local way = { listener = uv.new_tcp(), sent = {} }
    if not way.listener:bind(address, 0) then return nil end
    way.port = way.listener:getsockname().port
    way.listener:listen(4, function()
      local client, server = uv.new_tcp(), uv.new_tcp()
      way.listener:accept(client)
      server:connect("127.0.0.1", platform.port, function()
        client:read_start(function(_, data)
          if not data then return server:shutdown() end
          way.sent[#way.sent + 1] = data
          server:write(data)
        end)
        server:read_start(function(_, data)
          if data then return client:write(data) end
          client:close()
          server:close()
        end)
      end)
    end)
    return way
  end

  setup(function()
    platform = nginx.start { apps = { "a" }, record = true, plain = true }
    dir = proc.folder()
    media.file(dir .. "/show.mp4", 8, media.MAIN) -- an output that is connected late gets the rest
    for _, name in ipairs { "hevc.mp4", "hevc.ts" } do
      make(name, "-c:a", "copy", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error")
    end
    make("mp3.mp4", "-c:v", "copy", "-c:a", "libmp3lame")
    make("sound.mp4", "-c", "copy", "-vn")
    make("picture.mp4", "-c", "copy", "-an")
    make("raw.aac", "-c", "copy", "-vn")
    -- with a cover, which is no picture to relay
    make("cover.jpg", "-frames:v", "1")
    make("mp3.mp3", "-i", dir .. "/cover.jpg", "-map", "0:a", "-map", "1:v", "-c:a", "libmp3lame", "-c:v", "copy",
      "-disposition:v", "attached_pic")
    assert.equal("mjpeg", media.streams(dir .. "/mp3.mp3").video)
    for _, name in ipairs { "mp3.mp4", "sound.mp4", "picture.mp4", "raw.aac", "mp3.mp3" } do play(name) end
  end)

  teardown(function() proc.cleanup() end)

  local function recorded(name)
    assert.equal(0, (engines[name]:wait()), engines[name]:output())
    local found
    proc.eventually("the recording of " .. name, 10, function()
      for _, path in ipairs(platform:recordings "a") do
        if path:find(name, 1, true) then found = path end
      end
      return found
    end)
    return found
  end

  for name, expected in pairs {
    ["mp3.mp4"] = { "h264", "mp3" }, ["sound.mp4"] = { nil, "aac" }, ["picture.mp4"] = { "h264", nil },
    ["raw.aac"] = { nil, "aac" }, ["mp3.mp3"] = { nil, "mp3" },
  } do
    it(("%s as %s with %s"):format(name, expected[1] or "no picture", expected[2] or "no sound"), function()
      local path = recorded(name)
      -- the engine is done, the platform writes on
      proc.eventually("the whole of " .. name, 20, function() return flv.seconds(path) > 1.5 end)
      local report = media.report(path)
      assert.equal(expected[1], report.video)
      assert.equal(expected[2], report.audio)
      assert.equal(0, report.backward)
    end)
  end

  -- Readers of before Enhanced RTMP cannot make anything of it: what went over the wire is looked at.
  -- A TS has no record of the parameter sets, and start codes where RTMP has lengths.
  for _, name in ipairs { "hevc.mp4", "hevc.ts" } do
    it("HEVC as Enhanced RTMP: " .. name, function()
      local way = between "127.0.0.1"
      play(name, ("rtmp://127.0.0.1:%d/a/hevc"):format(way.port))
      assert.equal(0, (engines[name]:wait()), engines[name]:output())
      for what, pattern in pairs { ["a sequence header with a record"] = "\x90hvc1\1",
        ["coded keyframes"] = "[\x91\x93]hvc1", ["coded pictures between them"] = "[\xa1\xa3]hvc1" } do
        proc.eventually(what, 10, function() return table.concat(way.sent):find(pattern) end)
      end
      way.listener:close()
    end)
  end

  it("to an IPv6 address, with a query in the key", function()
    local way = between "::1"
    if not way then return pending "this machine has no IPv6" end
    play("show.mp4", ("rtmp://[::1]:%d/a/key?txSecret=abc&txTime=5F"):format(way.port))
    assert.equal(0, (engines["show.mp4"]:wait()), engines["show.mp4"]:output())
    assert.is_nil(engines["show.mp4"].err:find("abc", 1, true))
    proc.eventually("the key", 10, function()
      return table.concat(way.sent):find("key?txSecret=abc&txTime=5F", 1, true)
    end)
    proc.eventually("picture and sound in its recording", 20, function()
      for _, one in ipairs(platform:recordings "a") do
        if one:find("/key-", 1, true) and flv.seconds(one) > 0.5 then
          local streams = media.streams(one)
          return streams.video == "h264" and streams.audio == "aac"
        end
      end
    end)
    way.listener:close()
  end)
end)
