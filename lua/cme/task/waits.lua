-- SPDX-License-Identifier: MIT
-- What tasks wait for beside each other and the network: signals, which wake all who wait, and locks, of which one task
-- at a time has each. Both are task.wait and a list of those to wake. A task that is cancelled leaves the list, or lets
-- go of what it holds.

local tree = require "cme.task.tree"

local waits = {}

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

function waits.signal()
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
  return tree.wait(function(wake)
    table.insert(self._wakes, wake)
    return function() remove(self._wakes, wake) end
  end, seconds)
end

---@class cme.task.locks tasks of one key run one after the other, in the order in which they came
---@field private _lines table<string, fun()[]> of each key that is held: the wakes of those who want it
local Locks = {}
Locks.__index = Locks
Locks.__name = "cme.task.locks"

function waits.locks()
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
  tree.wait(function(wake)
    line[#line + 1] = wake
    return function()
      if not remove(line, wake) then self:_release(key) end -- it was handed over already
    end
  end)
end

function Locks:_after(key, forget, ok, ...)
  if forget then forget() end
  self:_release(key)
  if not ok then error((...), 0) end
  return ...
end

--- Runs fn while holding the lock of a key. If the lock is held, it waits, only inside cme.run. An error in fn is
--- raised again after the release. A cancelled task releases its lock. Do not ask for a lock that you already hold.
---@param key string
---@param fn function
---@param ... any its arguments
---@return any ... what fn returns
function Locks:with(key, fn, ...)
  self:_take(key)
  local me = tree.current()
  local forget = me and tree.on_cancel(me, function() self:_release(key) end)
  return self:_after(key, forget, xpcall(fn, debug.traceback, ...))
end

return waits
