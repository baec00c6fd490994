-- SPDX-License-Identifier: MIT
-- Deadlines in order: a binary heap whose entries can also be removed before their time, so that a wait that was cut
-- short leaves nothing behind. Equal deadlines come out in the order they went in. Pure: the caller passes the time.

local timers = {}

---@class cme.net.timer
---@field at number the deadline, on the caller's clock
---@field value any what pop returns
---@field place integer|nil where it is in the heap; nil once out of it
---@field order integer breaks ties

---@class cme.net.timers
---@field _heap cme.net.timer[]
---@field _order integer entries made so far
local Timers = {}
Timers.__index = Timers
Timers.__name = "cme.net.timers"

--- Makes an empty one.
---@return cme.net.timers
function timers.new()
  return setmetatable({ _heap = {}, _order = 0 }, Timers)
end

local function before(a, b)
  return a.at < b.at or (a.at == b.at and a.order < b.order)
end

local function put(heap, place, timer)
  heap[place], timer.place = timer, place
end

local function rise(heap, timer)
  local place = timer.place
  while place > 1 do
    local parent = math.floor(place / 2)
    if not before(timer, heap[parent]) then break end
    put(heap, place, heap[parent])
    place = parent
  end
  put(heap, place, timer)
end

local function sink(heap, timer)
  local place, count = timer.place, #heap
  while place * 2 <= count do
    local child = place * 2
    if child < count and before(heap[child + 1], heap[child]) then child = child + 1 end
    if not before(heap[child], timer) then break end
    put(heap, place, heap[child])
    place = child
  end
  put(heap, place, timer)
end

--- Adds a deadline.
---@param at number
---@param value any
---@return cme.net.timer
function Timers:add(at, value)
  self._order = self._order + 1
  local timer = { at = at, value = value, order = self._order, place = #self._heap + 1 }
  put(self._heap, timer.place, timer)
  rise(self._heap, timer)
  return timer
end

--- Takes one out; nothing happens when it is out already.
---@param timer cme.net.timer
function Timers:remove(timer)
  local heap, place = self._heap, timer.place
  if not place then return end
  local last = table.remove(heap)
  timer.place = nil
  if last == timer then return end
  put(heap, place, last)
  rise(heap, last)
  sink(heap, last)
end

--- The earliest deadline.
---@return number|nil at
function Timers:next()
  local first = self._heap[1]
  return first and first.at
end

--- Takes out the earliest one that is due.
---@param now number
---@return any value nil when none is due
function Timers:pop(now)
  local first = self._heap[1]
  if not first or first.at > now then return nil end
  self:remove(first)
  return first.value
end

return timers
