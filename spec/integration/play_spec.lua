-- SPDX-License-Identifier: MIT
-- Inputs that are lists of files: played in order and again, without a gap, only while they are on the air.

local uv = require "luv"

local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"

describe("cme-relay plays a list", function()
  local platform, dir
  local MAIN = "640x360"
  local BACKUP = "480x270"
  local STALL_LIMIT = 6 -- seconds, longer than a busy machine lets a source wait
  local AHEAD = 2 -- seconds that an engine reads before they are due, at most
  local ENTRY = 2 -- seconds of an entry: a busy machine opens those behind it meanwhile
  local LONG = 6 -- seconds of an entry that is long enough to be seen, or for three behind it to be opened

  setup(function()
    platform = nginx.start { apps = { "src", "a" }, record = true }
    dir = platform.dir .. "/hls/src" -- which its http server shows
    media.file(dir .. "/main.mp4", ENTRY, media.MAIN)
    media.file(dir .. "/backup.ts", ENTRY, media.BACKUP)
    media.file(dir .. "/first.mp4", LONG, media.MAIN)
    media.file(dir .. "/last.ts", LONG, media.BACKUP)
    media.file(dir .. "/long.mp4", 30, media.BACKUP)
    assert.equal(0, (proc.run { "ffmpeg", "-v", "error", "-i", dir .. "/main.mp4", "-c:v", "copy", "-c:a", "libmp3lame",
      dir .. "/mp3.flv" }))
    assert.equal(0, (proc.run { "ffmpeg", "-v", "error", "-i", dir .. "/main.mp4", "-c:v", "mjpeg", "-an",
      dir .. "/mjpeg.mov" }))
  end)

  teardown(function() proc.cleanup() end)

  local names = 0

  local function key()
    names = names + 1
    return "list" .. names
  end

  local function http(name)
    return ("http://127.0.0.1:%d/hls/src/%s"):format(platform.http_port, name)
  end

  local function report(name)
    platform:expect_silence "a"
    local found = {}
    for _, path in ipairs(platform:recordings "a") do
      if path:find(name, 1, true) then found[#found + 1] = path end
    end
    assert.equal(1, #found, "one publish of " .. name)
    return media.report(found[1])
  end

  local function start(inputs, name, more)
    local engine, control = relay.control()
    local spec = { project = "p", revision = 1, active = "main", failover = true, stall_limit = STALL_LIMIT,
      inputs = inputs, outputs = { { id = "1", name = "", url = platform:url("a", name) } } }
    for field, value in pairs(more or {}) do spec[field] = value end
    assert(control:request("set", { spec = spec }))
    return engine, control
  end

  local function input(control, endpoint)
    return control:request("stat").inputs[endpoint]
  end

  local function until_state(control, endpoint, state)
    return proc.eventually(endpoint .. " to be " .. state, 20, function()
      local it = input(control, endpoint)
      return it.state == state and it
    end)
  end

  it("by hand: twice through, by HTTP and from disk, one stream without a gap, then ends", function()
    local name = key()
    local engine = relay.start("-i", http "main.mp4", "-i", dir .. "/backup.ts", "--loop", "1", "-o",
      platform:url("a", name))
    assert.equal(0, (engine:wait(60)), engine:output())
    assert.is_truthy(engine.err:find('"event":"stopped","reason":"played_out"', 1, true))
    local it = report(name)
    assert.equal(table.concat({ MAIN, BACKUP, MAIN, BACKUP }, " "), it.looks)
    assert.equal(0, it.backward)
    assert.is_true(it.largest_gap < 0.15, it.largest_gap)
    assert.is_true(math.abs(it.seconds - 4 * ENTRY) < 0.4, it.seconds)
  end)

  it("goes past entries that are missing or have other codecs, and says so", function()
    local name = key()
    local engine, control = start({ main = { urls = { dir .. "/mjpeg.mov", dir .. "/first.mp4",
      http "absent.mp4?key=hidden", dir .. "/mp3.flv", dir .. "/last.ts" } } }, name)
    local unsupported = control:expect { event = "input", code = "media.unsupported" }
    assert.is_truthy(unsupported.reason:find("mjpeg.mov': MPEG-TS does not carry mjpeg", 1, true), unsupported.reason)
    local missing = control:expect { event = "input", code = "source.refused" }
    assert.is_truthy(missing.reason:find("not found (http 404)", 1, true), missing.reason)
    assert.is_nil(missing.reason:find("hidden", 1, true))
    local other = control:expect { event = "input", code = "media.incompatible" }
    assert.is_truthy(other.reason:find("mp3", 1, true), other.reason)
    assert.equal("media.incompatible", input(control, "main").error.code)
    local play = proc.eventually("the last entry", 20, function()
      local at = input(control, "main").play
      return at.index == 4 and at
    end)
    assert.equal(0, play.round)
    assert.equal(dir .. "/last.ts", play.url)
    assert.is_true(play.offset_s >= 0 and play.offset_s < LONG + 0.1, play.offset_s)
    assert.is_true(math.abs(play.played_s - play.offset_s - LONG) < 0.2, play.played_s) -- first.mp4 came before
    assert.equal("played_out", control:expect({ event = "stopped" }).reason)
    assert.equal(0, (engine:wait()), engine:output())
    local it = report(name)
    assert.equal(MAIN .. " " .. BACKUP, it.looks)
    assert.equal(0, it.backward)
    assert.is_true(it.largest_gap < 0.15, it.largest_gap)
  end)

  it("as a backup only while it is on the air, and goes on where it was left", function()
    local name = key()
    local engine, control = start({ main = { urls = { dir .. "/long.mp4" }, loop = -1 },
      backup = { urls = { dir .. "/long.mp4" } } }, name)
    control:until_output("1", "live")
    local ready = until_state(control, "backup", "ready")
    assert.same({ 0, 0 }, { ready.play.played_s, ready.packets })
    local away = control:request("switch", { to = "backup" })
    assert.equal("backup", away.active)
    proc.eventually("a second of it", 10, function() return input(control, "backup").play.played_s > 1 end)
    local left = until_state(control, "main", "ready").play.played_s
    assert.is_true(left > 0)
    local back_at = uv.hrtime()
    local back = control:request("switch", { to = "main" })
    assert.equal("main", back.active)
    local stands = until_state(control, "backup", "ready").play.played_s
    proc.elapse(0.5)
    assert.equal(stands, input(control, "backup").play.played_s)
    local played = input(control, "main").play.played_s - left
    assert.is_true(played > 0 and played < (uv.hrtime() - back_at) / 1e9 + AHEAD, played)
    assert(control:request "stop")
    assert.equal(0, (engine:wait()), engine:output())
    local it = report(name)
    assert.equal(0, it.backward)
    assert.is_true(it.largest_gap < 0.5 + math.max(away.gap_ms, back.gap_ms) / 1000, it.largest_gap)
  end)

  it("as a backup that a failover chose: played out, it waits for the other to come back", function()
    local name = key()
    local source = media.publish(platform:url("src", "mortal"), media.MAIN)
    platform:expect_publish("src", 1)
    local engine, control = start({ main = { url = platform:url("src", "mortal") },
      backup = { urls = { dir .. "/backup.ts" } } }, name)
    control:until_output("1", "live")
    until_state(control, "backup", "ready")
    source:destroy()
    control:expect { event = "switched", to = "backup", reason = "failover" }
    until_state(control, "backup", "ended")
    media.publish(platform:url("src", "mortal"), media.MAIN)
    control:expect { event = "switched", to = "main", reason = "failover" }
    local ok, err = control:request("switch", { to = "backup" })
    assert.equal("switch.played_out", not ok and err.code)
    assert.equal(1, control:output("1").connects)
    assert(control:request "stop")
    assert.equal(0, (engine:wait()), engine:output())
    local it = report(name)
    assert.equal(table.concat({ MAIN, BACKUP, MAIN }, " "), it.looks)
    assert.equal(0, it.backward)
  end)

  it("ends when what was asked for is played out, whatever the backup", function()
    local engine, control = start({ main = { urls = { dir .. "/main.mp4" } },
      backup = { urls = { dir .. "/long.mp4" }, loop = -1 } }, key())
    assert.equal("played_out", control:expect({ event = "stopped" }).reason)
    assert.equal(0, (engine:wait()), engine:output())
    for _, event in ipairs(control.events) do assert.not_equal("switched", event.event) end
  end)

  it("tries a list again of which nothing can be played, and plays it when it can", function()
    local path = dir .. "/later.mp4"
    local engine, control = start({ main = { urls = { path } } }, key())
    assert.equal("source.refused", until_state(control, "main", "down").error.code)
    assert.equal(0, (proc.run { "cp", dir .. "/main.mp4", path }))
    assert.equal("played_out", control:expect({ event = "stopped" }).reason)
    assert.equal(0, (engine:wait()), engine:output())
  end)

  it("may be replaced while it plays", function()
    local name = key()
    local engine, control = start({ main = { urls = { dir .. "/main.mp4" }, loop = -1 } }, name)
    control:until_output("1", "live")
    assert(control:request("set", { spec = { inputs = { main = { urls = { dir .. "/backup.ts" } } },
      outputs = { { id = "1", name = "", url = platform:url("a", name) } } } }))
    assert.equal("played_out", control:expect({ event = "stopped" }).reason)
    assert.equal(0, (engine:wait()), engine:output())
    local it = report(name)
    assert.is_truthy(it.looks:find(MAIN .. " " .. BACKUP .. "$"), it.looks)
    assert.equal(0, it.backward)
  end)
end)
