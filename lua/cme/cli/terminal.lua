-- SPDX-License-Identifier: MIT
-- A terminal that a command uses alone: alternate screen, keys as they are pressed, its size. `close` restores the
-- terminal and must be called in every case. Only what differs from the last frame is written, in one piece, and
-- nothing while the terminal has not accepted the last output (a slow line, Ctrl-S). The text must contain no control
-- characters except colours. For tasks of libuv's loop: keys, a change of size and the end of the terminal are events,
-- which `changed` tells.

local codes = require "cme.codes"
local errno = require "cme.system.errno"
local task = require "cme.task"
local uv = require "luv"

local terminal = {}

-- Alternate screen, no cursor, no wrapping: a character that is wider than was thought shifts one line, not all.
local ENTER = "\27[?1049h\27[?25l\27[?7l\27[2J"
local LEAVE = "\27[0m\27[?7h\27[?25h\27[?1049l"
local NORMAL, RAW = 0, 1 -- uv_tty_mode_t
local FLUSH_SECONDS = 1 -- how long the end waits for a terminal that takes nothing

---@class cme.cli.terminal
---@field width integer
---@field height integer
---@field resized boolean set when the size has changed; for its owner to clear
---@field lost string|nil why nothing can be written any more
---@field input string what was typed, for its owner to take
---@field changed cme.task.signal told of each of them
---@field _out userdata
---@field _in userdata|nil nil where stdin is no terminal
---@field _signals userdata[]
---@field _shown string[]|nil the lines on the screen; nil: not known
---@field _refused boolean|nil a frame was left out; told by `changed` when another may be taken
---@field _open boolean
local Terminal = {}
Terminal.__index = Terminal
Terminal.__name = "cme.cli.terminal"

--- The bytes that turn one frame into another. A row is cleared before it is written: after a text that fills it the
--- cursor stands on its last character. Pure.
---@param before string[]|nil nil: the screen is to be cleared
---@param lines string[]
---@return string bytes "" when nothing differs
function terminal.difference(before, lines)
  local out = {}
  if not before then out[1] = "\27[2J" end
  for row, line in ipairs(lines) do
    if not before or before[row] ~= line then out[#out + 1] = ("\27[%d;1H\27[K%s\27[0m"):format(row, line) end
  end
  return table.concat(out)
end

function Terminal:_measure()
  local width, height = self._out:get_winsize()
  if not width or width < 1 or height < 1 then width, height = 80, 24 end
  local differs = width ~= self.width or height ~= self.height
  self.width, self.height = width, height
  if differs then self:redraw() end
end

function Terminal:_lose(reason)
  self.lost = self.lost or reason
  if reason then self.changed:notify() end
end

function Terminal:_write(bytes, written)
  self._out:write(bytes, function(reason)
    self:_lose(reason)
    if self._refused then self.changed:notify() end
    if written then written() end
  end)
end

function Terminal:_signal(name, fn)
  local handle = assert(uv.new_signal())
  handle:start(name, fn)
  self._signals[#self._signals + 1] = handle
end

function Terminal:_take()
  if self._in then
    self._in:set_mode(NORMAL) -- libuv sets no mode that it set last, though tty_reset_mode undid it
    self._in:set_mode(RAW)
  end
  self:_write(ENTER)
  self._shown = nil
end

function Terminal:_give_back()
  task.wait(function(wake) self:_write(LEAVE, wake) end, FLUSH_SECONDS)
  uv.tty_reset_mode()
end

--- Takes the terminal; to be closed by a task, too.
---@return cme.cli.terminal|nil
---@return string|nil message
---@return cme.detail|nil detail code local.terminal
function terminal.open()
  local out, reason, name = uv.new_tty(1, false)
  if not out then return codes.fail("local.terminal", { reason = errno.reason(name, reason) }) end
  local self = setmetatable({ _out = out, _signals = {}, input = "", resized = false, _open = true,
    changed = task.signal() }, Terminal)
  if uv.guess_handle(0) == "tty" then
    self._in = uv.new_tty(0, true)
    self._in:read_start(function(_, bytes)
      -- Its other end is gone: nobody is there to see anything.
      if not bytes then return self:_lose "EOF" end
      self.input = self.input .. bytes
      self.changed:notify()
    end)
  end
  self:_measure()
  self:_signal("sigwinch", function() self:_measure() end)
  self:_signal("sigcont", function() self:redraw() end)
  self:_take()
  return self
end

--- Forgets what is on the screen: the next frame is drawn whole.
function Terminal:redraw()
  self._shown, self.resized = nil, true
  self.changed:notify()
end

--- Shows a frame. One that the terminal cannot take now is left out.
---@param lines string[]
---@return boolean drawn
function Terminal:draw(lines)
  self._refused = self._out:get_write_queue_size() > 0
  if self._refused then return false end
  local bytes = terminal.difference(self._shown, lines)
  self._shown = lines
  if bytes ~= "" then self:_write(bytes) end
  return true
end

--- Stops this process as Ctrl-Z does, and takes the terminal again when it goes on.
function Terminal:suspend()
  self:_give_back()
  uv.kill(0, "sigstop")
  self:_measure()
  self:_take()
end

--- Gives the terminal back as it was. Tasks only.
function Terminal:close()
  if not self._open then return end
  self._open = false
  self:_give_back()
  for _, handle in ipairs(self._signals) do handle:close() end
  if self._in then self._in:close() end
  self._out:close()
end

return terminal
