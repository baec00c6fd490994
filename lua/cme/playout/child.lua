-- SPDX-License-Identifier: MIT
-- One ffmpeg or ffprobe: what it writes to stdout goes to a function, the end of what it writes to stderr is kept for
-- the message when it fails. URLs of that text are redacted. It is ended with SIGKILL, since it has nothing to lose.

local uv = require "luv"

local redact = require "cme.redact"
local task = require "cme.server.task"
local text = require "cme.text.strings"

local child = {}

local max_words = 2000 -- bytes of stderr that are kept

---@class cme.server.playout.Child
---@field pid integer
---@field private _handle userdata
---@field private _stdout userdata
---@field private _words string
local Child = {}
Child.__index = Child

---The last line of an error text that says something, fit for a message; pure.
---@param words string
---@return string?
function child.reason(words)
  local last
  for line in words:gmatch "[^\r\n]+" do
    if line:find "%S" then
      last = line
    end
  end
  last = last and last:gsub("^%[[^%]]*%]%s*", ""):gsub("^cme%-source: *:? *", "")
  last = last and redact.text(last, 300)
  return last and (text.utf8_len(last) and last or last:gsub("[\128-\255]", "?"))
end

---Starts a program. `on_end` is called once, when it has ended and all it wrote was taken.
---@param program string
---@param argv string[]
---@param env string[]
---@param on_data fun(chunk: string)
---@param on_end fun(ok: boolean, reason: string?)
---@return cme.server.playout.Child?, string? message
function child.spawn(program, argv, env, on_data, on_end)
  local self = setmetatable({ _words = "", _stdout = uv.new_pipe(false) }, Child)
  local stderr, open, ok = uv.new_pipe(false), 3, false
  local function part_over()
    open = open - 1
    if open == 0 then
      task.spawn(on_end, ok, not ok and (self._reason or child.reason(self._words) or "it ended") or nil)
    end
  end
  local pid
  self._handle, pid = uv.spawn(program, { args = argv, env = env, cwd = "/", stdio = { nil, self._stdout, stderr } },
    function(code, signal)
      ok = code == 0 and signal == 0
      self._handle:close()
      part_over()
    end)
  if not self._handle then
    self._stdout:close()
    stderr:close()
    return nil, ("start '%s': %s"):format(program, pid)
  end
  self.pid = pid
  self._on_stdout = function(_, chunk)
    if chunk then
      task.spawn(on_data, chunk)
    else
      self._stdout:close()
      part_over()
    end
  end
  self._stdout:read_start(self._on_stdout)
  stderr:read_start(function(_, chunk)
    if chunk then
      self._words = (self._words .. chunk):sub(-max_words)
    else
      stderr:close()
      part_over()
    end
  end)
  return self
end

---Takes no more of what it writes, so that it has to wait; goes on taking.
---@param held boolean
function Child:hold(held)
  if self._stdout:is_closing() then
    return
  elseif held then
    self._stdout:read_stop()
  else
    self._stdout:read_start(self._on_stdout)
  end
end

---Ends it.
---@param reason string? what on_end is told
function Child:kill(reason)
  self._reason = self._reason or reason or "it was ended"
  if not self._handle:is_closing() then
    self._handle:kill "sigkill"
  end
  self:hold(false) -- or its end would not be seen
end

return child
