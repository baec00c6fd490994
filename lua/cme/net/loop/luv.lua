-- SPDX-License-Identifier: MIT
-- The loop of a process that has libuv's: tasks go on from libuv's callbacks, and their requests and deadlines are a
-- descriptor and two timers among its handles. There is only one, as there is only one default loop of libuv.
--
--   uv_poll (pool) ─┐
--   uv_timer ───────┼─► turn ─► run the ready ones until each of them waits ─► set the timers anew
--   a callback's    │
--     wake, notify ─┘
--
-- A callback of libuv must not wait, and libuv ends the process when one raises: so code runs in a task, which
-- `callback` makes of a function. Such a task is detached: it belongs to the loop, begins at once and may outlive the
-- task that started it; its errors go to `on_error`. `run` is cme.run here: it turns libuv's loop until fn has
-- returned.

local base = require "cme.net.loop.base"
local tree = require "cme.task.tree"
local uv = require "luv"

local luv = {}

---@class cme.net.loop.luv: cme.net.loop.base
---@field _turning boolean tasks run right now
---@field _due_timer userdata|nil for the deadlines
---@field _armed number|nil the deadline that it is set to
---@field _pool_timer userdata|nil for the pool's timeout
---@field _poll userdata|nil on the pool's descriptor
---@field _watching boolean the descriptor is watched
local Loop = base.class "cme.net.loop.luv"
Loop.blocks = true

-- Rounds without a turn of libuv's: tasks that wake each other for ever would leave it none.
local ROUNDS = 1000

local function clock()
  return uv.hrtime() / 1e9
end

-- A pool of its own: who calls outside of tasks blocks on the shared one.
local function open_pool()
  return require "cme.net.transport.curl".new():pool()
end

-- ---- handles

-- A handle of this loop's, made again when somebody closed all there are.
local function handle(self, name, make)
  local one = self[name]
  if not one or one:is_closing() then
    one = make()
    self[name] = one
  end
  return one
end

-- At least a millisecond: a timer of no time that sets itself again would leave libuv's loop no other turn.
local function set_timer(self, name, seconds, call)
  local timer = handle(self, name, uv.new_timer)
  uv.update_time()
  timer:start(math.max(1, math.ceil(seconds * 1000)), 0, call)
end

local function stop_handle(self, name)
  local one = self[name]
  if one and not one:is_closing() then one:stop() end
end

local function arm_deadline(self)
  local due = self._ready[1] and 0 or self._timers:next()
  if due == self._armed then return end
  self._armed = due
  if not due then return stop_handle(self, "_due_timer") end
  set_timer(self, "_due_timer", due - clock(), function()
    self._armed = nil
    self:_turn(self._wake_due)
  end)
end

local function arm_pool(self)
  if not self:busy() then
    if self._watching then
      self._watching = false
      stop_handle(self, "_poll")
      stop_handle(self, "_pool_timer")
    end
    return
  end
  local function move() self:_turn(self._move_transfers) end
  if not self._watching then
    self._watching = true
    handle(self, "_poll", function() return uv.new_poll(self._pool:fd()) end):start("r", move)
  end
  local seconds = self._pool:timeout()
  if not seconds then return stop_handle(self, "_pool_timer") end
  set_timer(self, "_pool_timer", seconds, move)
end

-- ---- turning

-- Does what step does, then lets all go on who can, and arms what wakes them next.
function Loop:_turn(step, ...)
  self._turning = true
  if step then step(self, ...) end
  for _ = 1, ROUNDS do
    self:_resume_ready()
    if self:busy() and self._pool:timeout() == 0 then self:_move_transfers() end
    if not self._ready[1] then break end
  end
  self._turning = false
  arm_deadline(self)
  arm_pool(self)
end

--- Lets a parked task go on: at once when a callback of libuv's calls, when the present task next waits else.
---@param t cme.task
function Loop:wake(t)
  base.methods.wake(self, t)
  if not self._turning then self:_turn() end
end

--- Lets a callback drop tasks.
---@param fn function
function Loop:outside(fn)
  if self._turning then return fn() end
  self:_turn(fn)
end

--- Runs tasks until the main one has ended.
---@param main cme.task
function Loop:drive(main)
  self:_turn()
  while main._state == "running" do
    if not uv.run "once" and main._state == "running" and not uv.loop_alive() then
      error("cme.run: deadlock: no task can ever go on", 0)
    end
  end
end

--- Detached tasks live on, and so does the pool. What was closed is let go of: luv 1.44 crashes when the Lua state ends
--- before the close callbacks were called.
function Loop.close()
  uv.run "nowait"
end

local shared = base.new(Loop, clock, open_pool)
shared._turning, shared._watching = false, false

function shared.on_error(traceback)
  luv.on_error(traceback)
end

-- ---- for callers

--- Takes the traceback of a detached task that raised; to be set by the program.
---@type fun(traceback: string)
luv.on_error = base.methods.on_error

local function begin(t, body)
  if shared._turning then return shared:begin(t, body) end
  shared:_turn(shared.begin, t, body)
end

--- Runs fn as a task of the loop, at once until its first wait. To be called from anywhere: a task, a callback, or
--- before the loop runs.
---@param fn function
---@param ... any
---@return cme.task
function luv.detach(fn, ...)
  return tree.detached(shared, begin, fn, ...)
end

--- A function for libuv that runs fn as a detached task each time it is called.
---@param fn function
---@return fun(...)
function luv.callback(fn)
  return function(...) luv.detach(fn, ...) end
end

--- cme.run over libuv's loop, which is turned until fn has returned.
---@param fn function
---@param ... any its arguments
---@return any ... what fn returns; raises what it raises, with the failed task's traceback unless it is a table
function luv.run(fn, ...)
  return tree.run(shared, fn, ...)
end

return luv
