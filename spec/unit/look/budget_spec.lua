-- SPDX-License-Identifier: MIT

local budget = require "cme.look.budget"

describe("cme.look.budget", function()
  it("leaves the source out first, then looks less often, down to an eighth", function()
    local thrift, seen = budget.all(), {}
    assert.is_nil(budget.less(thrift, budget.SHARE))
    repeat
      seen[#seen + 1] = ("%s %d"):format(thrift.source, thrift.times)
      thrift = budget.less(thrift, budget.SHARE + 0.1)
    until not thrift
    assert.same({ "true 1", "false 1", "false 2", "false 4", "false 8" }, seen)
  end)

  it("reads the processor time of a process, whatever its name", function()
    local stat = "7 (cme-look) (x) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 25 5 9 0 1 2"
    assert.equal(3, budget.used(stat, 100))
    assert.is_nil(budget.used("", 100))
  end)
end)
