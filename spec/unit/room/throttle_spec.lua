-- SPDX-License-Identifier: MIT
require "spec.support.room"
local fake_dict = require "spec.support.fakes.fake_dict"
local throttle = require "room.throttle"

describe("room.throttle", function()
  local now, ours

  before_each(function()
    now = 0
    ours = throttle.new(fake_dict.new(function() return now end))
  end)

  local function from(group)
    return { key = "address " .. group, known = false }
  end

  -- A wrong password that has waited.
  local function wrong(who)
    local wait = ours:take(who)
    if wait and wait > 0 then ours:done(who) end
    return wait
  end

  it("answers some tries at once, and lets each later one wait longer, up to half a minute", function()
    local waits = {}
    for i = 1, 16 do waits[i] = wrong(from "1.2.3.4") end
    assert.are.same({ 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30, 30 }, waits)
    assert.are.equal(0, wrong(from "1.2.3.5"))
    now = 900
    assert.are.equal(0, wrong(from "1.2.3.4"))
  end)

  it("forgives tries when the password was right", function()
    for _ = 1, 3 * throttle.FREE do
      assert.are.equal(0, wrong(from "1.2.3.4"))
      ours:forgive(from "1.2.3.4")
    end
  end)

  it("lets so many wait, of one and of all, and has their places again afterwards", function()
    local who = from "1.2.3.4"
    for _ = 1, throttle.FREE do wrong(who) end
    for _ = 1, throttle.WAITING do assert.is_true(ours:take(who) > 0) end
    assert.is_nil(ours:take(who))
    ours:done(who)
    assert.is_true(ours:take(who) > 0)
    for i = 1, throttle.ALL_WAITING do
      local other = from("10.0.0." .. i)
      for _ = 1, throttle.FREE do wrong(other) end
      if not ours:take(other) then
        assert.is_true(i > throttle.ALL_WAITING - throttle.WAITING)
        return
      end
    end
    error "no end to those that wait"
  end)
end)
