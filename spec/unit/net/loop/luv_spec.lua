-- SPDX-License-Identifier: MIT
-- The loop in libuv's, with what only it has: detached tasks, and wake-ups from callbacks. What tasks mean is the same
-- as elsewhere: the common cases pass here, too.

local cases = require "spec.support.proofs.task_cases"
local luv = require "cme.net.loop.luv"
local task = require "cme.task"
local uv = require "luv"

-- Calls fn once libuv's loop turns.
local function soon(fn)
  local timer = uv.new_timer()
  timer:start(1, 0, function()
    timer:close()
    fn()
  end)
end

describe("cme.net.loop.luv", function()
  local cme = setmetatable({ run = luv.run }, { __index = task })

  after_each(function()
    uv.run "nowait"
    assert.is_false(uv.loop_alive())
  end)

  for _, case in ipairs(cases) do
    if not case.loop_of_its_own then
      it("promises: " .. case[1], function()
        case[2](cme)
        assert.is_nil(task.current())
      end)
    end
  end

  it("goes on from a callback, at once, with what it was given", function()
    local results
    luv.detach(function()
      results = table.pack(task.wait(function(wake) soon(function()
        wake(1, nil, 3)
        assert.are.same({ 1, nil, 3, n = 3 }, results)
        wake "again" -- nobody waits any more
      end) end, 60))
    end)
    uv.run()
    assert.are.equal(3, results.n)
  end)

  it("starts a detached task at once, from within a task, too", function()
    local order = {}
    luv.run(function()
      luv.detach(function()
        order[1] = "begun"
        task.sleep(0.001)
        order[3] = "gone on"
      end)
      order[2] = "spawner"
    end)
    assert.are.same({ "begun", "spawner" }, order)
    uv.run()
    assert.are.same({ "begun", "spawner", "gone on" }, order) -- it outlives the run
  end)

  it("reports what a detached task raises, and goes on; to who waits for it, if anybody does", function()
    local report, seen = luv.on_error, {}
    luv.on_error = function(traceback) seen[#seen + 1] = traceback end
    finally(function() luv.on_error = report end)
    luv.detach(error, "boom")
    assert.matches("boom.*traceback", seen[1])
    luv.run(function()
      local one = luv.detach(function()
        task.sleep(0.001)
        error "heard"
      end)
      local ok, message = pcall(one.wait, one)
      assert.is_false(ok)
      assert.matches("heard", message)
    end)
    assert.are.equal(1, #seen)
  end)

  it("cancels a task from a callback, and what it waits for", function()
    local undone
    local one = luv.detach(function()
      task.wait(function() return function() undone = true end end, 60)
    end)
    assert.is_true(one:cancel())
    assert.is_true(undone)
    assert.is_false(one:cancel())
  end)

  it("says so when no task can ever go on", function()
    local ok, message = pcall(luv.run, function() task.wait(function() end) end)
    assert.is_false(ok)
    assert.matches("deadlock: no task can ever go on", message)
  end)

  it("lets libuv have its turn between tasks that wake each other for ever", function()
    local turned = false
    luv.run(function()
      local ping, pong = task.signal(), task.signal()
      for _, pair in ipairs { { ping, pong }, { pong, ping } } do
        task.spawn(function()
          while true do
            pair[1]:notify()
            pair[2]:wait()
          end
        end)
      end
      task.wait(function(wake) soon(wake) end)
      turned = true
    end)
    assert.is_true(turned)
  end)
end)
