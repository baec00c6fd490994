-- SPDX-License-Identifier: MIT

local task = require "cme.server.task"
local uv = require "luv"

-- Runs a function as a task, and the loop until it is done.
local function run(fn)
  local done = false
  task.spawn(function()
    fn()
    done = true
  end)
  while not done do
    assert(uv.loop_alive(), "the task waits for nothing")
    uv.run "once"
  end
  uv.run "nowait"
end

describe("cme.server.task", function()
  it("waits for what is armed, once", function()
    run(function()
      local wake_later
      assert.are.same({ 1, nil, 3, n = 3 }, table.pack(task.wait(function(wake)
        wake(1, nil, 3)
        wake(4)
      end)))
      assert.are.same({ "later" }, { task.wait(function(wake)
        wake_later = wake
        local timer = uv.new_timer()
        timer:start(1, 0, function()
          timer:close()
          wake_later "later"
        end)
      end, 60) })
      wake_later "again" -- nobody waits any more
    end)
  end)

  it("gives up after its bound", function()
    run(function()
      assert.are.same({ nil, "timeout" }, { task.wait(function() end, 0.01) })
      assert.are.same({ nil, "timeout" }, { task.signal():wait(0) })
    end)
  end)

  it("wakes all that wait for a signal, and only them", function()
    local signal, woken = task.signal(), {}
    for i = 1, 2 do
      task.spawn(function()
        woken[i] = signal:wait()
        signal:wait()
        woken[i] = "too far"
      end)
    end
    signal:notify "x"
    assert.are.same({ "x", "x" }, woken)
  end)

  it("runs what holds a key one after the other, and other keys beside it", function()
    local locks, order, gate = task.locks(), {}, task.signal()
    local function hold(key, name)
      task.spawn(function()
        locks:with(key, function()
          order[#order + 1] = name
          gate:wait()
        end)
      end)
    end
    hold("a", "a1")
    hold("a", "a2")
    hold("b", "b1")
    assert.are.same({ "a1", "b1" }, order)
    gate:notify()
    assert.are.same({ "a1", "b1", "a2" }, order)
    gate:notify()
    assert.are.same({ "free" }, { locks:with("a", function()
      return "free"
    end) })
  end)

  it("hands a key on to any number of tasks that let go at once", function()
    local locks, gate, order = task.locks(), task.signal(), {}
    task.spawn(locks.with, locks, "a", gate.wait, gate)
    for i = 1, 1000 do
      task.spawn(locks.with, locks, "a", function()
        order[#order + 1] = i
      end)
    end
    gate:notify()
    assert.are.equal(1000, #order)
    for i = 1, 1000 do
      assert.are.equal(i, order[i])
    end
    local free = false
    task.spawn(locks.with, locks, "a", function()
      free = true
    end)
    assert.is_true(free)
  end)

  it("keeps the order when a task that lets go at once comes back, and when one of the queue waits", function()
    local locks, gate, order = task.locks(), task.signal(), {}
    local function note(name, wait)
      locks:with("a", function()
        order[#order + 1] = name
        if wait then
          gate:wait()
        end
      end)
    end
    task.spawn(note, "first", true)
    task.spawn(function()
      note "second"
      note "second again"
    end)
    task.spawn(note, "third", true)
    gate:notify()
    assert.are.same({ "first", "second", "third" }, order)
    gate:notify()
    assert.are.same({ "first", "second", "third", "second again" }, order)
  end)

  it("lets go of a key when its holder raises", function()
    local locks = task.locks()
    local ok, message = pcall(locks.with, locks, "a", error, "boom")
    assert.is_false(ok)
    assert.matches("^boom", message)
    assert.are.equal(1, locks:with("a", function()
      return 1
    end))
  end)

  it("reports what a task raises, and goes on", function()
    local report = task.on_error
    local seen
    task.on_error = function(traceback)
      seen = traceback
    end
    task.spawn(error, "boom")
    task.on_error = report
    assert.matches("boom", seen)
    assert.matches("traceback", seen)
  end)
end)
