-- SPDX-License-Identifier: MIT
-- Straight-line code over the luv loop, for the service only (the client's tasks are cme.task).
-- A request, a relay's keeper and every other activity is one coroutine. It waits with `wait`, which
-- takes a function that arms the wake-up, and an optional bound; nothing here blocks the loop.
-- An error inside a task reaches `task.on_error` with its traceback and ends that task alone: luv ends
-- the process when a callback raises, so no code of the service may run in a bare callback.

local uv = require "luv"

local task = {}

---Called with the traceback of a task that raised. The service logs it.
---@type fun(traceback: string)
task.on_error = function(traceback)
  io.stderr:write(traceback, "\n")
end

local function guarded(fn, ...)
  local ok, traceback = xpcall(fn, debug.traceback, ...)
  if not ok then
    task.on_error(tostring(traceback))
  end
end

---Runs fn as a task; it runs at once until its first wait.
---@param fn function
---@param ... any
function task.spawn(fn, ...)
  assert(coroutine.resume(coroutine.create(guarded), fn, ...))
end

---A function for luv that runs fn as a task each time it is called.
---@param fn function
---@return function
function task.callback(fn)
  return function(...)
    task.spawn(fn, ...)
  end
end

local function close(handle)
  if handle and not handle:is_closing() then
    handle:close()
  end
end

local late_seconds = 1 -- a timer that fires so late shows that this process stood still
local grace_seconds = 2 -- from then on, for answers that came meanwhile

-- Calls `fire` after so many seconds. A process that was stopped meanwhile finds its timers due before it has read what
-- came: its own pause is no silence of others, so they get a little more; once, since one
-- that is always late would wait for ever.
local function start_timer(timer, seconds, fire, extended)
  local due = uv.hrtime() / 1e9 + seconds
  timer:start(math.max(0, math.ceil(seconds * 1000)), 0, function()
    if extended or uv.hrtime() / 1e9 - due < late_seconds then
      return fire()
    end
    start_timer(timer, math.min(seconds, grace_seconds), fire, true)
  end)
end

---Waits until the function given to `arm` is called; returns what it was called with, or nil, "timeout".
---Later calls of that function do nothing. A pause of this process does not end the wait, but for one that comes right
---after another.
---@param arm fun(wake: fun(...))
---@param seconds number? bound of the wait; none when absent
function task.wait(arm, seconds)
  local co = coroutine.running()
  local woken, waiting, results, timer = false, false, nil, nil
  local function wake(...)
    if woken then
      return
    end
    woken = true
    close(timer)
    if waiting then
      assert(coroutine.resume(co, ...))
    else
      results = table.pack(...)
    end
  end
  if seconds then
    timer = uv.new_timer()
    start_timer(timer, seconds, function()
      wake(nil, "timeout")
    end)
  end
  arm(wake)
  if woken then
    return table.unpack(results, 1, results.n)
  end
  waiting = true
  return coroutine.yield()
end

---@param seconds number
function task.sleep(seconds)
  task.wait(function() end, seconds)
end

---@class cme.server.Signal something that tasks wait for; `notify` wakes all who wait now
---@field private _wakes function[]
local Signal = {}
Signal.__index = Signal

---@return cme.server.Signal
function task.signal()
  return setmetatable({ _wakes = {} }, Signal)
end

---@param ... any what the waits return
function Signal:notify(...)
  local wakes = self._wakes
  self._wakes = {}
  for _, wake in ipairs(wakes) do
    wake(...)
  end
end

---@param seconds number?
---@return any ... what notify was given, or nil, "timeout"
function Signal:wait(seconds)
  return task.wait(function(wake)
    self._wakes[#self._wakes + 1] = wake
  end, seconds)
end

---@class cme.server.Lane the tasks of one key that is held
---@field waiting function[] their wakes, in order of arrival
---@field free boolean       whoever was woken last has let go already
---@field handing boolean    a _release further down the stack wakes the next one

---@class cme.server.Locks one lane per key: tasks of a key run one after the other, in order of arrival
---@field private _lanes table<string, cme.server.Lane> of the keys that are held
local Locks = {}
Locks.__index = Locks

---@return cme.server.Locks
function task.locks()
  return setmetatable({ _lanes = {} }, Locks)
end

-- Hands the key on. A waiter runs inside wake(); when it lets go before its first wait, the loop here that woke it
-- goes on to the next one. Were each to wake the next itself, a long queue would overflow the C stack.
function Locks:_release(key)
  local lane = self._lanes[key]
  lane.free = true
  if lane.handing then
    return
  end
  lane.handing = true
  while lane.free and lane.waiting[1] do
    lane.free = false
    table.remove(lane.waiting, 1)()
  end
  lane.handing = false
  if lane.free then
    self._lanes[key] = nil
  end
end

---Runs fn while holding the key; returns what fn returns. An error of fn is raised again after the release.
---@param key string
---@param fn function
---@param ... any
function Locks:with(key, fn, ...)
  local lane = self._lanes[key]
  if lane then
    task.wait(function(wake)
      lane.waiting[#lane.waiting + 1] = wake
    end)
  else
    self._lanes[key] = { waiting = {}, free = false, handing = false }
  end
  local results = table.pack(xpcall(fn, debug.traceback, ...))
  self:_release(key)
  if not results[1] then
    error(results[2], 0)
  end
  return table.unpack(results, 2, results.n)
end

return task
