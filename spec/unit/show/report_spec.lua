-- SPDX-License-Identifier: MIT
local report = require "cme.show.report"

local function look(at, output, more)
  local seen = { at = at, status = "working", active = "main", started_at = 100, outputs = {} }
  if output then
    output.id, output.name = "1", "A"
    seen.outputs[1] = output
  end
  for name, value in pairs(more or {}) do seen[name] = value end
  return seen
end

local function play(looks, to)
  local tally = report.new()
  for _, one in ipairs(looks) do report.step(tally, one) end
  if to then report.finish(tally, to) end
  return tally, tally.outputs[1]
end

describe("cme.show.report", function()
  it("counts an output that was on the air all the time", function()
    local _, one = play({ look(110, { good = true, since = 101 }), look(120, { good = true, since = 101 }) }, 130)
    assert.equal(29, one.up)
    assert.same({}, one.gaps)
  end)

  it("counts from the moment it came on the air", function()
    local _, one = play({ look(110, { good = false }), look(120, { good = true, since = 115 }) }, 130)
    assert.equal(15, one.up)
    assert.same({ { from = 110, to = 115 } }, one.gaps)
  end)

  it("finds a gap that began and ended between two looks", function()
    local _, one = play({ look(110, { good = true, since = 101 }),
      look(170, { good = true, since = 150, failed_at = 140, reason = "reset" }) }, 200)
    assert.same({ { from = 140, to = 150, reason = "reset" } }, one.gaps)
    assert.equal(39 + 50, one.up)
  end)

  it("dates a gap by when it failed, not by when it was seen", function()
    local _, one = play({ look(110, { good = true, since = 101 }),
      look(120, { good = false, failed_at = 112, reason = "x" }),
      look(130, { good = false, failed_at = 128, reason = "y" }), look(140, { good = true, since = 133 }) }, 150)
    assert.same({ { from = 112, to = 133, reason = "x" } }, one.gaps)
    assert.equal(11 + 17, one.up)
  end)

  it("counts when the slate went out, until the show is stopped or over", function()
    local tally = play({ look(110, nil, { on_slate = false }), look(120, nil, { on_slate = true }),
      look(130, nil, { on_slate = true }), look(140), look(150, nil, { on_slate = true }),
      look(160, nil, { status = "idle" }), look(170, nil, { on_slate = true }) }, 180)
    assert.same({ { from = 120, to = 140 }, { from = 150, to = 160 }, { from = 170, to = 180 } }, tally.slates)
    assert.is_nil(play({ look(110) }, 120).slates)
  end)

  it("ends a gap with the show", function()
    local _, one = play({ look(110, { good = true, since = 101 }), look(120, { good = false, failed_at = 115 }) }, 150)
    assert.same({ { from = 115, to = 150 } }, one.gaps)
    assert.equal(14, one.up)
  end)

  it("says of time that nobody can tell about that it is unknown", function()
    local _, one = play({ look(110, {}), look(120, {}) }, 150)
    assert.equal(0, one.up)
    assert.equal(40, one.unknown)
    assert.same({}, one.gaps)
  end)

  it("does not look at a project that is idle or cannot be asked", function()
    local tally = play { look(90, nil, { status = "idle" }), { at = 95, outputs = {} } }
    assert.is_nil(tally.from)
  end)

  it("keeps the switches", function()
    local tally = report.new()
    report.step(tally, look(110))
    report.step(tally, look(120, nil, { active = "backup" }), "main input bad for 5 s")
    report.step(tally, look(130, nil, { active = "backup" }))
    report.step(tally, look(140))
    assert.same({ { at = 120, from = "main", to = "backup", reason = "main input bad for 5 s" },
      { at = 140, from = "backup", to = "main" } }, tally.switches)
  end)

  it("counts an output that was removed until then, and again when it is back", function()
    local _, one = play({ look(110, { good = true, since = 101 }), look(120), look(180),
      look(190, { good = true, since = 185 }), look(200, { good = true, since = 185 }) }, 200)
    assert.equal(19 + 10, one.up)
    assert.same({}, one.gaps)
    _, one = play({ look(110, { good = false, failed_at = 108, reason = "x" }), look(120) }, 200)
    assert.same({ { from = 110, to = 120, reason = "x" } }, one.gaps)
    assert.same({ 0, 0, 120 }, { one.up, one.unknown, one.removed_at })
  end)

  it("has a gap where somebody stopped the show, until it is on the air again", function()
    local idle = look(120, nil, { status = "idle" })
    local _, one = play({ look(110, { good = true, since = 101 }), idle }, 150)
    assert.same({ { from = 120, to = 150, reason = "stopped" } }, one.gaps)
    assert.equal(19, one.up)
    _, one = play({ look(110, { good = true, since = 101 }), idle, look(140, { good = true, since = 132 }) }, 150)
    assert.same({ { from = 120, to = 132, reason = "stopped" } }, one.gaps)
    assert.equal(19 + 18, one.up)
  end)

  it("takes nothing away when the clock is set back", function()
    local _, one = play({ look(110, { good = true, since = 101 }), look(50, { good = true, since = 101 }),
      look(112, { good = true, since = 101 }) }, 120)
    assert.equal(19, one.up)
  end)

  it("counts an output that was added on the way from then on", function()
    local _, one = play({ look(110), look(200, { good = true, since = 195 }) }, 210)
    assert.equal(15, one.up)
  end)
end)
