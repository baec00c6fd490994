-- SPDX-License-Identifier: MIT
-- What a task is: the tree of those that run, how they end, and the one way in which they wait. How they are suspended
-- is their loop's business. cme.task says what callers may rely on.
--
--   running: runs, or is parked by its loop -> its children have ended -> done | failed | cancelled
--
-- A task ends its children, deepest first. Whoever waits for it is woken. An error that nobody took is its parent's.

local options = require "cme.text.options"

local tree = {}

---@class cme.task
---@field _loop cme.task.loop
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

---@class cme.task.loop how tasks of one run wait; only tree.lua and transports call it
---@field blocks boolean while it is driven, nothing else of the process runs
---@field start fun(self: cme.task.loop, t: cme.task, body: function) queues a new task
---@field drive fun(self: cme.task.loop, main: cme.task) runs tasks until the main one has ended
---@field park fun(self: cme.task.loop, t: cme.task, seconds: number|nil, patient: boolean|nil) suspends the current one
---  until wake, or until the seconds are over; a patient one is given a little more when this process stood still
---@field wake fun(self: cme.task.loop, t: cme.task) lets a parked task go on; nothing happens to one that is not parked
---@field sleep fun(self: cme.task.loop, t: cme.task, seconds: number)
---@field outside (fun(self: cme.task.loop, fn: function))|nil of a loop that others turn: runs fn, which may drop tasks
---@field on_error fun(traceback: string) takes what a detached task raised and nobody waited for
---@field drop fun(self: cme.task.loop, t: cme.task): string|nil stops a task; the error of its cleanup, if any
---@field change fun(self: cme.task.loop, t: cme.task, fn: function) runs fn where tasks may be dropped; may not return
---@field close fun(self: cme.task.loop)

local unpack = table.unpack or _G.unpack -- luacheck: ignore 143

-- Which task a coroutine is. Weak both ways: LuaJIT has no ephemerons, and a request that nginx ends in the middle
-- leaves its tasks here. A coroutine holds its task itself.
local by_thread = setmetatable({}, { __mode = "kv" })

local function pack(...)
  return { n = select("#", ...), ... }
end

--- Where an error began: the task's own stack, before it is unwound. An error that is a table stays what it is.
---@param message any
---@return string|table
function tree.with_traceback(message)
  if type(message) == "table" then return message end
  local text = debug.traceback(tostring(message), 2) -- no tail call: the level counts from this frame
  return text
end

--- The task that runs this very code; nil outside of cme.run.
---@return cme.task|nil
function tree.current()
  return by_thread[coroutine.running() or false]
end

-- The plain loop that is being driven: it blocks the whole process, so there is one.
local driving

--- The task that is about to wait, checked: raises where waiting is impossible.
---@param what string who asks, for the message
---@return cme.task|nil task nil outside of cme.run
function tree.waiting(what)
  local me = tree.current()
  if not me then
    if driving then options.misuse(what .. ": inside cme.run a coroutine of your own cannot wait (use cme.spawn)") end
    return nil
  elseif coroutine.isyieldable and not coroutine.isyieldable() then -- luacheck: ignore 143
    options.misuse(what .. ": cannot wait inside a function that C calls (sort, gsub, a metamethod, __close)")
  end
  return me
end

--- The same where there must be one: raises outside of cme.run.
---@param what string
---@return cme.task
function tree.inside(what)
  return tree.waiting(what) or options.misuse(what .. ": only inside cme.run")
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

-- What a task leaves armed, locked or open, last thing first.
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
  undo(self) -- what the task has left open
  local unheard = self._detached and not self._outcome[1] and not self._waiters[1]
  leave(self, self._outcome[1] and "done" or "failed")
  if unheard then self._loop.on_error(tostring(self._outcome[2])) end
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
    self._outcome = pack(xpcall(function() return fn(unpack(given, 1, given.n)) end, tree.with_traceback))
  end
end

--- Starts a task.
---@param loop cme.task.loop
---@param parent cme.task|nil nil: the main task of a run
---@param fn function
---@param ... any its arguments
---@return cme.task
function tree.create(loop, parent, fn, ...)
  local self = new_task(loop, parent)
  if parent then parent._children[self] = true end
  loop:start(self, body_of(self, fn, ...))
  return self
end

--- Starts a task that belongs to a loop: it may outlive the one that starts it, and its error goes to the loop's
--- on_error unless somebody waits for it. For loops, which offer it as theirs.
---@param loop cme.task.loop
---@param begin fun(t: cme.task, body: function)
---@param fn function
---@param ... any
---@return cme.task
function tree.detached(loop, begin, fn, ...)
  local self = new_task(loop, nil)
  self._detached = true
  begin(self, body_of(self, fn, ...))
  return self
