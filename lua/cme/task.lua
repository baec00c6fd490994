-- SPDX-License-Identifier: MIT
-- Tasks: straight-line code, many at once. This file has what they mean; how they wait is a loop's business:
-- cme.net.loop.curl (coroutines over one curl multi handle), cme.net.loop.luv (the same in libuv's loop) or
-- cme.net.loop.nginx (nginx's light threads). It knows none of them: cme.net.host tells it which one this process has.
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

---@class cme.task.module
local task = {}

---@class cme.task
---@field _loop cme.loop
---@field _parent cme.task|nil nil for a run's main task
---@field _children table<cme.task, true> those that run, and those whose error nobody has taken
---@field _state "running"|"done"|"failed"|"cancelled" running until its outcome is settled
---@field _outcome table|nil { n =, true, results... } or { false, error } once its function has ended
---@field _thread thread|nil its coroutine, once it has begun
---@field _root cme.task the main task, or the detached one, from which it stems
---@field _count integer|nil of a root: the tasks that stem from it
---@field _order integer place among those
---@field _waiters cme.task[] those to wake at its end
---@field _for cme.task|nil what it waits for
---@field _undo fun()[]|nil what its cancellation undoes: waits that are armed, locks that it holds
---@field _detached boolean|nil it belongs to its loop, not to the task that started it
local Task = {}
Task.__index = Task
Task.__name = "cme.task"

---@class cme.loop how tasks of one run wait; only task.lua and transports call it
---@field blocks boolean while it is driven, nothing else of the process runs
---@field start fun(self: cme.loop, t: cme.task, body: function) queues a new task
---@field drive fun(self: cme.loop, main: cme.task) runs tasks until the main one has ended
---@field park fun(self: cme.loop, t: cme.task, seconds: number|nil, patient: boolean|nil) suspends the current task
---  until wake, or until the seconds are over; a patient one is given a little more when this process stood still
---@field wake fun(self: cme.loop, t: cme.task) lets a parked task go on; nothing happens to one that is not parked
---@field sleep fun(self: cme.loop, t: cme.task, seconds: number)
---@field outside (fun(self: cme.loop, fn: function))|nil of a loop that others turn: runs fn, which may drop tasks
---@field on_error fun(traceback: string) takes what a detached task raised and nobody waited for
---@field drop fun(self: cme.loop, t: cme.task): string|nil stops a task; the error of its cleanup, if any
---@field change fun(self: cme.loop, t: cme.task, fn: function) runs fn where tasks may be dropped; may not return
---@field close fun(self: cme.loop)

local unpack = table.unpack or _G.unpack -- luacheck: ignore 143

---@class cme.task.host what a process offers to tasks and outside of them; cme.net.host registers it
---@field new_loop fun(): cme.loop a loop for a new run
---@field foreign_loop fun(): cme.loop|nil a loop for a run inside another loop; nil where that cannot be
---@field later fun(): (fun(run: function, ...: any): ...)|nil what starts a run elsewhere when this very place cannot
---  wait; nil: it can
---@field sleep fun(seconds: number) waits outside of a run
---@field time fun(): number the wall clock, unix seconds

local SLEEP_LOOK = 60 -- seconds after which sleep_until looks at the clock again: it may have been set

-- Which task a coroutine is. Weak both ways: LuaJIT has no ephemerons, and a request that nginx ends in the middle
-- leaves its tasks here. A coroutine holds its task itself.
local by_thread = setmetatable({}, { __mode = "kv" })

---@type cme.task.host
local host

--- Registers what this process offers.
---@param offered cme.task.host
function task.register(offered)
  host = offered
end

local function pack(...)
  return { n = select("#", ...), ... }
end

-- Where an error began: the task's own stack, before it is unwound.
local function with_traceback(message)
  local text = debug.traceback(tostring(message), 2) -- no tail call: the level counts from this frame
  return text
end

--- The task that runs this very code; nil outside of cme.run.
---@return cme.task|nil
function task.current()
  return by_thread[coroutine.running() or false]
end

-- The plain loop that is being driven: it blocks the whole process, so there is one.
local driving

--- The task that is about to wait, checked: raises where waiting is impossible.
---@param what string who asks, for the message
---@return cme.task|nil task nil outside of cme.run
function task.waiting(what)
  local me = task.current()
  if not me then
    if driving then options.misuse(what .. ": inside cme.run a coroutine of your own cannot wait (use cme.spawn)") end
    return nil
  elseif coroutine.isyieldable and not coroutine.isyieldable() then -- luacheck: ignore 143
    options.misuse(what .. ": cannot wait inside a function that C calls (sort, gsub, a metamethod, __close)")
  end
  return me
end

local function inside(what)
  return task.waiting(what) or options.misuse(what .. ": only inside cme.run")
end

-- What ends a task; the loop calls it where tasks may be dropped, with the outcome of the task's function.
local stop

-- Cancels the children that run; returns the first error among the others that nobody has taken.
local function end_children(self)
  local children = {}
  for child in pairs(self._children) do children[#children + 1] = child end
  table.sort(children, function(a, b) return a._order < b._order end)
  local lost
  for _, child in ipairs(children) do
    if child._state == "running" then stop(child) end
    if child._state == "failed" and not lost then lost = child._outcome[2] end
  end
  self._children = {}
  return lost
end

local function leave(self, state)
  self._state = state
  if self._thread then by_thread[self._thread] = nil end -- nginx may use the coroutine again
  if self._parent and state ~= "failed" then self._parent._children[self] = nil end
  for _, waiter in ipairs(self._waiters) do
    if waiter._state == "running" then self._loop:wake(waiter) end
  end
  self._waiters = {}
end

-- What a cancelled task leaves armed or locked, last thing first.
local function undo(self)
  local list = self._undo or {}
  self._undo = nil
  for i = #list, 1, -1 do list[i]() end
end

stop = function(self)
  if self._outcome then return self:_settle() end -- it has ended, and its loop has not got to that yet
  self._state = "cancelled" -- first: what its children's cleanup does must find it ended
  end_children(self)
  local failure = self._loop:drop(self)
  undo(self)
  if failure then self._outcome = { false, failure } end
  leave(self, failure and "failed" or "cancelled")
end

--- Settles a task whose function has ended. For loops only.
function Task:_settle()
  if self._state ~= "running" then return end
  local lost = end_children(self)
  if lost and self._outcome[1] then self._outcome = { false, lost } end
  local unheard = self._detached and not self._outcome[1] and not self._waiters[1]
  leave(self, self._outcome[1] and "done" or "failed")
  if unheard then self._loop.on_error(self._outcome[2]) end
end

local function new_task(loop, parent)
  local self = setmetatable({ _loop = loop, _parent = parent, _children = {}, _state = "running", _waiters = {} }, Task)
  local root = parent and parent._root or self
  root._count = (root._count or 0) + 1
  self._root, self._order = root, root._count
  return self
end

-- What a task's coroutine runs.
local function body_of(self, fn, ...)
  local given = pack(...)
  return function()
    self._thread = coroutine.running()
    by_thread[self._thread] = self
    self._outcome = pack(xpcall(function() return fn(unpack(given, 1, given.n)) end, with_traceback))
  end
end

local function create(loop, parent, fn, ...)
  local self = new_task(loop, parent)
  if parent then parent._children[self] = true end
  loop:start(self, body_of(self, fn, ...))
  return self
end

--- Starts a task that belongs to a loop: it may outlive the one that starts it, and its error goes to the loop's
--- on_error unless somebody waits for it. For loops, which offer it as theirs.
---@param loop cme.loop
---@param begin fun(t: cme.task, body: function)
---@param fn function
---@param ... any
---@return cme.task
function task.detached(loop, begin, fn, ...)
  local self = new_task(loop, nil)
  self._detached = true
  begin(self, body_of(self, fn, ...))
  return self
end

local function check_function(what, fn)
  local meta = getmetatable(fn)
  if type(fn) ~= "function" and not (type(meta) == "table" and meta.__call) then
    options.misuse(("%s: a function is needed, got %s"):format(what, type(fn)))
  end
end

-- What a task that has ended gives to the one who waited.
local function outcome(self)
  if self._state == "done" then return unpack(self._outcome, 2, self._outcome.n) end
  if self._state == "cancelled" then return require "cme.codes".fail "task.cancelled" end
  if self._parent then self._parent._children[self] = nil end
  error(self._outcome[2], 0)
end

local function check_run(fn)
  check_function("cme.run", fn)
  if task.waiting "cme.run" then options.misuse "cme.run: already inside cme.run (use cme.spawn)" end
end

--- Runs fn as the main task of a given loop.
---@param loop cme.loop
---@param fn function
---@param ... any
function task.run_on(loop, fn, ...)
  check_run(fn)
  local main = create(loop, nil, fn, ...)
  local outer = driving
  driving = loop.blocks and loop or outer
  local ok, why = pcall(loop.drive, loop, main)
  if not ok and main._state == "running" then stop(main) end
  loop:close()
  driving = outer
  if not ok then error(why, 0) end
  return outcome(main)
end

--- Runs fn as a task, together with every task that it spawns, until fn returns. Tasks that are still running then are
--- cancelled. In nginx it uses light threads and never blocks the worker; in a phase that cannot wait (init_worker,
--- log, ...) it starts a timer that runs fn, and returns true.
---@param fn function
---@param ... any its arguments
---@return any ... what fn returns; raises what it raises, with the traceback of the task that failed
---@usage local sum = cme.run(function(a, b) return a + b end, 1, 2) --> 3
function task.run(fn, ...)
  check_run(fn)
  local later = host.later()
  if later then return later(task.run, fn, ...) end
  return task.run_on(host.new_loop(), fn, ...)
end

---@class cme.embedded a run that another loop drives
---@field private _loop cme.loop.foreign
---@field private _main cme.task
---@field private _open boolean
local Embedded = {}
Embedded.__index = Embedded
Embedded.__name = "cme.embedded"

--- A run that does not wait: for programs that have a loop of their own (luv, lgi, copas, ...), which waits for the
--- descriptor and the timeout and then calls `run`. fn begins at the first `run`. Not in nginx, where cme.run never
--- blocks.
---@param fn function
---@param ... any its arguments
---@return cme.embedded
---@usage local embedded = cme.embed(function() return cme.sleep(0), 42 end)
function task.embed(fn, ...)
  check_function("cme.embed", fn)
  if task.waiting "cme.embed" then options.misuse "cme.embed: already inside cme.run (use cme.spawn)" end
  local loop = host.foreign_loop()
  if not loop then options.misuse "cme.embed: nginx has a loop of its own (use cme.run)" end
  return setmetatable({ _loop = loop, _main = create(loop, nil, fn, ...), _open = true }, Embedded)
end

--- The descriptor to wait for: readable when there is something to do. It stays the same until `close`.
---@return integer
function Embedded:fd()
  return self._loop:fd()
end

--- Seconds after which there is something to do though the descriptor stays silent. Ask again after each `run`, and
--- after whatever else may let a task go on: `signal:notify`, the function that cme.wait gives, `task:cancel`.
---@return number|nil seconds 0 for now, nil for never
function Embedded:timeout()
  if self._main._state ~= "running" then return 0 end
  return self._loop:timeout()
end

--- Does what can be done without waiting.
function Embedded:run()
  if self._main._state ~= "running" then return end
  local outer = driving
  driving = self._loop
  local ok, why = pcall(self._loop.run, self._loop)
  driving = outer
  if not ok then error(why, 0) end
end

--- Whether fn has ended.
---@return boolean ended
---@return any ... what fn returned; raises what it raised, with the traceback of the task that failed
function Embedded:next()
  if self._main._state == "running" then return false end
  return true, outcome(self._main)
end

--- Ends it: what still runs is cancelled, and the descriptor closed; stop waiting for it first. Calling it again has no
--- effect.
function Embedded:close()
  if not self._open then return end
  self._open = false
  if self._main._state == "running" then stop(self._main) end
  self._loop:close()
end

Embedded.__close = Embedded.close

--- Starts a task, which ends no later than the task that spawned it.
---@param fn function
---@param ... any its arguments
---@return cme.task
---@usage cme.spawn(print, "hello"):wait()
function task.spawn(fn, ...)
  local me = inside "cme.spawn"
  check_function("cme.spawn", fn)
  return create(me._loop, me, fn, ...)
end

-- Would waiting for `self` wait for ever?
local function refuse_deadlock(self, me)
  if self == me then options.misuse "task:wait: deadlock: a task cannot wait for itself" end
  local at = me._parent
  while at do
    if at == self then options.misuse "task:wait: deadlock: a task ends before the one that spawned it" end
    at = at._parent
  end
  at = self._for
  while at do
    if at == me then options.misuse "task:wait: deadlock: that task waits for this one" end
    at = at._for
  end
end

local function is_task(self)
  return type(self) == "table" and getmetatable(self) == Task
end

--- Waits until the task has ended.
---@return any ... what its function returned; nil, message, detail (`task.cancelled`) when it was cancelled;
---  raises what it raised, with its traceback
function Task:wait()
  if not is_task(self) then options.misuse "task:wait: call it as task:wait()" end
  local me = inside "task:wait"
  if me._loop ~= self._loop then options.misuse "task:wait: a task of another cme.run" end
  if self._state == "running" then
    refuse_deadlock(self, me)
    self._waiters[#self._waiters + 1] = me
    me._for = self
    self._loop:park(me)
    me._for = nil
  end
  return outcome(self)
end

--- Ends the task where it waits, with its children and their requests. It is then unknown whether the service acted on
--- a request in flight. If a task cancels itself, this call does not return.
---@return boolean cancelled false if it had already ended
function Task:cancel()
  if not is_task(self) then options.misuse "task:cancel: call it as task:cancel()" end
  if self._state ~= "running" then return false end
  if not task.current() and self._loop.outside then -- a callback of a loop that others turn
    self._loop:outside(function() stop(self) end)
    return true
  end
  local me = task.waiting "task:cancel"
  if not me then options.misuse "task:cancel: only inside cme.run" end
  if me._loop ~= self._loop then options.misuse "task:cancel: a task of another cme.run" end
  self._loop:change(me, function()
    if self._state == "running" then stop(self) end
  end)
  return self._state == "cancelled"
end

function Task:__tostring()
  return ("cme.task %d (%s)"):format(self._order, self._state)
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
  local me = task.waiting "sleep"
  if me then return me._loop:sleep(me, seconds) end
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

--- Has fn called should the task be cancelled before the returned function is. For what waits in ways of its own.
---@param me cme.task the current one
---@param fn fun() must not wait
---@return fun() forget
function task.on_cancel(me, fn)
  local list = me._undo or {}
  me._undo = list
  list[#list + 1] = fn
  return function()
    for i = #list, 1, -1 do
      if list[i] == fn then return table.remove(list, i) end
    end
  end
end

-- Parks the task that has armed its wake-up.
local function park(me, disarm, seconds)
  local forget = disarm and task.on_cancel(me, disarm)
  me._loop:park(me, seconds and math.max(0, seconds), true)
  if forget then forget() end
end

--- Waits until the function that `arm` receives is called, by a callback or another task. Later calls of that function
--- do nothing. Only inside cme.run. If this process was paused (stopped, or the machine slept), the time limit is
--- extended once, so that what arrived meanwhile is read first.
---@param arm fun(wake: fun(...)): (fun()|nil) may return a function that undoes it, which is called when the time is
---  over or the task is cancelled
---@param seconds number|nil longest wait; nil: no limit
---@return any ... what the function was called with; nil, "timeout" when the time is over
function task.wait(arm, seconds)
  local me = inside "task.wait"
  local results, parked
  local function wake(...)
    if results then return end
    results = pack(...)
    if parked then me._loop:wake(me) end
  end
  local disarm = arm(wake)
  if type(disarm) ~= "function" then disarm = nil end
  if not results then
    parked = true
    park(me, disarm, seconds)
  end
  if not results then
    results = { n = 2, nil, "timeout" }
    if disarm then disarm() end
  end
  return unpack(results, 1, results.n)
end

local function remove(list, value)
  for i, one in ipairs(list) do
    if one == value then
      table.remove(list, i)
      return true
    end
  end
  return false
end

---@class cme.task.signal something that tasks wait for
---@field private _wakes fun(...)[]
local Signal = {}
Signal.__index = Signal
Signal.__name = "cme.task.signal"

--- Creates a signal: `notify` wakes all tasks that are waiting for it.
---@return cme.task.signal
function task.signal()
  return setmetatable({ _wakes = {} }, Signal)
end

--- Wakes all tasks that are waiting. It may be called from anywhere and does not wait.
---@param ... any what the waits return
function Signal:notify(...)
  local wakes = self._wakes
  self._wakes = {}
  for _, wake in ipairs(wakes) do wake(...) end
end

--- Waits for the next notify.
---@param seconds number|nil
---@return any ... what notify was given; nil, "timeout" when the time is over
function Signal:wait(seconds)
  return task.wait(function(wake)
    table.insert(self._wakes, wake)
    return function() remove(self._wakes, wake) end
  end, seconds)
end

---@class cme.task.locks tasks of one key run one after the other, in the order in which they came
---@field private _lines table<string, fun()[]> of each key that is held: the wakes of those who want it
local Locks = {}
Locks.__index = Locks
Locks.__name = "cme.task.locks"

--- Creates a set of locks, one for each key.
---@return cme.task.locks
function task.locks()
  return setmetatable({ _lines = {} }, Locks)
end

-- Hands the key to the first in line, who has it from this moment on.
function Locks:_release(key)
  local heir = table.remove(self._lines[key], 1)
  if heir then return heir() end
  self._lines[key] = nil
end

function Locks:_take(key)
  local line = self._lines[key]
  if not line then
    self._lines[key] = {}
    return
  end
  task.wait(function(wake)
    line[#line + 1] = wake
    return function()
      if not remove(line, wake) then self:_release(key) end -- it was handed over already
    end
  end)
end

--- Runs fn while holding the lock of a key. If the lock is held, it waits, only inside cme.run. An error in fn is
--- raised again after the release. A cancelled task releases its lock. Do not ask for a lock that you already hold.
---@param key string
---@param fn function
---@param ... any its arguments
---@return any ... what fn returns
function Locks:with(key, fn, ...)
  self:_take(key)
  local me = task.current()
  local forget = me and task.on_cancel(me, function() self:_release(key) end)
  local results = pack(xpcall(fn, debug.traceback, ...))
  if forget then forget() end
  self:_release(key)
  if not results[1] then error(results[2], 0) end
  return unpack(results, 2, results.n)
end

-- ---- many at once

-- One of the tasks of parallel: takes the next item until there is none.
local function work(job)
  while job.taken < #job.list do
    job.taken = job.taken + 1
    local i = job.taken
    local value, message, detail = job.fn(job.list[i], i)
    job.results[i] = value
    local list = value == nil and message ~= nil and job.failures
      or type(detail) == "table" and detail.pending and job.warnings
    if list then list[#list + 1] = { index = i, message = message, detail = detail } end
  end
end

-- A bug in fn ends the whole: the others are cancelled, and the error goes on from parallel.
local function worker(job)
  local ok, traceback = xpcall(work, with_traceback, job)
  if ok or job.broken then return end
  job.broken = traceback
  local me = task.current()
  for _, other in ipairs(job.workers) do
    if other ~= me then other:cancel() end
  end
end

local function run_workers(list, fn, limit)
  local job = { list = list, fn = fn, taken = 0, results = {}, failures = {}, warnings = {},
    workers = {} }
  for i = 1, math.min(limit, #list) do job.workers[i] = task.spawn(worker, job) end
  for _, one in ipairs(job.workers) do one:wait() end
  if job.broken then error(job.broken, 0) end
  for _, told in ipairs { job.failures, job.warnings } do
    table.sort(told, function(a, b) return a.index < b.index end)
  end
  return job.results, job.failures, job.warnings
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
  check_function("cme.parallel", fn)
  if limit ~= nil and not (type(limit) == "number" and limit >= 1 and limit % 1 == 0) then
    options.misuse "cme.parallel: limit: a whole number above 0 is needed"
  end
  limit = limit or length
  if task.waiting "cme.parallel" then return run_workers(list, fn, limit) end
  if host.later() then
    options.misuse "cme.parallel: this phase of nginx cannot wait (use it inside cme.run)"
  end
  return task.run(run_workers, list, fn, limit)
end

return task
