-- SPDX-License-Identifier: MIT
-- What the loops of plain Lua share: every task is a coroutine, every request a transfer of one cme.http pool, every
-- deadline an entry of one heap. C neither yields nor calls back: this file resumes a task when its answer has come,
-- its time is over, or what it waits for has happened. It never waits itself; the owner of the process waits, and then
-- calls `run`:
--
--   fd ─ readable ─┐                    ┌─ transfers moved on ─► wake
--   timeout ─ over ┴─► run ─► resume ──┤
--                       ▲    the ready  └─ deadlines taken out ─► wake
--                       └──────────── while there are ready ones
--
-- Requests for which there are no descriptors wait in line; their own time starts to count when they are sent. All of
-- it belongs to one thread.

local options = require "cme.text.options"
local timers = require "cme.net.timers"
local tree = require "cme.task.tree"

local base = {}

---@class cme.net.loop.base: cme.task.loop
---@field _open fun(): table|nil, any, table|nil gives cme.http and a pool; or nil, message, detail
---@field _clock fun(): number steady, in seconds
---@field _pool cme.http.pool|nil made at the first request
---@field _ready cme.task[] to be resumed in the next round
---@field _timers cme.net.timers of parked tasks
---@field _transfers table<integer, cme.task> who waits for which transfer
---@field _streams table<integer, cme.net.stream> those that are open
---@field _flying integer slots taken
---@field _limit integer slots there are
---@field _line cme.task[] tasks that wait for a slot: the places _first to _last, false where one has gone
local Base = {}
Base.__index = Base
base.methods = Base

-- Of a task, for these loops: _co its coroutine; _parked whether it waits; _transfer, _timer, _place what for; _slot
-- whether it holds one.

local WAIT = {} -- what our own waits yield
local SLOTS_MIN = 16
local LATE = 1 -- seconds: a timer that is taken out so late shows that this process stood still
local GRACE = 2 -- seconds from then on, for what came meanwhile

--- A class of loops that has what is here.
---@param name string
---@return table class
function base.class(name)
  local class = setmetatable({}, { __index = Base })
  class.__index = class
  class.__name = name
  return class
end

--- Makes a loop.
---@param class table of base.class
---@param clock fun(): number steady, in seconds
---@param open fun(): table|nil, any, table|nil gives cme.http and a pool
---@return cme.net.loop.base
function base.new(class, clock, open)
  return setmetatable({ _clock = clock, _open = open, _ready = {}, _timers = timers.new(), _transfers = {},
    _streams = {}, _flying = 0, _line = {}, _first = 1, _last = 0 }, class)
end

--- What a detached task raised and nobody waited for.
---@param traceback string
function Base.on_error(traceback)
  io.stderr:write(traceback, "\n")
end

-- ---- parking and waking

