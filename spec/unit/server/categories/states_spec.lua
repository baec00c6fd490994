-- SPDX-License-Identifier: MIT

local categories = require "cme.server.categories"
local states = require "cme.server.categories.states"

local COMMON = { "start", "stop", "edit", "modify", "delete", "ended", "failed" }

describe("cme.server.categories.states", function()
  for _, category in ipairs(categories.list) do
    it("has a rule for each operation in each state of " .. category.name, function()
      for _, operation in ipairs(COMMON) do assert.is_table(category.states[operation], operation) end
      for operation, rule in pairs(category.states) do
        for _, status in ipairs { "Idle", "Working" } do
          local to, refusal = states.next_status(category.states, operation, status)
          assert.is_true((to ~= nil) ~= (refusal ~= nil), status .. " " .. operation)
          assert.is_truthy(to == nil or to == "Idle" or to == "Working" or to == "gone")
        end
        assert.is_truthy(not rule.as or category.states[rule.as], operation)
      end
    end)

    it("knows what an operation makes of a state of " .. category.name, function()
      for _, case in ipairs { { "Idle", "start", "Working" }, { "Working", "stop", "Idle" },
        { "Working", "ended", "Idle" }, { "Working", "edit", "Working" }, { "Idle", "edit", "Idle" },
        { "Idle", "delete", "gone" }, { "Working", "delete", nil }, { "Working", "start", nil } } do
        assert.are.equal(case[3], (states.next_status(category.states, case[2], case[1])))
      end
    end)
  end

  it("refuses by the state of a part, too", function()
    local rules = categories.fallback.states
    assert.is_true(states.check(rules, { id = "p", status = "Working" }, "modify_input"))
    local record = { id = "p", status = "Working" }
    local ok, message, detail = states.check(rules, record, "modify_input", "OnAir", { input = "main" })
    assert.is_nil(ok)
    assert.are.equal("project 'p': its main input is on air: SwitchInput to the other one first", message)
    assert.are.equal("api.FailedOperation.StreamConnect", detail.code)
  end)
end)
