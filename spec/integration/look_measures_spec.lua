-- SPDX-License-Identifier: MIT
-- `cme look`: what it measures over each protocol, and broadcasts that end and come again.

local cjson = require "cjson"

local broadcasts = require "spec.support.programs.broadcasts"
local exit = require "cme.cli.exit"
local looking = require "spec.support.programs.looking"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"

describe("what cme look measures", function()
  local server, folder

  setup(function()
    folder = proc.folder()
    server = nginx.start { apps = { "live", "hls" }, hls = { "hls" } }
  end)

  teardown(function()
    proc.cleanup()
  end)

  it("says what it measures, over RTMP, HLS and HTTP-FLV", function()
    local path = looking.film(folder, "film", broadcasts.GOOD.film)
    local flv = looking.serve_flv("live", path)
    broadcasts.publish(server:url("hls", "film"), path)
    server:expect_publish "hls"
    proc.eventually("a playlist", 20, function()
      local file = io.open(("%s/hls/hls/hush-film.m3u8"):format(server.dir))
      return file and file:close()
    end)
    local code, last, all = looking.look("--for", "8s", "--every", "3s", server:url("hls", "film"),
      server:hls_url("hls", "film"), flv)
    assert.equal(3, #last)
    for _, line in ipairs(last) do
      assert.equal("ok", line.state, cjson.encode(line))
      assert.are.same({ "h264", 320, 180, "aac", 48000, 2 }, { line.video.codec, line.video.width, line.video.height,
        line.audio.codec, line.audio.sample_rate, line.audio.channels })
      assert.is_true(math.abs(line.video.fps - 15) < 1 and math.abs(line.video.keyframe_s - 2) < 0.1)
      assert.is_true(line.audio.integrated_lufs < -10 and line.audio.integrated_lufs > -40)
      assert.is_true(line.bitrate_kbps > 50)
      assert.equal(cjson.null, line.delay_ms)
      assert.is_nil(line.url:find "hush", line.url)
    end
    assert.equal(exit.DONE, code)
    local looks = 0
    for _, line in ipairs(all) do looks = looks + (line.kind == "look" and 1 or 0) end
    assert.is_true(looks >= 3)
    proc.stop_all()
    server:up()
  end)

  it("tells of a broadcast that ends while it looks, and of its return", function()
    local path = looking.film(folder, "film", broadcasts.GOOD.film)
    local url = server:url("live", "comes")
    local source = broadcasts.publish(url, path)
    server:expect_publish "live"
    local p = proc.spawn(looking.command("look", "--every", "2s", url), { env = looking.ENV })
    p:expect "rtmp://127%.0%.0%.1:%d+/live/%*%*%*: fine; h264 320x180"
    source:kill "sigkill"
    p:expect("rtmp://127%.0%.0%.1:%d+/live/%*%*%*: gone, was fine", 60)
    broadcasts.publish(url, path)
    p:expect(": fine, was ", 60) -- not "was gone" if a look saw its first half second alone
    p:kill "sigint"
    assert.equal(exit.INTERRUPTED, (p:wait()))
    assert.is_truthy(p.out:find "ADDRESS +VIEWERS +SEEN")
    assert.is_nil(p:output():find "hush")
    proc.stop_all()
    server:up()
  end)

  it("takes a jump of the times for no time that passed", function()
    local still, path = folder .. "/still.flv", folder .. "/jumps.flv"
    local jump = "setts=ts='if(gte(PTS,3/TB),PTS+600/TB,PTS)'"
    local ffmpeg = { "ffmpeg", "-v", "error", "-nostdin" }
    for _, rest in ipairs { { "-f", "lavfi", "-i", "smptebars=s=320x180:r=25", "-f", "lavfi", "-i", "sine=r=48000",
      "-t", "14", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "aac", still },
      { "-i", still, "-c", "copy", "-bsf:v", jump, "-bsf:a", jump, path } } do
      local argv = table.move(rest, 1, #rest, #ffmpeg + 1, { table.unpack(ffmpeg) })
      local code, out, err = proc.run(argv, { name = "ffmpeg", timeout = 60 })
      assert.equal(0, code, out .. err)
    end
    local _, last = looking.look("--for", "8s", "--full", path)
    assert.equal("number", type(last[1].video.unmoved_s), cjson.encode(last))
    assert.is_true(last[1].video.unmoved_s < 300, cjson.encode(last))
  end)

  it("leaves nothing behind", function()
    server:stop()
    assert.are.same({}, proc.cleanup())
  end)
end)
