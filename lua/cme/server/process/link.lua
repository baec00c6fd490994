-- SPDX-License-Identifier: MIT
-- One detached process, an engine or a playout, as its keeper reaches it: the connection to its socket, its pid, and
-- its end. The process counts as gone only when nobody listens on its socket or its connection has closed; an attempt
-- that fails for a reason of our own proves nothing.
--
--   end: ask it to stop -> SIGTERM -> SIGKILL; one that takes no connection is found by its arguments
--
-- Tasks only.

local codes = require "cme.codes"

local link = {}

local STOP_SECONDS = 3
local STOP_MOST = 10 -- more, at most, for a process that says how long it takes
local KILL_SECONDS = 2
local GONE_SECONDS = 5 -- from the end of the socket to the end of the process

---@class cme.server.process.link
---@field control cme.server.process.control|nil while connected, and until another one is made
---@field pid integer|nil of the process, as far as it is known
---@field hls any true: it knows how to write HLS
---@field unseen boolean the last look for it failed, which says nothing of it
---@field private _id string project
---@field private _around cme.server.process.around
---@field private _changed cme.task.signal
---@field private _on_event fun(event: table)
local Link = {}
Link.__index = Link
Link.__name = "cme.server.process.link"

---@param id string project
---@param around cme.server.process.around
---@param changed cme.task.signal notified when the connection closes
---@param on_event fun(event: table) must not wait
---@return cme.server.process.link
function link.new(id, around, changed, on_event)
  return setmetatable({ unseen = false, _id = id, _around = around, _changed = changed, _on_event = on_event }, Link)
end

--- Whether the connection is open.
---@return boolean
function Link:is_open()
  return self.control ~= nil and self.control.open
end

--- Closes the connection. The process goes on.
function Link:close()
  if self.control then self.control:close() end
end

--- Connects to the process; a connection there was is not closed.
---@return cme.server.process.control|nil
---@return string|nil message
---@return cme.detail|nil detail control.absent: there is none; control.silent: there is, and it takes no connection;
--- control.unknown: it could not be looked
function Link:connect()
  local control, message, detail = self._around.engine:connect(self._id, self._on_event, function()
    self._changed:notify()
  end)
  self.control = control
  self.unseen = detail ~= nil and detail.code ~= "control.absent"
  return control, message, detail
end

--- Asks the process.
---@param request table
---@param seconds number bound of its answer
---@return table|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Link:request(request, seconds)
  return self.control:request(request, seconds)
end

function Link:_wait_closed(control, seconds)
  local clock = self._around.clock
  local deadline = clock.monotonic() + seconds
  while control.open and clock.monotonic() < deadline do
    self._changed:wait(deadline - clock.monotonic())
  end
  return not control.open
end

--- Sends a signal to the process that has the socket, whose being open is the proof that the pid is still its own. One
--- that never told its pid is looked for.
---@param signal string
---@return integer[] pids whom it was sent to
function Link:signal(signal)
  local pids, message = { self.pid }, nil
  if not self.pid then pids, message = self._around.engine:pids(self._id) end
  local around = self._around
  if message then around.log:error(around.what .. " cannot be looked for", { project = self._id, error = message }) end
  for _, pid in ipairs(pids or {}) do around.engine:kill(pid, signal) end
  return pids or {}
end

-- Ends it by force; `gone` is given whom a signal was sent to, and returns whether it ended them.
function Link:_force(gone)
  for _, signal in ipairs { "sigterm", "sigkill" } do
    local around = self._around
    around.log:warn(around.what .. " does not stop", { project = self._id, pid = self.pid, signal = signal })
    if gone(self:signal(signal)) then return true end
  end
  return codes.fail "control.unended"
end

-- Ends the process behind an open connection, by asking, then by force.
function Link:_end_connected(control)
  local answer = control:request({ op = "stop" }, STOP_SECONDS)
  local within = answer and tonumber(answer.within) or 0 -- seconds that it asks for: a recording is finished first
  if self:_wait_closed(control, STOP_SECONDS + math.min(within, STOP_MOST)) then return true end
  local ended, message, detail = self:_force(function() return self:_wait_closed(control, KILL_SECONDS) end)
  control:close()
  return ended, message, detail
end

-- Ends the process that is there and takes no connection: nothing can be asked of it.
function Link:_end_silent()
  return self:_force(function(pids)
    for _, pid in ipairs(pids) do self._around.engine:wait_gone(pid, KILL_SECONDS) end
    return not self:connect() and not self.unseen
  end)
end

--- One attempt to end the process.
---@return boolean ended it is known to be gone
---@return string|nil message
---@return cme.detail|nil detail
function Link:end_process()
  local control, message, detail = self.control, nil, nil
  if not self:is_open() then control, message, detail = self:connect() end -- it may run all the same
  if control then return self:_end_connected(control) end
  if detail.code == "control.silent" then return self:_end_silent() end
  return not self.unseen, message, detail
end

--- Waits until the process of a closed connection is gone, too: until then a new one could not start.
function Link:wait_gone()
  if self.pid then self._around.engine:wait_gone(self.pid, GONE_SECONDS) end
end

return link
