-- SPDX-License-Identifier: MIT

local incidents = require "cme.show.incidents"
local report = require "cme.show.report"
local viewers = require "cme.show.viewers"

describe("cme.show.viewers", function()
  local OUTPUTS = { { id = "1", name = "A", watch = "https://h/a.flv" }, { id = "2", name = "B" } }

  it("looks at the outputs that say where they are watched", function()
    assert.same({ { key = "1", url = "https://h/a.flv" } }, viewers.targets(OUTPUTS))
  end)

  it("compares with the input on the air, where a second reader harms nobody, or as the show says", function()
    local function source(wanted, url, active)
      return viewers.source(wanted, { active = active, inputs = { main = { kind = "live_pull", url = url },
        backup = { kind = "push", seconds = 9 } } })
    end
    assert.equal("rtmp://h/a/s", source(nil, "rtmp://h/a/s", "main"))
    assert.equal("https://h/s.flv", source(nil, "https://h/s.flv"))
    assert.is_nil(source(nil, "srt://h:9000", "main"))
    assert.is_nil(source(nil, "rtmp://h/a/s", "backup"))
    assert.is_nil(source(false, "rtmp://h/a/s", "main"))
    assert.equal("srt://h:9000", source("srt://h:9000", "rtmp://h/a/s", "main"))
  end)

  it("takes in what is known", function()
    local view = { state = "flat", good = false, delay_ms = 10, picture = "/p/0-flat.jpg", since = 1, at = 2 }
    assert.same({ { id = "1", name = "A", state = "flat", good = false, delay_ms = 10, picture = "/p/0-flat.jpg" } },
      viewers.of(OUTPUTS, function(id) return id == "1" and view or nil end))
    assert.same({}, viewers.of(OUTPUTS, function() end))
  end)

  it("counts how long viewers had picture and sound, and the mean delay, as far as it is known", function()
    local tally = report.new()
    local function look(at, good, delay_ms)
      viewers.count(tally, { { id = "1", name = "A", state = "x", good = good, delay_ms = delay_ms } }, at)
    end
    look(100, nil)
    look(110, true, 4000)
    look(120, true, 5000)
    look(130, false)
    look(132, true, 4500)
    viewers.count(tally, {}, 140) -- cme-look ended
    look(170, true)
    local share, delay = viewers.figures(tally.viewers[1])
    assert.equal(30, tally.viewers[1].known)
    assert.equal(28 / 30, share)
    assert.equal(4.5, delay)
    assert.is_nil(viewers.figures(report.new().viewers and {} or { known = 0, looks = 0 }))
  end)

  it("says nothing of viewers where nobody looks", function()
    local tally = report.new()
    viewers.count(tally, {}, 100)
    assert.is_nil(tally.viewers)
  end)

  describe("incidents", function()
    local open
    before_each(function() open = {} end)

    local function step(at, state, good, more)
      local seen = { at = at, status = "working", inputs = {}, reasons = {}, outputs = OUTPUTS,
        viewers = { { id = "1", name = "A", state = state, good = good, picture = "/p" } } }
      for name, value in pairs(more or {}) do seen[name] = value end
      local told = {}
      for i, alert in ipairs(incidents.step(open, seen, 10)) do
        told[i] = ("%s %s %s"):format(alert.state, alert.id, alert.look)
      end
      return told
    end

    it("are told at once, each once, and end when all is well", function()
      assert.same({}, step(0, "ok", true))
      assert.same({ "open 1 black" }, step(2, "black", false))
      assert.same({}, step(4, "black", false))
      assert.same({ "open 1 gone" }, step(6, "gone", false))
      assert.same({}, step(8, "black", false))
      assert.same({}, step(9, "ok", nil))
      assert.same({ "closed 1 black", "closed 1 gone" }, step(10, "still", true))
      assert.same({}, open)
    end)

    it("go on while the service is silent or nothing is known, and are told then, too", function()
      step(2, "black", false)
      assert.same({}, step(4, nil, nil, { viewers = {}, outputs = {}, fault = { code = "x", message = "y" } }))
      local blind = { outputs = {}, fault = { code = "x", message = "y" } }
      assert.same({ "open 1 silent" }, step(6, "silent", false, blind))
      assert.same({}, step(8, nil, nil, { viewers = {} }))
      assert.same({ "closed 1 black", "closed 1 silent" }, step(9, "ok", true, blind))
    end)

    it("end with their output", function()
      step(2, "black", false)
      assert.same({ "closed 1 black" }, step(4, nil, nil, { viewers = {}, outputs = {} }))
    end)

    it("reconnect an output once each, as the show says", function()
      step(2, "gone", false)
      assert.same({ "1" }, viewers.kicks(open, { gone = "kick" }))
      step(4, "gone", false)
      assert.same({}, viewers.kicks(open, { gone = "kick" }))
      step(6, "ok", true)
      step(8, "gone", false)
      assert.same({}, viewers.kicks(open, { black = "kick" }))
      assert.same({}, viewers.kicks(open, nil))
      assert.same({ "1" }, viewers.kicks(open, { gone = "kick" }))
    end)
  end)
end)
