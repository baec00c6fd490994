-- SPDX-License-Identifier: MIT

local uplink = require "cme.server.uplink"

local function stat(kbps, outputs, more)
  local list = {}
  for i = 1, outputs do list[i] = { id = tostring(i), kbps = kbps / 2 } end
  list[#list + 1] = { id = "cme:recording", kbps = 1000 }
  local made = { active = "main", inputs = { main = { kbps = kbps }, backup = { kbps = 9999 } }, outputs = list }
  for name, value in pairs(more or {}) do made[name] = value end
  return made
end

describe("cme.server.uplink", function()
  local told, stats, clock

  before_each(function()
    told, stats, clock = {}, {}, 0
  end)

  local function open(limit, standby)
    return uplink.new { limit = limit, relays = { stats = function() return stats end },
      stands = function(id) return id == standby end,
      clock = { monotonic = function()
        clock = clock + 10
        return clock
      end }, told = function(...) told[#told + 1] = { ... } end }
  end

  it("counts what is on the air once for each destination, and no recording", function()
    assert.are.equal(3000, uplink.need(stat(1000, 3)))
    assert.are.equal(1500, uplink.rate(stat(1000, 3)))
    assert.are.equal(0, uplink.need(stat(0, 3)))
    assert.are.equal(400, uplink.need(stat(1000, 2, { on_slate = true, inputs = { slate = { kbps = 200 } } })))
    assert.are.equal(0, uplink.need {})
  end)

  it("says that a start is too much beside what runs, where the limit is known", function()
    stats = { p = stat(1000, 3), q = stat(500, 2) }
    assert.is_nil(open(4000):check "p")
    assert.is_nil(open(nil):check "p")
    local fault = open(3999):check "p"
    assert.are.same({ "uplink", "p", "uplink.exceeded" }, { fault.what, fault.id, fault.code })
    assert.truthy(fault.message:find("need 4000 kbit/s, and it carries 3999", 1, true), fault.message)
  end)

  it("does not count what is read for a standby, of which nothing goes out", function()
    stats = { p = stat(1000, 3), q = stat(500, 2) }
    assert.is_nil(open(3000, "q"):check "p")
  end)

  it("says nothing of a broadcast whose rate is not known in time", function()
    stats = { p = stat(0, 3), q = stat(5000, 2) }
    assert.is_nil(open(100):check "p")
  end)

  it("tells that the uplink is full, and when it is no more", function()
    local one = open(nil)
    one:event("p", { event = "uplink", full = true, kbps = 900.4 })
    one:event("p", { event = "uplink", full = false, kbps = 2000 })
    one:event("p", { event = "output", output_id = "1", state = "live" })
    assert.are.equal(2, #told)
    assert.are.same({ "p", "Full", 900.4 }, { told[1][1], told[1][2], told[1][3].Bitrate })
    assert.truthy(told[1][3].Reason:find("900 kbit/s go out", 1, true))
    assert.are.same({ "p", "Free", { Bitrate = 2000 } }, told[2])
  end)
end)
