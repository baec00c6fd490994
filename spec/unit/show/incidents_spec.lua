-- SPDX-License-Identifier: MIT
local incidents = require "cme.show.incidents"

local function seen(at, more)
  local look = { at = at, status = "working", active = "main", inputs = { main = true, backup = true }, reasons = {},
    outputs = { { id = "1", name = "A", good = true } } }
  for name, value in pairs(more or {}) do look[name] = value end
  return look
end

local function told(open, look, after)
  local lines = {}
  for i, alert in ipairs(incidents.step(open, look, after or 10)) do
    lines[i] = ("%s %s %s @%d %s"):format(alert.state, alert.kind, alert.id or "-", alert.at, alert.lasted or "-")
  end
  return lines
end

local BAD = { inputs = { main = false, backup = true }, reasons = { main = "silent" } }
local DOWN = { outputs = { { id = "1", name = "A", good = false, reason = "refused" } } }

describe("cme.show.incidents", function()
  it("tells nothing of a show that is well", function()
    assert.same({}, told({}, seen(0)))
  end)

  it("tells an incident once, when it has lasted, and its end once", function()
    local open = {}
    assert.same({}, told(open, seen(100, BAD)))
    assert.same({}, told(open, seen(109, BAD)))
    assert.same({ "open input main @100 -" }, told(open, seen(110, BAD)))
    assert.same({}, told(open, seen(150, BAD)))
    assert.same({ "closed input main @160 60" }, told(open, seen(160)))
    assert.same({}, told(open, seen(170)))
  end)

  it("tells of the slate: on the air, over, and that it cannot be made", function()
    local open = {}
    told(open, seen(0, { on_slate = true }))
    assert.same({ "open slate - @0 -" }, told(open, seen(10, { on_slate = true })))
    assert.same({ "closed slate - @30 30" }, told(open, seen(30, { on_slate = false })))
    local alerts = incidents.step(open, seen(40, { on_slate = false, slate_fault = "no ffmpeg" }), 0)
    assert.same({ "slate", "no ffmpeg" }, { alerts[1].kind, alerts[1].reason })
  end)

  it("tells of main and backup that are not merged", function()
    local open, wrong = {}, { merge_fault = "not the same" }
    told(open, seen(100, wrong))
    assert.same({ "open merge - @100 -" }, told(open, seen(110, wrong)))
    assert.same({ "closed merge - @120 20" }, told(open, seen(120)))
  end)

  it("tells of a full uplink by itself", function()
    local open, full = {}, { uplink = { full = true, reason = "full" } }
    told(open, seen(100, full))
    assert.same({ "open uplink - @100 -" }, told(open, seen(110, full)))
    assert.same({ "closed uplink - @120 20" }, told(open, seen(120, { uplink = { full = false } })))
  end)

  it("forgets what was over before it was worth telling", function()
    local open = {}
    told(open, seen(0, DOWN))
    assert.same({}, told(open, seen(5)))
    assert.same({}, open)
  end)

  it("tells each thing for itself, and why", function()
    local both = seen(0, BAD)
    both.outputs = DOWN.outputs
    local alerts = incidents.step({}, both, 0)
    assert.equal(2, #alerts)
    assert.same({ "silent", "refused", "A" }, { alerts[1].reason, alerts[2].reason, alerts[2].name })
  end)

  it("does not take silence about an input or output for a fault", function()
    assert.same({}, told({}, seen(0, { inputs = {}, outputs = { { id = "1", name = "A" } } }), 0))
  end)

  it("keeps open what was open while the service cannot be asked", function()
    local open = {}
    told(open, seen(0, DOWN), 0)
    local blind = { at = 20, inputs = {}, reasons = {}, outputs = {},
      fault = { code = "network.connect", message = "no" } }
    assert.same({ "open service - @20 -" }, told(open, blind, 0))
    assert.same({ "closed service - @30 10" }, told(open, seen(30, DOWN), 0))
    assert.same({ "closed output 1 @40 40" }, told(open, seen(40), 0))
  end)

  it("does not wait for the old time when the clock was set back", function()
    local open = {}
    told(open, seen(1000, DOWN))
    assert.same({}, told(open, seen(500, DOWN)))
    assert.same({ "open output 1 @500 -" }, told(open, seen(510, DOWN)))
    assert.same({ "closed output 1 @400 0" }, told(open, seen(400)))
  end)

  it("tells that a show was stopped before its time", function()
    local idle = { at = 7, status = "idle", inputs = {}, reasons = {}, outputs = {} }
    assert.same({ "open stopped - @7 -" }, told({}, idle, 0))
  end)

  it("goes on from what an earlier program had told", function()
    local open = { ["output 1"] = { kind = "output", id = "1", name = "A", since = 5, told = true } }
    assert.same({}, told(open, seen(20, DOWN)))
    assert.same({ "closed output 1 @30 25" }, told(open, seen(30)))
  end)
end)
