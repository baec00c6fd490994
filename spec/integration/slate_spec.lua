-- SPDX-License-Identifier: MIT
-- The engine with a slate and sources that come and go.

local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local relay_stage = require "spec.support.programs.relay_stage"

local AFTER = 3 -- seconds without a picture until the slate comes
local SLACK = 0.2 -- a destination may be without one for so much longer; the bench holds it, a loaded machine not
local SLATE = { size = "320x180", rate = 30, gop = 30, bitrate = "100k", picture = "testsrc2", tone = 200,
  sample_rate = 44100, profile = "high", bframes = 0 }

describe("cme-relay with a slate", function()
  local stage, slate

  setup(function()
    stage = relay_stage.start()
    slate = media.file(proc.folder() .. "/slate.flv", 2, SLATE)
  end)

  teardown(function()
    proc.cleanup()
  end)

  -- A spec whose main source is published for it alone.
  local function spec_of(source, output, more)
    more = more or {}
    more.inputs = { main = { url = stage.platform:url("src", source) } }
    more.stall_limit = 2
    more.slate = more.slate or { file = slate, after = AFTER }
    return stage:spec({ output }, more)
  end

  local function reports_on(control, on, since)
    return proc.eventually(on and "the slate" or "the end of the slate", 30, function()
      for i = since or 1, #control.events do
        local event = control.events[i]
        if event.event == "slate" and event.on == on then return event end
      end
    end)
  end

  it("puts it on the air when the source dies, loops it, and goes back on one publish", function()
    local name = stage:key()
    local source = stage:publish("mortal", media.MAIN)
    local engine, control = relay.control()
    assert(control:request("set", { spec = spec_of("mortal", stage:output("1", "a", name)) }))
    control:until_output("1", "live")
    local programme = control:expect { event = "programme" }
    assert.same({ "h264", 77, 640, 360, "aac", 44100, 2 }, { programme.video, programme.profile, programme.width,
      programme.height, programme.audio, programme.sample_rate, programme.channels })
    assert.is_true(math.abs(programme.fps - 30) < 0.5, programme.fps)
    proc.elapse(1)
    source:kill "sigkill"
    local gap = reports_on(control, true).gap_ms
    assert.is_true(gap > 1000 * (AFTER - SLACK), gap)
    local stat = control:request "stat"
    assert.equal("main", stat.active)
    assert.is_true(stat.on_slate)
    assert.equal("live", stat.inputs.slate.state)
    proc.elapse(5) -- more than two rounds of it
    source = stage:publish("mortal", media.MAIN)
    reports_on(control, false)
    assert.is_false(control:request "stat".on_slate)
    proc.elapse(1)
    stage:stop(engine, control)
    source:kill()
    local report = stage:recording("a", name)
    assert.equal("640x360 320x180 640x360", report.looks)
    assert.equal(0, report.backward)
    assert.equal(1, stage:publishes("a", name))
    for _, gap_of_media in ipairs(report.gaps) do
      assert.is_true(gap_of_media.seconds < AFTER + 1, gap_of_media.seconds)
    end
    assert.is_true(#report.gaps <= 2, #report.gaps)
  end)

  it("begins with it when no source is live, and goes to the first that is", function()
    local name = stage:key()
    local engine, control = relay.control()
    assert(control:request("set", { spec = spec_of("late", stage:output("1", "b", name),
      { slate = { file = slate, after = 0.5 } }) }))
    control:until_output("1", "live")
    assert.is_true(control:request "stat".on_slate)
    local source = stage:publish("late", media.MAIN)
    reports_on(control, false)
    stage:stop(engine, control)
    source:kill()
    assert.equal(1, stage:publishes("b", name))
  end)

  it("leaves the broadcast as it is when its file is broken, and says so", function()
    local broken = proc.folder() .. "/broken.flv"
    local file <close> = assert(io.open(broken, "w"))
    file:write "no FLV at all, but long enough"
    file:close()
    local source = stage:publish("bare", media.MAIN)
    local engine, control = relay.control()
    assert(control:request("set", { spec = spec_of("bare", stage:output("1", "c", stage:key()),
      { slate = { file = broken, after = 0.5 } }) }))
    local event = control:expect { event = "input", endpoint = "slate", state = "down" }
    assert.equal("media.unsupported", event.code)
    control:until_output("1", "live")
    source:kill "sigkill"
    control:expect { event = "input", endpoint = "main", state = "down" }
    proc.elapse(1)
    assert.is_false(control:request "stat".on_slate)
    stage:publish("bare", media.MAIN)
    control:expect({ event = "input", endpoint = "main", state = "live" }, 30)
    stage:stop(engine, control)
  end)

  it("adds a silent track to a source without sound", function()
    local name, mute = stage:key(), proc.folder() .. "/mute.flv"
    assert.equal(0, (proc.run { "ffmpeg", "-v", "error", "-i", slate, "-c", "copy", "-an", mute }))
    local source = stage:expect_source(media.replay(stage.platform:url("src", "mute"), mute))
    local engine, control = relay.control()
    assert(control:request("set", { spec = spec_of("mute", stage:output("1", "a", name), { silence = true }) }))
    control:until_output("1", "live")
    stage:until_recorded("a", name, 3)
    stage:stop(engine, control)
    source:kill()
    local report = stage:recording("a", name)
    assert.equal("h264 aac", report.video .. " " .. tostring(report.audio))
    assert.equal(0, report.backward)
    local code, _, err = proc.run { "ffmpeg", "-v", "error", "-i", stage.platform:recordings "a"[1], "-vn", "-f",
      "null", "-" }
    assert.equal("0 ", code .. " " .. err)
  end)

  it("is given by hand, too", function()
    local engine = relay.start("-i", ("rtmp://127.0.0.1:%d/live/x"):format(proc.free_port()), "-o",
      stage.platform:url("a", stage:key()), "--slate", slate, "--slate-after", "0.5")
    engine:expect '"event":"slate","on":true'
    engine:expect '"output_id":"1","state":"live"'
    engine:kill()
    assert.equal(0, engine:wait())
  end)
end)
