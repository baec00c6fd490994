-- SPDX-License-Identifier: MIT
-- bench/soak.lua for twenty seconds: nothing that grows so fast that it shows, and a clock that does not run away.

local proc = require "spec.support.proc"
local soak = require "spec.support.proofs.soak"

local MEMORY_KB = 4096
local DRIFT_MS = 1000 -- a wrong rate shows in far more; what is left is for the machine to be busy

-- Sanitizers keep freed memory for a while.
local sanitized = (os.getenv "CME_BUILD" or ""):find "san"

describe("cme-relay for twenty seconds", function()
  local result

  setup(function()
    result = soak.run { seconds = 20, every = 4, change_every = 8, loop = 5 }
  end)

  teardown(function()
    proc.cleanup()
  end)

  it("does not grow", function()
    assert.is_true(result.descriptor_growth <= 1, result.descriptor_growth .. " descriptors more")
    if not sanitized then
      assert.is_true(result.memory_growth <= MEMORY_KB, result.memory_growth .. " KB more")
    end
  end)

  it("keeps the wall's time, over a killed source, a switch and one that loops", function()
    assert.is_true(result.changes >= 2)
    assert.is_true(result.drift < DRIFT_MS, result.drift .. " ms")
  end)

  it("keeps its publishes, and drops nothing", function()
    assert.same({ 1, 1, 0 }, { result.publishes, result.connects, result.dropped })
  end)

  it("leaves no process behind", function()
    assert.same({ "nginx", "source", "source" }, (function()
      local left = proc.cleanup()
      table.sort(left)
      return left
    end)())
  end)
end)
