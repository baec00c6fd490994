-- SPDX-License-Identifier: MIT
-- Tasks: straight-line code, many at once. This file has what callers use. Its parts are cme.task.tree (what a task
-- is), cme.task.waits (signals and locks), cme.task.embedded and cme.task.parallel. How tasks wait is the business of a
-- loop: cme.net.loop.curl (coroutines over one curl multi handle), cme.net.loop.luv (the same in libuv's loop) or
-- cme.net.loop.nginx (nginx's light threads). None of it is known here: cme.net.host tells which one this process has.
--
--   run ── main task ── spawn ── child ── spawn ── ...      a tree: nothing outlives the task that spawned it
--
-- When a task ends, by return, error or cancellation, its running children and their requests are cancelled, deepest
-- first. So nothing is left when cme.run returns. An error is never lost: wait() raises it with the traceback of the
-- task that failed. If nobody waits for that task, its parent fails with the error when it ends, and finally cme.run. A
-- cancelled task stops where it waits: no pcall catches this, and to-be-closed variables are closed (Lua 5.4, not in
-- nginx). A spawned task begins when its spawner next waits.
--
-- To wait for anything other than a request or a sleep, use task.wait, which takes a function that arranges the
-- wake-up. Signals (wake all who wait) and locks (one after the other) are built on it.

local options = require "cme.text.options"
local tree = require "cme.task.tree"
local waits = require "cme.task.waits"

---@class cme.task.module
local task = {}

---@class cme.task.host what a process offers to tasks and outside of them; cme.net.host registers it
---@field new_loop fun(): cme.task.loop a loop for a new run
---@field foreign_loop fun(): cme.task.loop|nil a loop for a run inside another loop; nil where that cannot be
---@field later fun(): (fun(run: function, ...: any): ...)|nil what starts a run elsewhere when this very place cannot
---  wait; nil: it can
---@field sleep fun(seconds: number) waits outside of a run
---@field time fun(): number the wall clock, unix seconds

local SLEEP_LOOK = 60 -- seconds after which sleep_until looks at the clock again: it may have been set

---@type cme.task.host
local host

task.current, task.on_cancel = tree.current, tree.on_cancel

--- Registers what this process offers.
---@param offered cme.task.host
function task.register(offered)
  host = offered
end

--- Runs fn as a task, together with every task that it spawns, until fn returns. Tasks that are still running then are
--- cancelled. In nginx it uses light threads and never blocks the worker; in a phase that cannot wait (init_worker,
--- log, ...) it starts a timer that runs fn, and returns true.
---@param fn function
---@param ... any its arguments
---@return any ... what fn returns; raises what it raises, with the failed task's traceback unless it is a table
---@usage local sum = cme.run(function(a, b) return a + b end, 1, 2) --> 3
function task.run(fn, ...)
  tree.check_run("cme.run", fn)
  local later = host.later()
  if later then return later(task.run, fn, ...) end
  return tree.run(host.new_loop(), fn, ...)
end

--- A run that does not wait: for programs that have a loop of their own (luv, lgi, copas, ...), which waits for the
--- descriptor and the timeout and then calls `run`. fn begins at the first `run`. Not in nginx, where cme.run never
--- blocks.
---@param fn function
---@param ... any its arguments
---@return cme.embedded
---@usage local embedded = cme.embed(function() return cme.sleep(0), 42 end)
function task.embed(fn, ...)
  tree.check_run("cme.embed", fn)
  local loop = host.foreign_loop()
  if not loop then options.misuse "cme.embed: nginx has a loop of its own (use cme.run)" end
  return require "cme.task.embedded".new(loop, fn, ...) -- not above, as parallel: few ask for it
end

--- Starts a task, which ends no later than the task that spawned it.
---@param fn function
---@param ... any its arguments
---@return cme.task
---@usage cme.spawn(print, "hello"):wait()
function task.spawn(fn, ...)
  return tree.spawn(fn, ...)
end

local function check_seconds(what, seconds)
  if type(seconds) ~= "number" or not (seconds >= 0 and seconds < math.huge) then
    options.misuse(what .. ": a number of seconds is needed")
  end
end

--- Waits. Inside cme.run other tasks continue meanwhile; in nginx the worker does.
---@param seconds number
function task.sleep(seconds)
  check_seconds("cme.sleep", seconds)
  local me = tree.waiting "sleep"
  if me then return tree.sleep(me, seconds) end
  host.sleep(seconds)
end

--- Waits until a point in time by the wall clock, even if the clock is set meanwhile.
---@param at number|string|table unix seconds, ISO 8601 with an offset, or a table of os.date form
---@usage cme.sleep_until "2019-10-29T00:00:00Z"
function task.sleep_until(at)
  local deadline, message = require "cme.time".parse(at) -- not above: few ask for it
  if not deadline then options.misuse("cme.sleep_until: " .. message) end
  local left = deadline - host.time()
  while left > 0 do
    task.sleep(math.min(left, SLEEP_LOOK))
    left = deadline - host.time()
  end
end

-- ---- waiting for whatever else

--- Waits until the function that `arm` receives is called, by a callback or another task. Later calls of that function
--- do nothing. Only inside cme.run. If this process was paused (stopped, or the machine slept), the time limit is
--- extended once, so that what arrived meanwhile is read first.
---@param arm fun(wake: fun(...)): (fun()|nil) may return a function that undoes it, which is called when the time is
---  over or the task is cancelled
---@param seconds number|nil longest wait; nil: no limit
---@return any ... what the function was called with; nil, "timeout" when the time is over
function task.wait(arm, seconds)
  return tree.wait(arm, seconds)
end

--- Creates a signal: `notify` wakes all tasks that are waiting for it.
---@return cme.task.signal
function task.signal()
  return waits.signal()
end

--- Creates a set of locks, one for each key.
---@return cme.task.locks
function task.locks()
  return waits.locks()
end

--- Calls fn(item, index) for every item of a list, at most `limit` at a time, and waits for all of them. Outside
--- cme.run it starts a run of its own. If fn raises an error, the other calls are cancelled and the error is raised.
---@param list any[]
---@param fn fun(item: any, index: integer): any
---@param limit integer|nil nil: all at once
---@return any[] results results[i] is the first value for list[i], nil where it failed
---@return { index: integer, message: string, detail: cme.detail|nil }[] failures by index, empty when all went well
---@return { index: integer, message: string, detail: cme.detail }[] warnings by index, for calls that returned a value
--- and a detail with `pending`, such as show:start() for a broadcast that is on the air but does not fully work yet
---@usage local squares = cme.parallel({ 1, 2, 3 }, function(n) return n * n end) --> squares[3] == 9
function task.parallel(list, fn, limit)
  if type(list) ~= "table" then options.misuse("cme.parallel: a list is needed, got " .. type(list)) end
  local length, hole = options.length(list)
  if hole then options.misuse(("cme.parallel: item %d of the list is missing (it is nil)"):format(hole)) end
  tree.check_function("cme.parallel", fn)
  if limit ~= nil and not (type(limit) == "number" and limit >= 1 and limit % 1 == 0) then
    options.misuse "cme.parallel: limit: a whole number above 0 is needed"
  end
  limit = limit or length
  local run = require "cme.task.parallel".run
  if tree.waiting "cme.parallel" then return run(list, fn, limit) end
  if host.later() then
    options.misuse "cme.parallel: this phase of nginx cannot wait (use it inside cme.run)"
  end
  return task.run(run, list, fn, limit)
end

return task
