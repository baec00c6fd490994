-- SPDX-License-Identifier: MIT

local luv = require "cme.net.loop.luv"
local steady = require "cme.server.steady"
local task = require "cme.task"

describe("cme.server.steady", function()
  local logged, log
  local pause = steady.PAUSE

  before_each(function()
    logged, steady.PAUSE = {}, 0
    log = { error = function(_, words, seen) logged[#logged + 1] = { words, seen.task, seen.error } end }
  end)
  after_each(function() steady.PAUSE = pause end)

  it("begins again what fails, says so, and ends when that returns", function()
    local calls = {}
    luv.run(steady.run, log, "keep", function(...)
      calls[#calls + 1] = { ... }
      if #calls < 3 then error "broken" end
    end, "a", "b")
    assert.are.same({ { "a", "b" }, { "a", "b" }, { "a", "b" } }, calls)
    assert.are.equal(2, #logged)
    assert.are.same({ "task failed, and begins again", "keep" }, { logged[1][1], logged[1][2] })
    assert.matches("broken\nstack traceback", logged[1][3])
  end)

  it("is a task that can be ended", function()
    local calls = 0
    luv.run(function()
      local one = steady.detach(nil, "keep", function()
        calls = calls + 1
        error "broken"
      end)
      task.sleep(0)
      one:cancel()
      local before = calls
      for _ = 1, 3 do task.sleep(0) end
      assert.are.equal(before, calls)
    end)
    assert.is_true(calls > 0)
  end)
end)
