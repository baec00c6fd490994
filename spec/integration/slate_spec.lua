-- SPDX-License-Identifier: MIT
-- The engine with a slate and sources that come and go.

local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local slate_stage = require "spec.support.programs.slate_stage"

local AFTER = slate_stage.AFTER
local SLACK = 0.2 -- a destination may be without one for so much longer; the bench holds it, a loaded machine not

describe("cme-relay with a slate", function()
  local stage, slate

  setup(function() stage, slate = slate_stage.start() end)

  teardown(function() proc.cleanup() end)

  it("puts it on the air when the source dies, loops it, and goes back on one publish", function()
    local name = stage:key()
    local source = stage:publish("mortal", media.MAIN)
    local engine, control = relay.control()
    assert(control:request("set", { spec = slate_stage.spec(stage, "mortal", stage:output("1", "a", name),
      { slate = { file = slate, after = AFTER } }) }))
    control:until_output("1", "live")
    local programme = control:expect { event = "programme" }
    assert.same({ "h264", 77, 640, 360, "aac", 44100, 2 }, { programme.video, programme.profile, programme.width,
      programme.height, programme.audio, programme.sample_rate, programme.channels })
    assert.is_true(math.abs(programme.fps - 30) < 0.5, programme.fps)
    proc.elapse(1)
    source:kill "sigkill"
    local gap = slate_stage.expect(control, true).gap_ms
    assert.is_true(gap > 1000 * (AFTER - SLACK), gap)
    local stat = control:request "stat"
    assert.equal("main", stat.active)
    assert.is_true(stat.on_slate)
    assert.equal("live", stat.inputs.slate.state)
    proc.elapse(5) -- more than two rounds of it
    source = stage:publish("mortal", media.MAIN)
    slate_stage.expect(control, false)
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
    assert(control:request("set", { spec = slate_stage.spec(stage, "late", stage:output("1", "b", name),
      { slate = { file = slate, after = 0.5 } }) }))
    control:until_output("1", "live")
    assert.is_true(control:request "stat".on_slate)
    local source = stage:publish("late", media.MAIN)
    slate_stage.expect(control, false)
    stage:stop(engine, control)
    source:kill()
    assert.equal(1, stage:publishes("b", name))
  end)
end)
