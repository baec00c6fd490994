-- SPDX-License-Identifier: MIT
-- `cme look` and cme-look: broadcasts of real servers, good and broken, and what is said of them.

local cjson = require "cjson"

local broadcasts = require "spec.support.programs.broadcasts"
local exit = require "cme.cli.exit"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"

describe("cme look", function()
  local SECONDS = 8 -- of a film, which is shown again and again
  local PATIENCE = 60 -- seconds for what takes fifteen on an idle machine
  local server, folder, env

  setup(function()
    folder = proc.folder()
    env = { LC_ALL = "C.UTF-8", TERM = "dumb" }
    server = nginx.start { apps = { "live", "hls" }, hls = { "hls" } }
  end)

  teardown(function()
    proc.cleanup()
  end)

  local function make(name, kind, seconds)
    return broadcasts.make(("%s/%s.flv"):format(folder, name), kind, seconds or SECONDS, 11)
  end

  local function command(...)
    return { "bin/cme", ... }
  end

  -- The objects of a text.
  local function objects(out)
    local list = {}
    for text in out:gmatch "[^\n]+" do list[#list + 1] = cjson.decode(text) end
    return list
  end

  -- Looks with --json; gives the exit code, the last lines by the name that their address ends in, and all lines.
  local function look(...)
    local code, out, err = proc.run(command("look", "--json", ...), { env = env, timeout = 180 })
    assert.equal("", err, out)
    local all, last = objects(out), {}
    for _, line in ipairs(all) do
      if not line.kind then last[#last + 1] = line end
    end
    return code, last, all
  end

  -- Looks until what it has said by now, by address, is what is waited for; gives the last lines.
  local function look_until(what, condition, ...)
    local p = proc.spawn(command("look", "--json", ...), { env = env })
    proc.eventually(function() return what .. ":\n" .. p.out end, PATIENCE, function()
      local latest = {}
      for _, line in ipairs(objects(p.out)) do
        if not line.source then latest[line.url] = line end
      end
      return condition(latest)
    end)
    p:kill "sigterm"
    p:wait()
    local last = {}
    for _, line in ipairs(objects(p.out)) do
      if not line.kind then last[#last + 1] = line end
    end
    return last
  end

  -- A server of HTTP-FLV that plays a file again and again.
  local function serve_flv(name, path)
    local url = ("http://127.0.0.1:%d/hush-%s.flv"):format(proc.free_port(), name)
    proc.spawn({ "ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", path, "-c", "copy", "-f",
      "flv", "-listen", "1", url }, { name = "http-flv" })
    return url
  end

  it("names what is wrong with a broadcast, and nothing where all is well", function()
    local names, urls, kinds = {}, {}, {}
    for name, kind in pairs(broadcasts.BROKEN) do
      names[#names + 1], kinds[name] = name, kind
    end
    for _, name in ipairs { "film", "dark_film", "title_card" } do
      names[#names + 1], kinds[name] = name, broadcasts.GOOD[name]
    end
    for i, name in ipairs(names) do
      local path = make(name, kinds[name])
      if name == "sound_only" then -- which nginx-rtmp sends to nobody
        urls[i] = serve_flv(name, path)
      else
        urls[i] = server:url("live", name)
        broadcasts.publish(urls[i], path)
      end
    end
    server:expect_publish("live", #names - 1)
    urls[#urls + 1] = server:url("live", "nobody")
    names[#names + 1], kinds.nobody = "nobody", { state = "gone" }
    local code, last = look("--for", "20s", table.unpack(urls))
    assert.equal(exit.PARTLY, code)
    local found, expected = {}, {}
    for i, name in ipairs(names) do
      found[name], expected[name] = last[i].state, kinds[name].state
    end
    assert.are.same(expected, found)
    proc.stop_all()
    server:up()
  end)

  it("says what it measures, over RTMP, HLS and HTTP-FLV", function()
    local path = make("film", broadcasts.GOOD.film)
    local flv = serve_flv("live", path)
    broadcasts.publish(server:url("hls", "film"), path)
    server:expect_publish "hls"
    proc.eventually("a playlist", 20, function()
      local file = io.open(("%s/hls/hls/hush-film.m3u8"):format(server.dir))
      return file and file:close()
    end)
    local code, last, all = look("--for", "8s", "--every", "3s", server:url("hls", "film"),
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
    local path = make("film", broadcasts.GOOD.film)
    local url = server:url("live", "comes")
    local source = broadcasts.publish(url, path)
    server:expect_publish "live"
    local p = proc.spawn(command("look", "--every", "2s", url), { env = env })
    p:expect "rtmp://127%.0%.0%.1:%d+/live/%*%*%*: fine; h264 320x180"
    source:kill "sigkill"
    p:expect("rtmp://127%.0%.0%.1:%d+/live/%*%*%*: gone, was fine", 60)
    broadcasts.publish(url, path)
    p:expect(": fine, was gone", 60)
    p:kill "sigint"
    assert.equal(exit.INTERRUPTED, (p:wait()))
    assert.is_truthy(p.out:find "ADDRESS +VIEWERS +SEEN")
    assert.is_nil(p:output():find "hush")
    proc.stop_all()
    server:up()
  end)

  it("measures how late viewers are by the source, also through a re-encode to another size", function()
    local path = make("long", broadcasts.GOOD.film, 90) -- a film that comes again would be late by its length, too
    local main, late = server:url("live", "main"), server:url("live", "late")
    broadcasts.publish_late(main, late, path, 4)
    server:expect_publish("live", 2)
    local last = look_until("4 s of delay", function(latest)
      local _, line = next(latest)
      return line and line.state == "late" and line.delay_ms and math.abs(line.delay_ms - 4000) <= 200
    end, "--every", "3s", "--source", main, late)
    assert.equal("late", last[1].state)
    assert.is_true(math.abs(last[1].delay_ms - 4000) <= 200, cjson.encode(last[1]))
    proc.stop_all()
    server:up()
  end)

  it("refuses what is no address, and says so in Chinese", function()
    local code, _, err = proc.run(command("--language", "zh-CN", "look", "gopher://127.0.0.1/x"), { env = env })
    assert.is_true(code ~= 0)
    assert.is_truthy(err:find "cme look：" or err:find "cme look:", err)
    assert.equal(exit.USAGE, (proc.run(command("look", "--for", "10", "rtmp://127.0.0.1/a/b"), { env = env })))
  end)

  it("leaves nothing behind", function()
    server:stop()
    assert.are.same({}, proc.cleanup())
  end)
end)
