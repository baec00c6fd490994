-- SPDX-License-Identifier: MIT
local policy = require "cme.show.policy"

-- One look: { at, active, main good, backup good }; what the policy wants after each is compared with the last place.
local function play(settings, looks, memory)
  memory = memory or {}
  for _, look in ipairs(looks) do
    local seen = { at = look[1], status = "working", active = look[2], inputs = { main = look[3], backup = look[4] },
      outputs = {} }
    assert.equal(look[5], (policy.step(settings, memory, seen)), "at " .. look[1])
  end
  return memory
end

local PLAIN = { after = 5, failback_after = false }
local BACK = { after = 5, failback_after = 20 }

describe("cme.show.policy", function()
  it("leaves a good input alone", function()
    play(PLAIN, { { 0, "main", true, true }, { 100, "main", true, false } })
  end)

  it("goes over when the active input was bad for long enough", function()
    play(PLAIN, { { 0, "main", false, true }, { 4, "main", false, true }, { 5, "main", false, true, "backup" } })
  end)

  it("begins to count anew when the input was good between", function()
    play(PLAIN, { { 0, "main", false, true }, { 4, "main", true, true }, { 5, "main", false, true },
      { 9, "main", false, true }, { 10, "main", false, true, "backup" } })
  end)

  it("does not go over to an input that is bad too, or of which nothing is known", function()
    play(PLAIN, { { 0, "main", false, false }, { 50, "main", false, false }, { 51, "main", false, nil },
      { 52, "main", false, true, "backup" } })
  end)

  it("does nothing where the service does not tell how inputs do", function()
    play(PLAIN, { { 0, "main" }, { 100, "main" } })
  end)

  it("tries a switch that did not work again, not at every look", function()
    play(PLAIN, { { 0, "main", false, true }, { 5, "main", false, true, "backup" }, { 6, "main", false, true },
      { 14, "main", false, true }, { 15, "main", false, true, "backup" } })
  end)

  it("comes back when main was good for long enough, and only if asked to", function()
    local looks = { { 0, "main", false, true }, { 5, "main", false, true, "backup" }, { 6, "backup", false, true },
      { 30, "backup", true, true }, { 49, "backup", true, true } }
    play(PLAIN, looks)
    looks[#looks + 1] = { 50, "backup", true, true, "main" }
    play(BACK, looks)
  end)

  it("takes the service's own failover for its own", function()
    play(BACK, { { 0, "main", true, true }, { 2, "backup", false, true }, { 30, "backup", true, true },
      { 50, "backup", true, true, "main" } })
  end)

  it("leaves what an operator chose until it turns bad", function()
    local memory = play(BACK, { { 0, "main", true, true }, { 2, "backup", true, true }, { 90, "backup", true, true } })
    assert.is_true(memory.by_hand)
    play(PLAIN, { { 100, "backup", true, false }, { 105, "backup", true, false, "main" } }, memory)
    assert.is_nil(memory.by_hand)
  end)

  it("keeps two switches apart", function()
    play(PLAIN, { { 0, "main", false, true }, { 5, "main", false, true, "backup" }, { 6, "backup", true, false },
      { 11, "backup", true, false }, { 16, "backup", true, false, "main" } })
  end)

  it("only looks on when it is switched off", function()
    play(false, { { 0, "main", false, true }, { 100, "main", false, true } })
  end)

  it("decides nothing about a project that is idle or cannot be asked", function()
    local memory = {}
    assert.is_nil(policy.step(PLAIN, memory, { at = 0, status = "idle", active = "main", inputs = {}, outputs = {} }))
    assert.is_nil(policy.step(PLAIN, memory, { at = 0, inputs = {}, outputs = {} }))
    assert.same({}, memory)
  end)

  it("does not wait for the old time when the clock was set back", function()
    play(PLAIN, { { 1000, "main", true, true }, { 1001, "main", false, true }, { 500, "main", false, true },
      { 504, "main", false, true }, { 505, "main", false, true, "backup" } })
    play(BACK, { { 1000, "backup", false, true }, { 1001, "backup", true, true }, { 500, "backup", true, true },
      { 520, "backup", true, true, "main" } })
  end)

  it("says why", function()
    local seen = { at = 0, status = "working", active = "main", inputs = { main = false, backup = true }, outputs = {} }
    local memory = {}
    policy.step(PLAIN, memory, seen)
    seen.at = 7.25
    assert.equal("main input bad for 7 s", select(2, policy.step(PLAIN, memory, seen)))
  end)
end)
