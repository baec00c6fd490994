-- SPDX-License-Identifier: MIT

local child = require "cme.system.child"
local codes = require "cme.codes"

describe("cme.system.child", function()
  it("knows why a process ended", function()
    assert.are.same({ code = 0, signal = 0, ok = true, reason = codes.reason("word:exit_code", { code = 0 }) },
      child.exit(0, 0))
    assert.are.same({ code = 7, signal = 0, ok = false, reason = codes.reason("word:exit_code", { code = 7 }) },
      child.exit(7, 0))
    assert.are.equal("killed by signal 11", tostring(child.exit(0, 11).reason))
  end)
end)