end

--- What a task that has ended gives to the one who waited: what its function returned, or raised.
---@param self cme.task
---@return any ...
function tree.outcome(self)
  if self._state == "done" then return unpack(self._outcome, 2, self._outcome.n) end
  if self._state == "cancelled" then return require "cme.codes".fail "task.cancelled" end
  if self._parent then self._parent._children[self] = nil end
  error(self._outcome[2], 0)
end

--- Raises unless it is a function, or can be called like one.
---@param what string who asks
---@param fn any
function tree.check_function(what, fn)
  local meta = getmetatable(fn)
  if type(fn) ~= "function" and not (type(meta) == "table" and meta.__call) then
    options.misuse(("%s: a function is needed, got %s"):format(what, type(fn)))
  end
end

--- Raises where no run can begin.
---@param what string who asks
---@param fn any its main task's function
function tree.check_run(what, fn)
  tree.check_function(what, fn)
  if tree.waiting(what) then options.misuse(what .. ": already inside cme.run (use cme.spawn)") end
end

--- Starts a child of the present task.
---@param fn function
---@param ... any its arguments
---@return cme.task
function tree.spawn(fn, ...)
  local me = tree.inside "cme.spawn"
  tree.check_function("cme.spawn", fn)
  return tree.create(me._loop, me, fn, ...)
end

--- Whether a task's outcome is not settled yet.
---@param self cme.task
---@return boolean
function tree.is_running(self)
  return self._state == "running"
end

--- Ends a task that runs. Where tasks may be dropped only.
---@param self cme.task
function tree.stop(self)
  if self._state == "running" then stop(self) end
end

--- Runs a step of a loop as the one that is driven; raises what it raises.
---@param loop cme.task.loop
---@param step fun(loop: cme.task.loop)
function tree.step(loop, step)
  local outer = driving
  driving = loop
  local ok, why = pcall(step, loop)
  driving = outer
  if not ok then error(why, 0) end
end

--- Runs fn as the main task of a loop, which is driven until it has ended, and then closed.
---@param loop cme.task.loop
---@param fn function
---@param ... any its arguments
---@return any ... what fn returns; raises what it raises, with the failed task's traceback unless it is a table
function tree.run(loop, fn, ...)
  tree.check_run("cme.run", fn)
  local main = tree.create(loop, nil, fn, ...)
  local outer = driving
  driving = loop.blocks and loop or outer
  local ok, why = pcall(loop.drive, loop, main)
  if not ok then tree.stop(main) end
  loop:close()
  driving = outer
  if not ok then error(why, 0) end
  return tree.outcome(main)
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
  local me = tree.inside "task:wait"
  if me._loop ~= self._loop then options.misuse "task:wait: a task of another cme.run" end
  if self._state == "running" then
    refuse_deadlock(self, me)
    self._waiters[#self._waiters + 1] = me
    me._for = self
    self._loop:park(me)
    me._for = nil
  end
  return tree.outcome(self)
end

--- Ends the task where it waits, with its children and their requests. It is then unknown whether the service acted on
--- a request in flight. If a task cancels itself, this call does not return.
---@return boolean cancelled false if it had already ended
function Task:cancel()
  if not is_task(self) then options.misuse "task:cancel: call it as task:cancel()" end
  if self._state ~= "running" then return false end
  if not tree.current() and self._loop.outside then -- a callback of a loop that others turn
    self._loop:outside(function() stop(self) end)
    return true
  end
  local me = tree.waiting "task:cancel"
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

--- Calls fn if the task ends, as when it is cancelled, before the returned function is called. For what
--- waits in ways of its own, or is open.
---@param me cme.task the current one
---@param fn fun() must not wait
---@return fun() forget
function tree.on_cancel(me, fn)
  local list = me._undo or {}
  me._undo = list
  list[#list + 1] = fn
  return function()
    for i = #list, 1, -1 do
      if list[i] == fn then return table.remove(list, i) end
    end
  end
end

--- Waits for `seconds`.
---@param me cme.task the current one
---@param seconds number
function tree.sleep(me, seconds)
  return me._loop:sleep(me, seconds)
end

-- Parks the task that has armed its wake-up.
local function park(me, disarm, seconds)
  local forget = disarm and tree.on_cancel(me, disarm)
  me._loop:park(me, seconds and math.max(0, seconds), true)
  if forget then forget() end
end

--- As cme.wait.
---@param arm fun(wake: fun(...)): (fun()|nil)
---@param seconds number|nil
---@return any ...
function tree.wait(arm, seconds)
  local me = tree.inside "task.wait"
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

return tree
