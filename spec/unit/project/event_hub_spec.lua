-- SPDX-License-Identifier: MIT
-- What waits and wakes is in spec/support/proofs/task_cases.lua, for plain Lua and nginx alike.

local event_hub = require "cme.project.event_hub"

describe("cme.project.event_hub", function()
  it("tells those who watch the project, each of them", function()
    local hub = event_hub.new()
    local one, two, other = hub:subscribe "p", hub:subscribe "p", hub:subscribe "q"
    assert.are.equal(2, hub:publish { project = "p" })
    local slept = 0
    local function sleep(seconds) slept = slept + seconds end
    assert.is_true(one:wait(5, sleep))
    assert.is_true(two:wait(5, sleep))
    assert.is_false(other:wait(5, sleep))
    assert.is_false(one:wait(7, sleep))
    assert.are.equal(12, slept)
  end)

  it("tells a subscription nothing once it is closed", function()
    local hub = event_hub.new()
    local one, two = hub:subscribe "p", hub:subscribe "p"
    one:close()
    assert.are.equal(1, hub:publish { project = "p" })
    assert.is_true(two:wait(5, function() end))
  end)

  it("takes events that are of no project", function()
    assert.are.equal(0, event_hub.new():publish { type = "Class.Created" })
  end)

  it("says what is wrong", function()
    local hub = event_hub.new()
    for pattern, fn in pairs {
      ["hub:publish: an event is needed, got nil"] = function() hub:publish() end,
      ["hub:subscribe: a project's id is needed, got table"] = function() hub:subscribe {} end,
    } do
      local ok, message = pcall(fn)
      assert.is_false(ok)
      assert.matches("event_hub_spec.lua:%d+: " .. pattern, message)
    end
  end)
end)
