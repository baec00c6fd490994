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

  describe("the environment of a program", function()
    local ours = { PATH = "/bin", HOME = "/root", TENCENTCLOUD_SECRET_KEY = "k" }

    it("has what is named of ours and what it is told", function()
      assert.are.same({ "TZ=UTC", "PATH=/bin" }, child.environment(ours, { "PATH", "LANG" }, { "TZ=UTC" }))
      assert.are.same({}, child.environment({}, { "PATH" }))
    end)

    it("has all but the cloud's credentials for a program of our own", function()
      local list = child.environment(ours, nil, { "CME_PRESET=fast" })
      table.sort(list)
      assert.are.same({ "CME_PRESET=fast", "HOME=/root", "PATH=/bin" }, list)
    end)
  end)
end)
