-- SPDX-License-Identifier: MIT
-- The loop of nginx: every task is a light thread (ngx.thread), and waits as nginx does, so a worker never blocks.
--
-- nginx lets only the coroutine that spawned a thread end it. So one coroutine, the keeper, which called cme.run,
-- spawns, ends and settles all of a run's threads; tasks hand it jobs and ring its bell. A job never waits, so the tree
-- of tasks changes in one place and in order.
--
--   task ── job ──► keeper ── spawn, kill, settle ──► tasks
--        ◄─ bell ──

local loop = {}

---@class cme.net.loop.nginx: cme.task.loop
---@field blocks boolean false
---@field _bell table semaphore: one post for each job
---@field _jobs function[] places _first to _last
local Loop = {}
Loop.__index = Loop
Loop.__name = "cme.net.loop.nginx"

-- Of a task, for this loop: _light its light thread; _bell the semaphore it parks on; _parked whether it does.

local LOOK = 3600 -- seconds; semaphores wait no longer than they are told
local TICK = 0.001 -- seconds: the least that nginx's timers know; less is no wait

--- Makes a loop for the present request or timer.
---@return cme.net.loop.nginx
function loop.new()
  return setmetatable({
    blocks = false,
    _semaphore = require "ngx.semaphore",
    _bell = require "ngx.semaphore".new(0),
    _jobs = {},
    _first = 1,
    _last = 0,
  }, Loop)
end

local function ring(ok, err)
  if not ok and err ~= "timeout" then error("cme.run: semaphore: " .. tostring(err), 0) end
  return ok
end

local function listen(bell)
  repeat local ok = ring(bell:wait(LOOK)) until ok
end

function Loop:_post(job)
  self._last = self._last + 1
  self._jobs[self._last] = job
  self._bell:post(1)
end

function Loop:start(t, body)
  self:_post(function()
    if t._state ~= "running" then return end
    t._light = ngx.thread.spawn(function()
      body()
      self:_post(function()
        ngx.thread.wait(t._light) -- it has ended: this only lets go of it
        t:_settle()
      end)
    end)
  end)
end

--- Runs tasks until the main one has ended.
---@param main cme.task
function Loop:drive(main)
  while main._state == "running" do
    listen(self._bell)
    local job = self._jobs[self._first]
    self._jobs[self._first] = nil
    self._first = self._first + 1
    job()
  end
end

--- Suspends the current task until it is woken. A post that came too late for one wait is for the next, which then
--- finds itself not woken and waits on.
---@param t cme.task
---@param seconds number|nil woken by then at the latest
function Loop:park(t, seconds)
  t._bell = t._bell or self._semaphore.new(0)
  local due = seconds and ngx.now() + seconds
  t._parked = true
  while t._parked do
    local left = due and due - ngx.now() or LOOK
    if left <= 0 then break end
    ring(t._bell:wait(math.max(left, TICK)))
  end
  t._parked = nil
end

--- Lets a parked task go on.
function Loop.wake(_, t)
  if not t._parked then return end
  t._parked = nil
  t._bell:post(1)
end

--- Waits as nginx does.
function Loop.sleep(_, _, seconds)
  ngx.sleep(seconds)
end

--- What a detached task raised and nobody waited for.
---@param traceback string
function Loop.on_error(traceback)
  ngx.log(ngx.ERR, "cme.task: ", traceback)
end

--- Ends a thread. For the keeper.
function Loop.drop(_, t)
  if t._light then ngx.thread.kill(t._light) end
end

--- Lets fn drop tasks, in the keeper. When the current one is among them it does not come back.
function Loop:change(t, fn)
  self._first = self._first - 1 -- before what is still to start
  self._jobs[self._first] = function()
    fn()
    if t._state == "running" then self:wake(t) end
  end
  self._bell:post(1)
  self:park(t)
end

function Loop.close() end

--- Starts a run in a timer, for phases that cannot wait. What it raises goes to nginx's error log.
---@param run function
---@param ... any its arguments
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail code task.timer
function loop.later(run, ...)
  local ok, err = ngx.timer.at(0, function(premature, ...)
    if premature then return end
    local good, message = pcall(run, ...)
    if not good then ngx.log(ngx.ERR, "cme.run: ", message) end
  end, ...)
  if ok then return true end
  return require "cme.codes".fail("task.timer", { reason = tostring(err) })
end

return loop
