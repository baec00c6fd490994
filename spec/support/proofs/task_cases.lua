-- SPDX-License-Identifier: MIT
-- What tasks mean, wherever they run: the same cases pass over a pool that is a stand-in (spec/unit/task_spec.lua) and
-- on nginx's light threads under LuaJIT (spec/integration/resty_spec.lua). A case gets `cme` with run, spawn, sleep and
-- parallel; it raises when something is wrong. Waits are short: in nginx they are real.

local SHORT, LONG = 0.01, 1000

local function equal(expected, actual)
  if expected ~= actual then error(("%s expected, got %s"):format(tostring(expected), tostring(actual)), 2) end
end

local function raises(pattern, fn, ...)
  local ok, message = pcall(fn, ...)
  if ok then error("no error raised", 2) end
  if not tostring(message):find(pattern) then error(("'%s' in %s"):format(pattern, tostring(message)), 2) end
  return message
end

-- A function whose name shows in tracebacks.
local function explode()
  local nothing = nil
  return nothing.field
end

local cases = {
  { "run gives fn its arguments and returns all it returns", function(cme)
    local a, b, c, count = cme.run(function(...) return ..., nil, select("#", ...) end, "x", nil)
    equal("x", a)
    equal(nil, b)
    equal(2, c)
    equal(nil, count)
    equal(0, select("#", cme.run(function() end)))
  end },

  { "tasks wait at the same time, and in turn", function(cme)
    local order = {}
    cme.run(function()
      local list = {}
      for i = 1, 3 do
        list[i] = cme.spawn(function()
          order[#order + 1] = "start " .. i
          cme.sleep((4 - i) * SHORT * 3)
          order[#order + 1] = "end " .. i
        end)
      end
      for _, one in ipairs(list) do one:wait() end
    end)
    equal("start 1,start 2,start 3,end 3,end 2,end 1", table.concat(order, ","))
  end },

  { "a wait ends with what its function is called with, once; or when its time is over", function(cme)
    cme.run(function()
      local a, b, c = cme.wait(function(wake)
        wake(1, nil, 3)
        wake(4)
      end)
      equal(1, a)
      equal(nil, b)
      equal(3, c)
      local later
      cme.spawn(function()
        later "late"
        later "again"
      end)
      equal("late", (cme.wait(function(wake) later = wake end, LONG)))
      local undone = 0
      local value, why = cme.wait(function() return function() undone = undone + 1 end end, SHORT)
      equal(nil, value)
      equal("timeout", why)
      equal(1, undone)
    end)
    raises("task.wait: only inside cme.run", cme.wait, function() end)
  end },

  { "a wait of a cancelled task is undone", function(cme)
    local undone
    cme.run(function()
      local one = cme.spawn(function() cme.wait(function() return function() undone = true end end) end)
      cme.sleep(SHORT)
      one:cancel()
      equal(true, undone)
    end)
  end },

  { "a signal wakes those who wait for it now", function(cme)
    cme.run(function()
      local signal, woken = cme.signal(), {}
      for i = 1, 2 do
        cme.spawn(function()
          woken[i] = signal:wait()
          signal:wait()
          woken[i] = "too far"
        end)
      end
      cme.sleep(SHORT)
      signal:notify "x"
      cme.sleep(SHORT)
      equal("x", woken[1])
      equal("x", woken[2])
      local value, why = cme.signal():wait(0)
      equal(nil, value)
      equal("timeout", why)
    end)
  end },

  { "a lock is had by one at a time, in order, and other keys beside it", function(cme)
    cme.run(function()
      local locks, order, gate = cme.locks(), {}, cme.signal()
      for _, name in ipairs { "a1", "a2", "b1" } do
        cme.spawn(locks.with, locks, name:sub(1, 1), function()
          order[#order + 1] = name
          gate:wait()
        end)
      end
      cme.sleep(SHORT)
      equal("a1 b1", table.concat(order, " "))
      gate:notify()
      cme.sleep(SHORT)
      equal("a1 b1 a2", table.concat(order, " "))
      gate:notify()
      cme.sleep(SHORT)
      equal("free", locks:with("a", function() return "free" end))
    end)
  end },

  { "a lock keeps its order when one that lets go at once comes back", function(cme)
    cme.run(function()
      local locks, gate, order = cme.locks(), cme.signal(), {}
      local function note(name, wait)
        locks:with("a", function()
          order[#order + 1] = name
          if wait then gate:wait() end
        end)
      end
      cme.spawn(note, "first", true)
      cme.spawn(function()
        note "second"
        note "second again"
      end)
      cme.spawn(note, "third", true)
      cme.sleep(SHORT)
      gate:notify()
      cme.sleep(SHORT)
      equal("first second third", table.concat(order, " "))
      gate:notify()
      cme.sleep(SHORT)
      equal("first second third second again", table.concat(order, " "))
    end)
  end },

  { "a lock is let go by a task that raises or is cancelled, held or waited for, by any number at once", function(cme)
    cme.run(function()
      local locks, order = cme.locks(), {}
      raises("boom", locks.with, locks, "a", error, "boom")
      local holder = cme.spawn(locks.with, locks, "a", cme.sleep, LONG)
      cme.sleep(SHORT)
      local list = {}
      for i = 1, 500 do
        list[i] = cme.spawn(locks.with, locks, "a", function() order[#order + 1] = i end)
      end
      cme.sleep(SHORT)
      list[1]:cancel()
      holder:cancel() -- hands it to the second
      local lost = list[2]:cancel() and 1 or 0 -- in nginx it may have been quicker
      list[500]:wait()
      equal(499 - lost, #order)
      equal(2 + lost, order[1])
      equal(500, order[#order])
      equal(1, locks:with("a", function() return 1 end))
    end)
  end },

  { "an event of the project ends a wait for it", function(cme)
    local hub = require "cme.event".hub()
    local came, late
    cme.run(function()
      local waiter = cme.spawn(function() came = hub:subscribe("p"):wait(LONG) end)
      cme.spawn(function()
        cme.sleep(LONG / 2)
        late = true
      end)
      cme.sleep(SHORT)
      equal(0, hub:publish { project = "another" })
      equal(1, hub:publish { project = "p" })
      waiter:wait()
    end)
    equal(true, came)
    equal(nil, late)
  end },

  { "a wait for an event ends when it is closed", function(cme)
    local subscription, came, late = require "cme.event".hub():subscribe "p", nil, nil
    cme.run(function()
      local waiter = cme.spawn(function() came = subscription:wait(LONG) end)
      cme.spawn(function()
        cme.sleep(LONG / 2)
        late = true
      end)
      cme.sleep(SHORT)
      subscription:close()
      waiter:wait()
    end)
    equal(false, came)
    equal(nil, late)
  end },

  { "an event between two waits ends the second, however many there were", function(cme)
    local hub = require "cme.event".hub()
    local subscription = hub:subscribe "p"
    cme.run(function()
      equal(false, subscription:wait(SHORT))
      hub:publish { project = "p" }
      hub:publish { project = "p" }
      equal(true, subscription:wait(LONG))
      equal(false, subscription:wait(SHORT))
    end)
  end },

  { "an event for who was cancelled, or has gone, is nobody's", function(cme)
    local hub = require "cme.event".hub()
    cme.run(function()
      local waiter = cme.spawn(function() hub:subscribe("p"):wait(LONG) end)
      cme.sleep(SHORT)
      waiter:cancel()
      hub:publish { project = "p" }
      cme.sleep(SHORT)
    end)
    collectgarbage()
    collectgarbage()
    equal(0, hub:publish { project = "p" })
    equal(nil, next(hub._subscriptions))
  end },

  { "a spawned task begins when its spawner waits", function(cme)
    cme.run(function()
      local begun = false
      local one = cme.spawn(function() begun = true end)
      equal(false, begun)
      one:wait()
      equal(true, begun)
    end)
  end },

  { "wait returns all results, to any number of waiters, also afterwards", function(cme)
    cme.run(function()
      local one = cme.spawn(function(...)
        cme.sleep(SHORT)
        return select("#", ...), nil, "last"
      end, 1, nil, nil)
      local got = {}
      local others = {}
      for i = 1, 3 do others[i] = cme.spawn(function() got[i] = { one:wait() } end) end
      for _, other in ipairs(others) do other:wait() end
      for i = 1, 3 do
        equal(3, got[i][1])
        equal("last", got[i][3])
      end
      equal(3, (one:wait()))
      equal("cme.task 2 (done)", tostring(one))
    end)
  end },

  { "a fail tuple is a result like any other", function(cme)
    cme.run(function()
      local value, message, detail = cme.spawn(function() return nil, "no", { code = "x" } end):wait()
      equal(nil, value)
      equal("no", message)
      equal("x", detail.code)
    end)
  end },

  { "wait raises what the task raised, with that task's traceback", function(cme)
    local message = raises("task_cases.lua:%d+: attempt to index", cme.run, function()
      cme.spawn(function()
        cme.sleep(SHORT)
        explode()
      end):wait()
    end)
    raises("explode", error, message)
  end },

  { "an error that was waited for and caught is dealt with", function(cme)
    equal("ok", cme.run(function()
      local one = cme.spawn(function() error("bang", 0) end)
      raises("^bang\n", one.wait, one)
      raises("^bang\n", one.wait, one)
      return "ok"
    end))
  end },

  { "an error that nobody waits for fails the run at its end", function(cme)
    local message = raises("^bang 1\nstack traceback:", cme.run, function()
      for i = 1, 2 do cme.spawn(function() error("bang " .. i, 0) end) end
      cme.sleep(SHORT)
    end)
    equal(nil, message:find "bang 2")
  end },

  { "an error that nobody waits for fails the task that spawned it, at its end", function(cme)
    cme.run(function()
      local one = cme.spawn(function()
        cme.spawn(function() error("bang", 0) end)
        cme.sleep(SHORT)
      end)
      raises("^bang\n", one.wait, one)
    end)
  end },

  { "the run's own error goes before a child's", function(cme)
    raises("^mine\n", cme.run, function()
      cme.spawn(function() error("bang", 0) end)
      cme.sleep(SHORT)
      error("mine", 0)
    end)
  end },

  { "an error that is a table is raised as it is", function(cme)
    local mine = setmetatable({ code = 7 }, { __tostring = function() return "said so" end })
    local function raised(fn, ...) return select(2, pcall(fn, ...)) end
    equal(mine, raised(cme.run, function() error(mine) end))
    equal(mine, raised(cme.run, function()
      cme.spawn(error, mine)
      cme.sleep(SHORT)
    end))
    equal(mine, raised(cme.parallel, { 1 }, function() error(mine) end))
    cme.run(function()
      local one = cme.spawn(error, mine)
      equal(mine, raised(one.wait, one))
    end)
  end },

  { "other errors that are no strings come out as text", function(cme)
    raises("^nil\n", cme.run, function() error(nil) end)
    raises("^false\n", cme.run, function() error(false) end)
  end },

  { "nothing runs once run has returned", function(cme)
    local ended = 0
    local one, two
    cme.run(function()
      one = cme.spawn(function()
        two = cme.spawn(function()
          cme.sleep(LONG)
          ended = ended + 1
        end)
        cme.sleep(LONG)
        ended = ended + 1
      end)
      cme.spawn(function() ended = ended + 1 end) -- has not begun when run returns, or is done
      cme.sleep(SHORT)
    end)
    equal(1, ended)
    equal("cme.task 2 (cancelled)", tostring(one))
    equal("cme.task 4 (cancelled)", tostring(two))
  end },

  { "nothing runs once run has raised", function(cme)
    local one
    raises("bang", cme.run, function()
      one = cme.spawn(cme.sleep, LONG)
      cme.sleep(SHORT)
      error "bang"
    end)
    equal("cme.task 2 (cancelled)", tostring(one))
  end },

  { "a task that ends takes its children along", function(cme)
    cme.run(function()
      local child = cme.spawn(function() return cme.spawn(cme.sleep, LONG) end):wait()
      equal("cme.task 3 (cancelled)", tostring(child))
    end)
  end },

  { "cancel ends a task where it waits, and those who wait for it go on", function(cme)
    cme.run(function()
      local passed = false
      local one = cme.spawn(function()
        pcall(cme.sleep, LONG)
        passed = true
      end)
      local waiter = cme.spawn(function() return one:wait() end)
      cme.sleep(SHORT)
      equal(true, one:cancel())
      equal(false, one:cancel())
      local value, message, detail = waiter:wait()
      equal(nil, value)
      equal("task: cancelled", message)
      equal("task.cancelled", detail.code)
      equal(false, passed)
    end)
  end },

  { "cancel reaches a task that has not begun", function(cme)
    cme.run(function()
      local begun = false
      local one = cme.spawn(function() begun = true end)
      one:cancel()
      cme.sleep(SHORT)
      equal(false, begun)
    end)
  end },

  { "cancel takes the children too", function(cme)
    cme.run(function()
      local child
      local one = cme.spawn(function()
        child = cme.spawn(cme.sleep, LONG)
        cme.sleep(LONG)
      end)
      cme.sleep(SHORT)
      one:cancel()
      equal("cme.task 3 (cancelled)", tostring(child))
      equal(false, child:cancel())
    end)
  end },

  { "a task may cancel itself and the one that spawned it, and is gone then", function(cme)
    cme.run(function()
      local after = false
      local self
      self = cme.spawn(function()
        self:cancel()
        after = true
      end)
      equal("task: cancelled", select(2, self:wait()))
      local parent
      parent = cme.spawn(function()
        cme.spawn(function()
          parent:cancel()
          after = true
        end)
        cme.sleep(LONG)
      end)
      equal("task: cancelled", select(2, parent:wait()))
      equal(false, after)
    end)
  end },

  { "an error of a cancelled task's child is not lost to others", function(cme)
    equal("ok", cme.run(function()
      local one = cme.spawn(function()
        cme.spawn(function() error "bang" end)
        cme.sleep(LONG)
      end)
      cme.sleep(SHORT)
      one:cancel()
      return "ok"
    end))
  end },

  { "waits that could never end raise", function(cme)
    cme.run(function()
      local self, a, b
      self = cme.spawn(function() raises("deadlock: a task cannot wait for itself", self.wait, self) end)
      self:wait()
      a = cme.spawn(function() b:wait() end)
      b = cme.spawn(function()
        cme.sleep(SHORT)
        raises("deadlock: that task waits for this one", a.wait, a)
      end)
      a:wait()
      local parent
      parent = cme.spawn(function()
        local child = cme.spawn(function() raises("deadlock: a task ends before", parent.wait, parent) end)
        child:wait()
      end)
      parent:wait()
    end)
  end },

  { "parallel gives every item to fn, at most limit at a time", function(cme)
    cme.run(function()
      local now, most = 0, 0
      local results, failures = cme.parallel({ 5, 6, 7, 8, 9 }, function(item, i)
        now = now + 1
        most = math.max(most, now)
        cme.sleep(SHORT)
        now = now - 1
        return item * 10 + i
      end, 2)
      equal("51,62,73,84,95", table.concat(results, ","))
      equal(0, #failures)
      equal(2, most)
    end)
  end },

  { "parallel runs all at once without a limit, and takes an empty list", function(cme)
    cme.run(function()
      local now, most = 0, 0
      cme.parallel({ 1, 2, 3, 4, 5 }, function()
        now = now + 1
        most = math.max(most, now)
        cme.sleep(SHORT)
      end)
      equal(5, most)
      local results, failures = cme.parallel({}, error)
      equal(0, #results + #failures)
    end)
  end },

  { "parallel lists what failed, in order", function(cme)
    local results, failures = cme.parallel({ 3, 2, 1 }, function(item, i)
      cme.sleep(item * SHORT)
      if i ~= 2 then return nil, "no " .. item, { code = "c" .. item } end
      return item
    end)
    equal(nil, results[1])
    equal(2, results[2])
    equal(nil, results[3])
    equal(2, #failures)
    equal(1, failures[1].index)
    equal("no 3", failures[1].message)
    equal("c1", failures[2].detail.code)
  end },

  { "parallel lists what is on the air and does not work in full yet, beside its value", function(cme)
    local results, failures, warnings = cme.parallel({ 3, 2, 1 }, function(item, i)
      cme.sleep(item * SHORT)
      if i ~= 2 then return item, "warning " .. i, { pending = { {} } } end
      return item, "more than one value"
    end)
    equal("3 2 1", table.concat(results, " "))
    equal(0, #failures)
    equal("1 3", warnings[1].index .. " " .. warnings[2].index)
    equal("warning 1", warnings[1].message)
  end },
  { "parallel ends the others when fn raises, and raises that", function(cme)
    cme.run(function()
      local ended = 0
      raises("^bang\nstack traceback:", cme.parallel, { 1, 2, 3 }, function(_, i)
        cme.sleep(i == 2 and SHORT or LONG)
        if i == 2 then error("bang", 0) end
        ended = ended + 1
      end)
      cme.sleep(SHORT)
      equal(0, ended)
    end)
  end },

  { "many tasks, deep ones too", function(cme)
    local count = 0
    local function deep(n)
      count = count + 1
      if n > 1 then cme.spawn(deep, n - 1):wait() end
    end
    cme.run(function()
      deep(300)
      local list = {}
      for i = 1, 1000 do list[i] = cme.spawn(function()
        cme.sleep(SHORT)
        count = count + 1
      end) end
      for _, one in ipairs(list) do one:wait() end
    end)
    equal(1300, count)
  end },

  { "misuse raises at the line of the caller", function(cme)
    local here = "task_cases.lua:%d+: "
    raises(here .. "cme.spawn: only inside cme.run", function() cme.spawn(print) end)
    raises(here .. "cme.run: a function is needed, got nil", function() cme.run() end)
    raises(here .. "cme.parallel: a list is needed, got nil", function() cme.parallel(nil, print) end)
    raises(here .. "cme.parallel: item 2 of the list is missing", function() cme.parallel({ 1, nil, 3 }, print) end)
    raises(here .. "cme.parallel: limit", function() cme.parallel({ 1 }, print, 0) end)
    raises(here .. "cme.sleep_until: time", function() cme.sleep_until "tomorrow" end)
    local old
    cme.run(function()
      old = cme.spawn(print)
      old:cancel()
      local kept = cme.spawn(cme.sleep, LONG)
      raises(here .. "cme.run: already inside", function() cme.run(print) end)
      raises(here .. "cme.spawn: a function is needed, got number", function() cme.spawn(1) end)
      raises(here .. "task:wait: call it as", function() kept.wait() end)
      raises(here .. "task:cancel: call it as", function() kept.cancel {} end)
    end)
    equal(false, old:cancel())
    raises(here .. "task:wait: only inside cme.run", function() old:wait() end)
  end },

  { "a task of another run is none of this one's", function(cme)
    local old
    cme.run(function() old = cme.spawn(print) end)
    cme.run(function() raises("task_cases.lua:%d+: task:wait: a task of another", function() old:wait() end) end)
  end, loop_of_its_own = true },
}

return cases
