-- SPDX-License-Identifier: MIT
-- An engine by hand that could not start said "a thread has not ended in time", not why, and ended with 0.

local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"

describe("cme-relay by hand with too few descriptors", function()
  teardown(function() assert.are.same({}, proc.cleanup()) end)

  it("says what could not be started, and fails", function()
    local failed = 0
    for descriptors = 5, 12 do
      local code, out, err = proc.run({ "prlimit", "--nofile=" .. descriptors, relay.program,
        "-i", "rtmp://127.0.0.1:1/a/b", "-o", "rtmp://127.0.0.1:1/a/c", "-o", "srt://127.0.0.1:1",
        "-o", "rtmp://127.0.0.1:1/a/d", "--duration", "0.2" }, { name = "cme-relay", timeout = 60 })
      local last = (out .. err):match "([^\n]*)\n?$"
      if code == 0 then
        assert.is_truthy(last:find('"stopped"', 1, true), last)
      else
        assert.are.equal(1, code)
        assert.is_truthy(last:find "^cme%-relay: ", last)
        failed = failed + (last:find "output" and 1 or 0)
      end
    end
    assert.is_true(failed > 0)
  end)
end)
