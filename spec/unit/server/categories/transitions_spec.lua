-- SPDX-License-Identifier: MIT

local transitions = require "cme.server.categories.transitions"

describe("cme.server.categories.transitions", function()
  it("has a rule for each operation in each state", function()
    for _, status in ipairs { "Idle", "Working" } do
      for _, operation in ipairs { "start", "stop", "switch", "set_stop_at", "edit", "modify", "delete", "ended",
        "failed" } do
        local to, refusal = transitions.next_status(status, operation)
        assert.is_true((to ~= nil) ~= (refusal ~= nil), status .. " " .. operation)
        if refusal then
          assert.matches("^FailedOperation", refusal.code)
        end
      end
    end
  end)

  it("knows what an operation makes of a state", function()
    for _, case in ipairs { { "Idle", "start", "Working" }, { "Working", "stop", "Idle" },
      { "Working", "ended", "Idle" }, { "Working", "edit", "Working" }, { "Idle", "edit", "Idle" },
      { "Idle", "delete", "gone" }, { "Working", "delete", nil }, { "Idle", "switch", nil } } do
      assert.are.equal(case[3], (transitions.next_status(case[1], case[2])))
    end
  end)
end)
