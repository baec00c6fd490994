-- SPDX-License-Identifier: MIT
-- The fault table of bench/faults.lua, held: what the engine says, what each destination got, and that one is never
-- another's trouble. Times are for the bench to judge; here everything has to happen, however slow the machine.

local faults = require "spec.support.proofs.faults"
local proc = require "spec.support.proc"

local STALL_LIMIT = 6 -- seconds, longer than a busy machine lets a source wait
local FRAMES = 0.15 -- seconds between two pictures of media: more, and some are missing

describe("cme-relay under faults", function()
  teardown(function()
    proc.cleanup()
  end)

  describe("of destinations", function()
    local result

    setup(function()
      result = faults.destinations()
    end)

    for _, id in ipairs { "stalled", "killed", "closed", "taken", "slow", "frozen", "hole", "garbage" } do
      it("knows what is the matter with the one that is " .. id .. ", and it comes back by itself", function()
        local fault
        for _, one in ipairs(result.faults) do
          if one.id == id then fault = one end
        end
        assert.is_truthy(fault.right_after)
        assert.is_truthy(fault.back_after)
        assert.is_true(fault.packets > 0)
        assert.equal(0, fault.backward)
        if fault.behind then
          assert.equal(1, fault.last.connects)
          assert.is_true(fault.last.dropped > 0)
        else
          assert.is_true(fault.last.connects > fault.connects)
        end
      end)
    end

    it("leaves the healthy one alone", function()
      local good = result.good
      assert.same({ 1, 1, 0, 0 }, { good.connects, good.publishes, good.dropped, good.backward })
      assert.is_true(good.packets > 0)
      assert.is_true(good.media_gap < FRAMES)
    end)

    it("keeps the stream keys out of the log", function()
      assert.is_nil(result.log:find("hush", 1, true))
    end)
  end)

  it("keeps one publish per destination over ten switches and three failovers", function()
    local result = faults.switching(STALL_LIMIT)
    assert.same({ 10, 3 }, { #result.planned, #result.failovers })
    for _, app in ipairs(result.apps) do
      assert.same({ 1, 1, 0 }, { app.publishes, app.recordings, app.backward })
      assert.same({ "h264", "aac" }, { app.video, app.audio })
      -- main, ten planned changes, and three by failover
      assert.equal(13, select(2, app.looks:gsub(" ", "")))
    end
  end)
end)
