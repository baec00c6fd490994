-- SPDX-License-Identifier: MIT

local backoff = require "cme.net.backoff"

describe("cme.net.backoff", function()
  local POLICY = { base = 0.5, cap = 30, steady = 60 }

  it("doubles the wait with each failure, up to the cap", function()
    local waits = {}
    for i, failures in ipairs { 1, 2, 3, 6, 7, 8, 10000 } do waits[i] = backoff.delay(POLICY, failures) end
    assert.are.same({ 0.5, 1, 2, 16, 30, 30, 30 }, waits)
  end)

  it("draws the jittered part at random, and no more than that", function()
    local half = { base = 1, cap = 300, jitter = 0.5 }
    for _, case in ipairs { { 1, 0, 0.5 }, { 1, 1, 1 }, { 2, 1, 2 }, { 5, 0.5, 12 }, { 9, 1, 256 }, { 10, 1, 300 },
      { 1000, 0, 150 } } do
      assert.are.equal(case[3], backoff.delay(half, case[1], case[2]))
    end
    assert.are.equal(0, backoff.delay({ base = 1, cap = 8, jitter = 1 }, 3, 0))
  end)

  it("reads how long an answer asks to be left alone, up to a bound", function()
    local function asked(status, value, date)
      return backoff.asked(status, { ["retry-after"] = value, date = date }, 60)
    end
    assert.are.same({ 7, 0, 60, 0, 0 },
      { asked(429, "7"), asked(503, "0"), asked(503, " 86400 "), asked(502, "7"), asked(200, "7") })
    for _, value in ipairs { "", "-7", "7.5", "soon", ("9"):rep(400) .. "x" } do
      assert.are.equal(0, asked(503, value), value)
    end
    assert.are.equal(60, asked(503, ("9"):rep(400)))
    local at, before = "Sun, 22 Nov 2026 14:00:30 GMT", "Sun, 22 Nov 2026 14:00:00 GMT"
    assert.are.same({ 30, 0, 0 }, { asked(503, at, before), asked(503, at), asked(503, before, at) })
    assert.are.equal(0, backoff.asked(503, nil, 60))
    assert.are.equal(0, backoff.asked(503, {}, 60))
  end)

  it("starts a new series only after a steady life", function()
    assert.are.equal(4, backoff.count(POLICY, 3, nil))
    assert.are.equal(4, backoff.count(POLICY, 3, 0))
    assert.are.equal(4, backoff.count(POLICY, 3, 59.9))
    assert.are.equal(1, backoff.count(POLICY, 3, 60))
    assert.are.equal(2, backoff.count({ base = 1, cap = 2 }, 1, 1e6))
  end)
end)
