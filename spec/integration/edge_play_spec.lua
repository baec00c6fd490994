-- SPDX-License-Identifier: MIT
-- Players of others play from cme-edge by RTMP what an encoder pushes, bit by bit.

local edge = require "spec.support.programs.edge"
local encoder = require "spec.support.fakes.encoder"
local flv = require "spec.support.proofs.flv"
local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local token = require "cme.server.edge.token"

local SANITIZED = (os.getenv "CME_BUILD" or ""):find "san" ~= nil -- the sanitizers keep what is freed

local KEY, PLAY = "hush-pushed", "cmepid_1-main"

local function media_tags(tags)
  local found = {}
  for _, tag in ipairs(tags) do
    if tag.type ~= flv.SCRIPT and #tag.data > 0 then found[#found + 1] = tag end
  end
  return found
end

-- One by one: type and every byte. Players give times of their own, and some leave out the very last tags.
local function same(expected, got, left_out)
  expected, got = media_tags(expected), media_tags(got)
  assert.is_true(#expected > 2 * left_out)
  for i, tag in ipairs(got) do
    assert(expected[i], ("tag %d of %d is too many"):format(i, #expected))
    assert(tag.type == expected[i].type and tag.data == expected[i].data,
      ("tag %d (type %d) differs"):format(i, tag.type))
  end
  assert.is_true(#got >= #expected - left_out, #got .. " tags of " .. #expected)
end

local function installed(program)
  return (proc.run { "sh", "-c", "command -v " .. program }) == 0
end

describe("cme-edge", function()
  local it_runs, dir, file

  setup(function()
    dir = proc.folder()
    file = media.file(dir .. "/src.flv", 3, media.SMALL)
    it_runs = edge.start("--viewers", "2")
    it_runs:set { p1 = { key = KEY, play = PLAY }, hidden = "hush-hidden",
      over = { key = "hush-over", play = "cmepid_1-backup", ended = true } }
  end)

  teardown(function()
    it_runs:stop()
    assert.are.same({}, proc.cleanup())
  end)

  local function until_watched(count)
    proc.eventually(count .. " viewers", 20, function() return #it_runs:stat("p1").viewers == count end)
  end

  local function push()
    return proc.run { "ffmpeg", "-v", "error", "-nostdin", "-i", file, "-c", "copy", "-f", "flv", it_runs:url(KEY) }
  end

  -- librtmp leaves out pictures of up to 5 bytes, as the last is; GStreamer what it has not passed on at the end.
  local LEFT_OUT = { ffmpeg = 0, rtmpdump = 1, ["gst-launch-1.0"] = 20 }

  local players = {
    ffmpeg = function(url, path)
      return { "ffmpeg", "-v", "error", "-nostdin", "-rtmp_live", "live", "-i", url, "-c", "copy", "-f", "flv", "-y",
        path }
    end,
    rtmpdump = function(url, path) return { "rtmpdump", "-q", "-v", "-r", url, "-o", path } end,
    ["gst-launch-1.0"] = function(url, path)
      return { "gst-launch-1.0", "-q", "rtmp2src", "location=" .. url, "!", "filesink", "location=" .. path }
    end,
  }

  for program, arguments in pairs(players) do
    it("gives " .. program .. " what comes bit by bit, and the end of it", function()
      if not installed(program) then return pending(program .. " is not installed") end
      it_runs:until_free "p1"
      until_watched(0)
      local path = ("%s/%s.flv"):format(dir, program)
      local player = proc.spawn(arguments(it_runs:play_url(PLAY), path))
      until_watched(1)
      assert.are.equal(0, (push()))
      player:wait()
      same(flv.read(file), flv.read(path), LEFT_OUT[program])
      until_watched(0)
    end)
  end

  it("begins with the last keyframe for who comes later, or with the next one", function()
    it_runs:until_free "p1"
    until_watched(0)
    local source, sent = encoder.connect(it_runs.port), 0
    source:send(encoder.opening("output", KEY))
    source:expect "NetStream.Publish.Start"
    local function send(...)
      for _, body in ipairs { ... } do
        sent = sent + 1
        source:media(flv.tag(flv.VIDEO, sent, body))
      end
      proc.eventually("the edge to have it", 20, function() return it_runs:stat("p1").tags == sent end)
    end
    local function watch(last)
      local viewer = encoder.connect(it_runs.port)
      viewer:send(encoder.viewing("output", it_runs:play_url(PLAY):match "/([^/]+)$"))
      viewer:expect(last)
      return viewer
    end
    local function said(viewer, words)
      local found = {}
      for word in viewer.heard:gmatch(words) do found[#found + 1] = word end
      viewer:close()
      return found
    end
    local key, inter = "\x17\1\0\0\0", "\x27\1\0\0\0"
    send("\x17\0\0\0\0config", key .. "picture 1", inter .. "picture 2", key .. "picture 3", inter .. "picture 4")
    assert.are.same({ "picture 3", "picture 4" }, said(watch "picture 4", "picture %d"))
    for _ = 1, 2100 do source:media(flv.tag(flv.VIDEO, sent, inter)) end -- longer than what is kept
    sent = sent + 2100
    send(inter .. "picture 5")
    local viewer = watch "config"
    send(inter .. "picture 6", key .. "picture 7", inter .. "picture 8")
    viewer:expect "picture 8"
    assert.are.same({ "picture 7", "picture 8" }, said(viewer, "picture %d"))
    source:close()
    until_watched(0)
  end)

  it("is understood by an ffmpeg that comes later", function()
    it_runs:until_free "p1"
    local source = media.replay(it_runs:url(KEY), file)
    proc.eventually("the encoder", 20, function() return it_runs:stat("p1").live end)
    local path = dir .. "/late.flv"
    local code, _, err = proc.run({ "ffmpeg", "-v", "error", "-nostdin", "-i", it_runs:play_url(PLAY), "-t", "2", "-c",
      "copy", "-y", path }, { timeout = 60 })
    assert.are.equal(0, code, err)
    local streams = media.streams(path)
    assert.are.same({ "h264", "aac" }, { streams.video, streams.audio })
    source:stop()
    it_runs.control:expect { event = "viewer", state = "admitted", key_id = "p1", protocol = "rtmp" }
    it_runs.control:expect { event = "viewer", state = "ended", key_id = "p1" }
  end)

  it("says why it refuses, in the player's log and in an event", function()
    local old = token.make(edge.secret, "cmepid_1", "main", os.time() - 3 * token.LIFE)
    for url, words in pairs { [it_runs:play_url(PLAY, old)] = "this play address has expired",
      [it_runs:play_url("cmepid_2-main", old)] = "this is no play address of this service",
      [it_runs:play_url(PLAY, "")] = "this is no play address of this service",
      [it_runs:url("hush-hidden")] = "this is no play address of this service",
      [it_runs:play_url "cmepid_2-main"] = "there is nothing to play",
      [it_runs:play_url "cmepid_1-backup"] = "there is nothing to play" } do
      local code, out, err = proc.run { "ffprobe", "-v", "error", url }
      assert.are_not.equal(0, code)
      assert.is_truthy((out .. err):find(words, 1, true), out .. err)
      it_runs.control:expect { event = "viewer", state = "refused", reason = words }
    end
    assert.is_nil(it_runs.proc.err:find("hush", 1, true))
  end)

  it("lets so many watch and no more, in all and of one address, and encoders publish all the same", function()
    it_runs:until_free "p1"
    until_watched(0)
    local name = it_runs:play_url(PLAY):match "/([^/]+)$"
    local FULL, all = "too many are watching", {}
    for i, said in ipairs { "NetStream.Play.Start", FULL, "NetStream.Play.Start", FULL } do
      all[i] = encoder.connect(it_runs.port, "127.0.0.1", ("127.0.0.%d"):format((i + 1) // 2 + i // 4))
      all[i]:send(encoder.viewing("output", name))
      all[i]:expect(said)
    end
    assert.are.equal(0, (push()))
    all[1]:expect "NetStream.Play.UnpublishNotify"
    for i = 1, #all do
      all[i]:expect_closed()
      all[i]:close()
    end
    until_watched(0)
  end)

  it("gives an engine of another node what comes, whoever watches, and nothing to publish with", function()
    it_runs:until_free "p1"
    until_watched(0)
    it_runs:set { p1 = { key = KEY, play = PLAY, read = "hush-read" } }
    local name, events, all = it_runs:play_url(PLAY):match "/([^/]+)$", it_runs.control.events, {}
    for i, wanted in ipairs { name, "hush-read", name, "hush-read", "hush-read" } do
      all[i] = encoder.connect(it_runs.port, "127.0.0.1", i == 3 and "127.0.0.2" or "127.0.0.1")
      all[i]:send(encoder.viewing("output", wanted))
      all[i]:expect "NetStream.Play.Start"
    end
    local key, stat = it_runs:stat "p1"
    assert.are.same({ 5, 2, 0 }, { #key.viewers, stat.viewers, stat.strangers })
    it_runs:set { p1 = { key = KEY, play = PLAY, read = "hush-read", expires = 1 } }
    all[6] = encoder.connect(it_runs.port)
    all[6]:send(encoder.viewing("output", "hush-read")) -- what was admitted goes on
    all[6]:expect "NetStream.Play.Start"
    it_runs:set { p1 = { key = KEY, play = PLAY, read = "hush-read" } }
    all[7] = encoder.connect(it_runs.port)
    all[7]:send(encoder.opening("output", "hush-read"))
    all[7]:expect "this key is not known here"
    local heard = #events
    assert.are.equal(0, (push()))
    for i = 1, 6 do
      all[i]:expect "NetStream.Play.UnpublishNotify"
      all[i]:expect_closed()
    end
    until_watched(0)
    for _, one in ipairs(all) do one:close() end
    proc.eventually("the gate to have counted them out", 20, function()
      local _, now = it_runs:stat "p1"
      return now.viewers == 0 and now.strangers == 0 and now.connections == 0
    end)
    local ended = 0
    for i = heard + 1, #events do ended = ended + (events[i].event == "viewer" and 1 or 0) end
    assert.are.equal(2, ended)
  end)

  it("parts with a viewer that reads nothing, and costs nobody else a tag", function()
    it_runs:until_free "p1"
    until_watched(0)
    local stuck, source = encoder.connect(it_runs.port), encoder.connect(it_runs.port)
    stuck:send(encoder.viewing("output", it_runs:play_url(PLAY):match "/([^/]+)$"))
    stuck:expect "NetStream.Play.Start"
    stuck:pause()
    local reader = it_runs:read "p1"
    source:send(encoder.opening("output", KEY))
    source:expect "NetStream.Publish.Start"
    local body, sent = "\x17\1\0\0\0" .. ("k"):rep(1024 * 1024), 0
    proc.eventually("the viewer to be sent away", 60, function()
      local watched = #it_runs:stat("p1").viewers
      if watched > 0 and sent < 120 and sent - reader.size // #body < 8 then
        source:media(flv.tag(flv.VIDEO, sent * 40, body))
        sent = sent + 1
      end
      return watched == 0
    end)
    -- Of a machine that is slow to send so much, the kernel parts with it first: it has taken nothing for 10 s.
    local why = { ["play.slow"] = true, ["network.timeout"] = true, ["network.reset"] = true }
    proc.eventually("the event of its end", 20, function()
      for _, event in ipairs(it_runs.control.events) do
        if event.event == "viewer" and event.state == "ended" and why[event.code] then return true end
      end
    end)
    if not SANITIZED then assert.is_true(it_runs:memory() < 256 * 1024 * 1024, it_runs:memory()) end
    source:send(encoder.command("deleteStream", 9, encoder.null))
    assert.are.equal(sent, #media_tags(reader:all()))
    source:close()
    stuck:close()
  end)

  -- By the keys that are set then, and the secret; viewers wait for an encoder meanwhile.
  local TAKEN = {
    ["the key is gone"] = { { hidden = "hush-hidden" } },
    ["the key has ended"] = { { p1 = { key = KEY, play = PLAY, ended = true } } },
    ["the key is played no longer"] = { { p1 = KEY } },
    ["nothing is played any more"] = { { p1 = { key = KEY, play = PLAY } }, false },
    ["tokens are made with another secret"] = { { p1 = { key = KEY, play = PLAY } }, "hush-other" },
  }

  for reason, given in pairs(TAKEN) do
    it("ends viewers when " .. reason, function()
      it_runs:set { p1 = { key = KEY, play = PLAY } }
      it_runs:until_free "p1"
      until_watched(0)
      local one = encoder.connect(it_runs.port)
      one:send(encoder.viewing("output", it_runs:play_url(PLAY):match "/([^/]+)$"))
      one:expect "NetStream.Play.Start"
      it_runs:set(given[1], given[2])
      one:expect "NetStream.Play.UnpublishNotify"
      one:expect_closed()
      one:close()
    end)
  end

  -- An engine of another node that waits for an encoder, and a viewer beside it.
  local function engine_and_viewer()
    it_runs:set { p1 = { key = KEY, play = PLAY, read = "hush-read" } }
    it_runs:until_free "p1"
    until_watched(0)
    local engine, viewer = encoder.connect(it_runs.port), encoder.connect(it_runs.port)
    engine:send(encoder.viewing("output", "hush-read"))
    engine:expect "NetStream.Play.Start"
    viewer:send(encoder.viewing("output", it_runs:play_url(PLAY):match "/([^/]+)$"))
    viewer:expect "NetStream.Play.Start"
    return engine, viewer
  end

  local OTHERWISE_PLAYED = {
    ["not at all"] = { { p1 = { key = KEY, read = "hush-read" } } },
    ["as something else"] = { { p1 = { key = KEY, play = "cmepid_2-main", read = "hush-read" } } },
    ["with another secret"] = { { p1 = { key = KEY, play = PLAY, read = "hush-read" } }, "hush-other" },
  }

  for how, given in pairs(OTHERWISE_PLAYED) do
    it("leaves an engine of another node when the key is played " .. how, function()
      local engine, viewer = engine_and_viewer()
      it_runs:set(given[1], given[2])
      viewer:expect "NetStream.Play.UnpublishNotify"
      viewer:expect_closed()
      viewer:close()
      assert.are.equal(1, #it_runs:stat("p1").viewers)
      assert.are.equal(0, (push()))
      engine:expect "NetStream.Play.UnpublishNotify"
      assert.is_true(#engine.heard > 8192, #engine.heard .. " bytes came")
      engine:expect_closed()
      engine:close()
    end)
  end

  it("ends an engine of another node when it may read no longer, and leaves viewers", function()
    for _, given in ipairs { { key = KEY, play = PLAY }, { key = KEY, play = PLAY, read = "hush-other-read" } } do
      local engine, viewer = engine_and_viewer()
      it_runs:set { p1 = given }
      engine:expect "NetStream.Play.UnpublishNotify"
      engine:expect_closed()
      engine:close()
      until_watched(1)
      viewer:close()
    end
    local engine, viewer = engine_and_viewer()
    it_runs:set { p1 = { key = KEY, play = PLAY, read = "hush-read", ended = true } }
    engine:expect_closed()
    viewer:expect_closed()
    engine:close()
    viewer:close()
  end)

  it("leaves viewers when something else changes", function()
    it_runs:set { p1 = { key = KEY, play = PLAY } }
    local one = encoder.connect(it_runs.port)
    one:send(encoder.viewing("output", it_runs:play_url(PLAY):match "/([^/]+)$"))
    one:expect "NetStream.Play.Start"
    it_runs:set { p1 = { key = KEY, play = PLAY, expires = 1 }, hidden = "hush-hidden" }
    assert.are.equal(1, #it_runs:stat("p1").viewers)
    one:close()
  end)
end)

describe("cme-edge with a viewer that comes again and again", function()
  teardown(function() assert.are.same({}, proc.cleanup()) end)

  local function count(events, members)
    local found = 0
    for _, event in ipairs(events) do
      local fits = true
      for name, value in pairs(members) do fits = fits and event[name] == value end
      found = found + (fits and 1 or 0)
    end
    return found
  end

  it("says so now and then, both ends or neither, and each encoder in time", function()
    local it_runs = edge.start("--viewers", "1000")
    it_runs:set { p1 = { key = KEY, play = PLAY } }
    local name = it_runs:play_url(PLAY):match "/([^/]+)$"
    local all = {}
    for i = 1, 60 do
      all[i] = encoder.connect(it_runs.port)
      all[i]:send(encoder.viewing("output", name))
    end
    for _, one in ipairs(all) do one:expect "NetStream.Play.Start" end
    local source = encoder.connect(it_runs.port)
    source:send(encoder.opening("output", KEY))
    it_runs.control:expect { event = "publisher", state = "admitted", key_id = "p1" }
    for _, one in ipairs(all) do one:close() end
    proc.eventually("all viewers to be gone", 20, function() return #it_runs:stat("p1").viewers == 0 end)
    local events = it_runs.control.events
    local admitted = count(events, { event = "viewer", state = "admitted", key_id = "p1" })
    assert.is_true(admitted >= 20 and admitted < 60, admitted .. " of 60")
    assert.are.equal(admitted, count(events, { event = "viewer", state = "ended", key_id = "p1" }))
    source:close()
    it_runs.control:expect { event = "publisher", state = "ended", key_id = "p1" }
    it_runs:stop()
  end)
end)
