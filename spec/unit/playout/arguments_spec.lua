-- SPDX-License-Identifier: MIT

local arguments = require "cme.playout.arguments"

local picture = { width = 1280, height = 720, bitrate = 2500, frame_rate = 29.97 }
local both = { duration = 10, video = { index = 1, sar = 1 }, audio = { index = 2 } }

local function play(source, probed, copy)
  return table.concat(arguments.play(source, probed, picture, { preset = "veryfast", copy = copy or false }), " ")
end

describe("cme.playout.arguments", function()
  it("never has the source's place among the arguments", function()
    local source = { id = "s", url = "https://host/live.flv?token=secret" }
    for _, argv in ipairs { arguments.probe(source), arguments.play(source, both, picture, { preset = "fast" }) } do
      local text = table.concat(argv, " ")
      assert.is_nil(text:find("secret", 1, true))
      assert.matches("%-i cme%-source:", text)
    end
    local env = arguments.environment({ PATH = "/bin", TENCENTCLOUD_SECRET_KEY = "k", LD_PRELOAD = "other" },
      source, { secret = "/lib/x.so", public = "/lib/p.so" })
    assert.are.same({ "CME_PLAYOUT_SOURCE=https://host/live.flv?token=secret", "LD_PRELOAD=/lib/x.so", "PATH=/bin" },
      env)
    assert.are.same({ "PATH=/bin" }, arguments.environment { PATH = "/bin" })
  end)

  it("lets a source of public addresses reach no others, and no proxy that would", function()
    local environ = { PATH = "/bin", http_proxy = "http://p:1", https_proxy = "http://p:1", no_proxy = "x" }
    local libraries = { secret = "/lib/x.so", public = "/lib/p.so" }
    assert.are.same({ "CME_PLAYOUT_SOURCE=http://h/a", "LD_PRELOAD=/lib/x.so:/lib/p.so", "PATH=/bin" },
      arguments.environment(environ, { id = "s", url = "http://h/a", public = true }, libraries))
    assert.are.same({ "CME_PLAYOUT_SOURCE=http://h/a", "LD_PRELOAD=/lib/x.so", "PATH=/bin",
      "http_proxy=http://p:1", "https_proxy=http://p:1", "no_proxy=x" },
      arguments.environment(environ, { id = "s", url = "http://h/a" }, libraries))
  end)

  it("allows a source its own protocols and containers only", function()
    local url, path = play({ url = "rtmp://h/a/k" }, both), play({ path = "/media/x.mp4" }, both)
    local protocols = url:match "%-protocol_whitelist (%S+)"
    for _, name in ipairs { "file", "pipe", "concat", "unix", "subfile" } do
      assert.is_nil(("," .. protocols .. ","):find("," .. name .. ",", 1, true))
    end
    assert.matches("%-protocol_whitelist file ", path)
    assert.is_nil(path:find("hls", 1, true))
    assert.is_nil((url .. path):find("concat", 1, true))
    assert.are.equal("file:/media/x.mp4", arguments.location { path = "/media/x.mp4" })
  end)

  it("verifies certificates", function()
    assert.matches("%-tls_verify 1 %-i", play({ url = "HTTPS://h/a.mp4" }, both))
    assert.is_nil(play({ url = "http://h/a.mp4" }, both):find("tls_verify", 1, true))
  end)

  it("keeps the shape of the picture, and sets rate, bitrate and GOP", function()
    local text = play({ url = "http://h/a.mp4" }, both)
    assert.matches("%-map 0:1 %-map 0:2 %-vf scale=1280:720:force_original_aspect_ratio=decrease,pad=1280:720:%-1:%-1,"
      .. "setsar=1,fps=29.97,format=yuv420p %-c:v libx264 %-preset veryfast %-b:v 2500k %-maxrate 2500k", text)
    assert.matches("%-g 60 %-keyint_min 60 ", text)
    local wide = { duration = 10, video = { index = 0, sar = 4 / 3 }, audio = { index = 1 } }
    assert.matches("%-vf scale=trunc%(iw%*1.333/2%)%*2:ih,scale=1280:720", play({ url = "http://h/a.mp4" }, wide))
  end)

  it("plays a part of a file", function()
    local text = play({ path = "/x.mp4", offset = 1.5, duration = 20 }, both)
    assert.matches("%-ss 1.5 %-t 20 %-protocol_whitelist", text)
  end)

  it("makes the track that a source lacks", function()
    assert.matches("%-f lavfi %-i anullsrc=sample_rate=44100:channel_layout=stereo %-shortest %-map 0:0 %-map 1:0",
      play({ path = "/x.mp4" }, { duration = 1, video = { index = 0, sar = 1 } }))
    assert.matches("%-f lavfi %-i color=black:size=1280x720:rate=29.97 %-shortest %-map 1:0 %-map 0:0",
      play({ path = "/x.mp3" }, { duration = 1, audio = { index = 0 } }))
  end)

  it("copies what may be copied", function()
    local text = play({ path = "/x.mp4" }, both, true)
    assert.matches("%-c:v copy %-c:a copy", text)
    assert.is_nil(text:find("libx264", 1, true))
    text = play({ path = "/x.mp4" }, { duration = 1, video = { index = 0, sar = 1 } }, true)
    assert.matches("%-c:v copy .*%-c:a aac", text)
  end)

  it("looks at a live source for a moment only", function()
    assert.matches("%-analyzeduration 1000000 %-fpsprobesize 0", play({ url = "rtmp://h/a" },
      { video = both.video, audio = both.audio }))
    assert.is_nil(play({ url = "http://h/a.mp4" }, both):find("analyzeduration", 1, true))
  end)

  it("makes a filler of the same picture", function()
    local text = table.concat(arguments.filler(picture, "ultrafast"), " ")
    assert.matches("color=black:size=1280x720:rate=29.97 .*anullsrc.*libx264 %-preset ultrafast", text)
    assert.is_nil(text:find("cme%-source"))
  end)
end)
