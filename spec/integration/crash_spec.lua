-- SPDX-License-Identifier: MIT
-- A short run of `make crash`, with a seed of its own each time; it is printed, and CME_SEED repeats it.

local crash = require "spec.support.proofs.crash"
local proc = require "spec.support.proc"

describe("cme serve, killed at random points under load", function()
  teardown(function() proc.cleanup() end)

  it("has lost nothing, has one engine for each broadcast, and no broadcast noticed", function()
    local seed = math.tointeger(tonumber(os.getenv "CME_SEED")) or os.time()
    print("# crash seed " .. seed)
    local result, faults = crash.run { count = 20, seed = seed }
    assert.are.same({}, faults)
    assert.is_true(result.gap < 0.3, ("largest gap %.3f s"):format(result.gap))
    assert.is_true(result.changes > 20 and result.starts > 0)
  end)
end)
