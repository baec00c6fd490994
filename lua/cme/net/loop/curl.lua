-- SPDX-License-Identifier: MIT
-- The loop of plain Lua: every task is a coroutine, every request a transfer of one cme.http pool, one poll waits for
-- all of them. C neither yields nor calls back: this file resumes a task when its answer or its time has come.
--
-- The pool is the shared transport's, so connections live on from run to run; transfers do not: at the end of a run
-- each one has been answered or cancelled. Requests past what the descriptors allow wait in line, before their own
-- time starts to count. All of it belongs to the thread that called cme.run.

local timers = require "cme.net.timers"

local loop = {}

---@class cme.loop.curl: cme.loop
---@field blocks boolean true: while it is driven, nothing else of the process runs
---@field _pool cme.http.Pool
---@field _clocks fun(): number, number
---@field _ready cme.task[] to be resumed in the next round
---@field _timers cme.timers of sleeping tasks
---@field _transfers table<integer, cme.task> who waits for which transfer
---@field _flying integer slots taken
---@field _limit integer slots there are
---@field _line cme.task[] tasks that wait for a slot: the places _first to _last, false where one has gone
local Loop = {}
Loop.__index = Loop
Loop.__name = "cme.net.loop.curl"

-- Of a task, for this loop: _co its coroutine; _transfer, _timer, _place what it waits for; _slot whether it holds one.

local WAIT = {} -- what our own waits yield
-- Curl ends every transfer at its own deadline; this only bounds one look at the sockets.
local LOOK = 1
local LONGEST_WAIT = 3600 -- curl_multi_poll takes milliseconds in an int
local SLOTS_MIN = 16

--- Makes a loop.
---@param transport cme.transport.curl whose pool is used
---@return cme.loop.curl
function loop.new(transport)
  local http, pool = transport:pool()
  if not http then error(pool, 0) end
  return setmetatable({
    blocks = true,
    _pool = pool,
    _clocks = http.clocks,
    _ready = {},
    _timers = timers.new(),
    _transfers = {},
    _flying = 0,
    _limit = math.max(SLOTS_MIN, math.floor(http.descriptors() * 3 / 4)),
    _line = {},
    _first = 1,
    _last = 0,
  }, Loop)
end

function Loop:start(t, body)
  t._co = coroutine.create(body)
  self:wake(t)
end

function Loop:wake(t)
  self._ready[#self._ready + 1] = t
end

--- Suspends the current task until it is woken.
function Loop.park()
  return coroutine.yield(WAIT)
end

---@param t cme.task the current one
---@param seconds number
function Loop:sleep(t, seconds)
  t._timer = self._timers:add(self._clocks() + seconds, t)
  self:park()
end

--- Ends a task's sleep before its time.
---@param t cme.task
function Loop:rouse(t)
  if not t._timer then return end
  self._timers:remove(t._timer)
  t._timer = nil
  self:wake(t)
end

-- Gives a slot to the first in line, or back.
function Loop:_release(t)
  if not t._slot then return end
  t._slot = nil
  while self._first <= self._last do
    local heir = self._line[self._first]
    self._line[self._first] = nil
    self._first = self._first + 1
    if heir then
      heir._slot, heir._place = true, nil
      return self:wake(heir)
    end
  end
  self._flying = self._flying - 1
end

function Loop:_take_slot(t)
  if self._flying < self._limit then
    self._flying = self._flying + 1
    t._slot = true
    return
  end
  self._last = self._last + 1
  self._line[self._last] = t
  t._place = self._last
  self:park()
end

--- Sends a request and suspends the current task until its answer is there.
---@param t cme.task the current one
---@param request cme.transport.request
---@return cme.transport.response|nil, string|nil, table|nil
function Loop:request(t, request)
  self:_take_slot(t)
  local ok, id = pcall(self._pool.submit, self._pool, request)
  if not ok then
    self:_release(t)
    error(id, 0)
  end
  self._transfers[id], t._transfer = t, id
  self:park()
  local answer = t._answer
  t._answer = nil
  return answer[1], answer[2], answer[3]
end

-- Moves the transfers on and wakes those whose answer has come. An id that nobody waits for was cancelled.
function Loop:_move_transfers()
  if self._flying == 0 then return end
  self._pool:run()
  while true do
    local id, response, message, detail = self._pool:next()
    if not id then return end
    local t = self._transfers[id]
    if t then
      self._transfers[id], t._transfer = nil, nil
      t._answer = { response, message, detail }
      self:_release(t)
      self:wake(t)
    end
  end
end

function Loop:_wake_due()
  if not self._timers:next() then return end
  local now = self._clocks()
  local t = self._timers:pop(now)
  while t do
    t._timer = nil
    self:wake(t)
    t = self._timers:pop(now)
  end
end

-- Ends a coroutine for good, closing its variables where Lua can; returns the error of that.
local function finish(co)
  local close = coroutine.close -- luacheck: ignore 143
  if not close or coroutine.status(co) ~= "suspended" then return nil end
  local ok, message = close(co)
  if not ok then return "a cancelled task's cleanup failed: " .. tostring(message) end
end

local function resume(t)
  local ok, what = coroutine.resume(t._co)
  if t._state ~= "running" then
    finish(t._co) -- it cancelled itself, or the one that spawned it
  elseif coroutine.status(t._co) == "dead" then
    if not ok then t._outcome = { false, tostring(what) } end
    t:_settle()
  elseif what ~= WAIT then
    t._outcome = { false, debug.traceback(t._co, "a task called coroutine.yield outside of a coroutine of its own") }
    finish(t._co)
    t:_settle()
  end
end

function Loop:_resume_ready(main)
  local ready = self._ready
  self._ready = {}
  for _, t in ipairs(ready) do
    if main._state ~= "running" then return end
    if t._state == "running" then resume(t) end
  end
end

-- How long nothing can happen but at a socket; raises when nothing ever will.
function Loop:_pause()
  local due, busy = self._timers:next(), next(self._transfers)
  if not due and not busy then error("cme.run: deadlock: no task can ever go on", 0) end
  local seconds = busy and LOOK or LONGEST_WAIT
  if due then seconds = math.min(seconds, due - self._clocks()) end
  return math.max(seconds, 0)
end

--- Runs tasks until the main one has ended.
---@param main cme.task
function Loop:drive(main)
  while true do
    self:_resume_ready(main)
    if main._state ~= "running" then return end
    self:_move_transfers()
    self:_wake_due()
    if #self._ready == 0 then self._pool:poll(self:_pause()) end
  end
end

--- Ends a task that does not run now.
---@param t cme.task
---@return string|nil message of its cleanup's failure
function Loop:drop(t)
  if t._timer then self._timers:remove(t._timer) end
  if t._transfer then
    self._transfers[t._transfer] = nil
    self._pool:cancel(t._transfer)
  end
  if t._place then self._line[t._place] = false end
  t._timer, t._transfer, t._place = nil, nil, nil
  self:_release(t)
  return finish(t._co)
end

--- Lets fn drop tasks. When the current one is among them it ends here.
---@param t cme.task the current one
---@param fn function
function Loop:change(t, fn)
  fn()
  if t._state ~= "running" then self:park() end
end

--- Takes the answers of cancelled transfers out of the pool, which lives on.
function Loop:close()
  repeat local id = self._pool:next() until not id
end

return loop