local function make_ready(self, t)
  self._ready[#self._ready + 1] = t
end

function Base:start(t, body)
  t._co = coroutine.create(body)
  make_ready(self, t)
end

-- Ends what a parked task waits for.
function Base:_unpark(t)
  if t._timer then self._timers:remove(t._timer) end
  if t._place then self._line[t._place] = false end
  t._timer, t._place, t._parked = nil, nil, nil
end

--- Lets a parked task go on in the next round.
---@param t cme.task
function Base:wake(t)
  if not t._parked then return end
  self:_unpark(t)
  make_ready(self, t)
end

--- Suspends the current task until it is woken.
---@param t cme.task
---@param seconds number|nil woken by then at the latest
---@param patient boolean|nil a pause of this process is no part of the time
function Base:park(t, seconds, patient)
  if seconds then
    t._timer = self._timers:add(self._clock() + seconds, t)
    t._patience = patient and math.min(seconds, GRACE) or nil
  end
  t._parked = true
  return coroutine.yield(WAIT)
end

---@param t cme.task the current one
---@param seconds number
function Base:sleep(t, seconds)
  self:park(t, seconds)
end

-- A process that was stopped meanwhile finds its time over before it has read what came: its own pause is no silence of
-- others, so who waits for them gets a little more. Once: one that is always late would wait for ever.
local function extend(self, t, due, now)
  local grace = t._patience
  t._patience = nil
  if not grace or now - due < LATE then return false end
  t._timer = self._timers:add(now + grace, t)
  return true
end

function Base:_wake_due()
  local due = self._timers:next()
  if not due then return end
  local now = self._clock()
  while due and due <= now do
    local t = self._timers:pop(now)
    t._timer = nil
    if not extend(self, t, due, now) then self:wake(t) end
    due = self._timers:next()
  end
end

-- ---- requests

-- Gives a slot to the first in line, or back.
function Base:_release(t)
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

function Base:_take_slot(t)
  if self._flying < self._limit then
    self._flying = self._flying + 1
    t._slot = true
    return
  end
  self._last = self._last + 1
  self._line[self._last] = t
  t._place = self._last
  self:park(t)
end

--- The pool, made when first needed.
---@return cme.http.pool|nil pool
---@return string|nil message
---@return table|nil detail
function Base:pool()
  if self._pool then return self._pool end
  local http, pool, detail = self._open()
  if not http then return nil, pool, detail end
  self._pool, self._limit = pool, math.max(SLOTS_MIN, math.floor(http.descriptors() * 3 / 4))
  return pool
end

-- Sends a request and suspends the current task until its answer, or the head of a stream, is there.
local function exchange(self, t, request)
  local pool, message, detail = self:pool()
  if not pool then
    detail.sent = false
    return nil, message, detail
  end
  self:_take_slot(t)
  local ok, id = pcall(pool.submit, pool, request)
  if not ok then
    self:_release(t)
    error(id, 0)
  end
  self._transfers[id], t._transfer = t, id
  self:park(t)
  local answer = t._answer
  t._answer, t._transfer = nil, nil
  return answer[1], answer[2], answer[3], id
end

--- Sends a request and suspends the current task until its answer is there.
---@param t cme.task the current one
---@param request cme.transport.request
---@return cme.transport.response|nil, string|nil, table|nil
function Base:request(t, request)
  local response, message, detail = exchange(self, t, request)
  return response, message, detail
end

-- How the readers of a loop's streams wait: one task at a time for each.
local function waiter(self)
  self._waiter = self._waiter or {
    clock = self._clock,
    wait = function(stream, seconds)
      local me = tree.inside "stream:read"
      if me._loop ~= self then options.misuse "stream:read: a stream of another cme.run" end
      local reader = stream._reader
      if reader and reader._state == "running" then options.misuse "stream:read: another task is reading" end
      stream._reader = me
      self:park(me, seconds, true)
      stream._reader = nil
    end,
    left = function(stream)
      self._streams[stream._id] = nil
      stream._forget()
      self:_release(stream)
      if stream._reader then self:wake(stream._reader) end
    end,
  }
  return self._waiter
end

--- Sends a request and suspends the current task until the head of its answer is there. The stream holds the slot.
---@param t cme.task the current one, which owns the stream
---@param request cme.transport.request with `stream`
---@return cme.net.stream|nil, string|nil, table|nil
function Base:open(t, request)
  local response, message, detail, id = exchange(self, t, request)
  if not response then return nil, message, detail end
  local stream = require "cme.net.stream".new(self._pool, id, response, request, waiter(self))
  stream._slot, t._slot = t._slot, nil
  self._streams[id] = stream
  stream._forget = tree.on_cancel(t, function() stream:close() end)
  return stream
end

-- A task's answer has come. The head of a stream is the task's to end until it has made a stream of it.
local function answered(self, id, t, response, message, detail)
  self._transfers[id] = nil
  t._answer = { response, message, detail }
  if not (response and response.stream) then
    t._transfer = nil
    self:_release(t)
  end
  self:wake(t)
end

-- Moves the transfers on and wakes those whose answer has come, and the readers of streams for which something has. An
-- id that nobody waits for was cancelled.
function Base:_move_transfers()
  if self._flying == 0 then return end
  self._pool:run()
  while true do
    local id, response, message, detail = self._pool:next()
    if not id then return end
    local t, stream = self._transfers[id], self._streams[id]
    if t then answered(self, id, t, response, message, detail) end
    if stream and stream._reader then self:wake(stream._reader) end
  end
end

-- ---- running

-- Ends a coroutine for good, closing its variables where Lua can; returns the error of that.
local function finish(co)
  local close = coroutine.close -- luacheck: ignore 143
  if not close or coroutine.status(co) ~= "suspended" then return nil end
  local ok, message = close(co)
  if not ok then return "a cancelled task's cleanup failed: " .. tostring(message) end
end

-- Lets a task go on until it waits or ends.
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

--- Starts a task and lets it go on at once, until it waits or ends.
function Base.begin(_, t, body)
  t._co = coroutine.create(body)
  resume(t)
end

-- Resumes the tasks that are ready now; those that they make ready have their turn next.
function Base:_resume_ready()
  local ready = self._ready
  self._ready = {}
  for _, t in ipairs(ready) do
    if t._state == "running" then resume(t) end
  end
end

--- Does all that can be done without waiting, one round of it.
function Base:run()
  self:_resume_ready()
  self:_move_transfers()
  self:_wake_due()
end

--- Seconds after which there is something to do though the descriptor stays silent: 0 for now, nil for never.
---@return number|nil
function Base:timeout()
  if self._ready[1] then return 0 end
  local due, seconds = self._timers:next(), nil
  if due then seconds = math.max(0, due - self._clock()) end
  local own = self._flying > 0 and self._pool:timeout() or nil
  return own and seconds and math.min(own, seconds) or own or seconds
end

--- Whether a request is on its way.
---@return boolean
function Base:busy()
  return self._flying > 0
end

--- Ends a task that does not run now.
---@param t cme.task
---@return string|nil message of its cleanup's failure
function Base:drop(t)
  self:_unpark(t)
  if t._transfer then
    self._transfers[t._transfer] = nil
    self._pool:cancel(t._transfer)
    t._transfer = nil
  end
  self:_release(t)
  return finish(t._co)
end

--- Lets fn drop tasks. When the current one is among them it ends here.
---@param t cme.task the current one
---@param fn function
function Base:change(t, fn)
  fn()
  if t._state ~= "running" then self:park(t) end
end

--- Takes the answers of cancelled transfers out of the pool, which lives on.
function Base:close()
  if not self._pool then return end
  repeat local id = self._pool:next() until not id
end

return base
