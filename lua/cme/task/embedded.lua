-- SPDX-License-Identifier: MIT
-- A run that another loop drives: what cme.embed gives. Its descriptor, timeout and step are its own loop's
-- (cme.net.loop.foreign); this adds the main task, whose end is the run's.

local options = require "cme.text.options"
local tree = require "cme.task.tree"

local embedded = {}

---@class cme.embedded a run that another loop drives
---@field private _loop cme.net.loop.foreign
---@field private _main cme.task
---@field private _open boolean
local Embedded = {}
Embedded.__index = Embedded
Embedded.__name = "cme.embedded"

--- Begins a run; its task starts at the first `run`.
---@param loop cme.net.loop.foreign
---@param fn function
---@param ... any its arguments
---@return cme.embedded
function embedded.new(loop, fn, ...)
  return setmetatable({ _loop = loop, _main = tree.create(loop, nil, fn, ...), _open = true }, Embedded)
end

--- The descriptor to wait for: readable when there is something to do. It stays the same until `close`.
---@return integer
function Embedded:fd()
  if not self._open then options.misuse "embedded:fd: it is closed" end
  return self._loop:fd()
end

--- Seconds after which there is something to do though the descriptor stays silent. Ask again after each `run`, and
--- after whatever else may let a task go on: `signal:notify`, the function that cme.wait gives, `task:cancel`.
---@return number|nil seconds 0 for now, nil for never: also once it is closed
function Embedded:timeout()
  if not self._open then return nil end
  if not tree.is_running(self._main) then return 0 end
  return self._loop:timeout()
end

--- Does what can be done without waiting.
function Embedded:run()
  if not tree.is_running(self._main) then return end
  tree.step(self._loop, self._loop.run)
end

--- Whether fn has ended.
---@return boolean ended
---@return any ... what fn returned; raises what it raised, with the failed task's traceback unless it is a table
function Embedded:next()
  if tree.is_running(self._main) then return false end
  return true, tree.outcome(self._main)
end

--- Ends it: what still runs is cancelled, and the descriptor closed; stop waiting for it first. Calling it again has no
--- effect.
function Embedded:close()
  if not self._open then return end
  self._open = false
  tree.stop(self._main)
  self._loop:close()
end

Embedded.__close = Embedded.close

return embedded
