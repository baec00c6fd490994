-- SPDX-License-Identifier: MIT
-- What a command that lasts needs of the operating system beside cme.run: to be told to end, other programs, a lock
-- that dies with the process. All of it is luv's, whose loop is turned here, in `turn`, between the looks of a task:
-- cme.run waits in libcurl, which knows nothing of luv's descriptors, so a turn is due at least every TICK.

local clock = require "cme.system.clock"
local uv = require "luv"

local process = {}

local TICK = 0.1 -- seconds
local KILL_AFTER = 2 -- seconds between being asked to end and being made to
local LARGEST = 1048576 -- bytes kept of what a program says
-- A lock whose holder was just killed is free a moment later.
local LOCK_PATIENCE = 1 -- seconds
local LOCK_SECONDS = 10

---@class cme.cli.process
---@field quit string|nil the signal that asked to end, once it came
---@field _sleep fun(seconds: number)
---@field _handles userdata[] what is closed at the end: signals, and the pipes that hold locks
local Process = {}
Process.__index = Process
Process.__name = "cme.cli.process"

local SIGHUP = 1

--- Whether a process was started with a signal ignored, as nohup(1) does with SIGHUP. Pure.
---@param status string what /proc/self/status says
---@param number integer of the signal
---@return boolean
function process.ignores(status, number)
  local mask = status:match "SigIgn:%s*(%x+)"
  return mask ~= nil and (tonumber(mask, 16) >> (number - 1)) & 1 == 1
end

local function own_status()
  local file = io.open "/proc/self/status"
  local status = file and file:read "a" or ""
  if file then file:close() end
  return status
end

-- A terminal that goes away (ssh dropped) asks to end as SIGTERM does, unless nohup said that it does not.
local function ending_signals()
  local names = { "sigterm", "sigint" }
  if not process.ignores(own_status(), SIGHUP) then names[#names + 1] = "sighup" end
  return names
end

--- Takes SIGTERM, SIGINT and SIGHUP over: the first one sets `quit`, the second one ends the process as it would have
--- been.
---@param sleep fun(seconds: number) cme.sleep
---@return cme.cli.process
function process.new(sleep)
  local self = setmetatable({ _sleep = sleep, _handles = {} }, Process)
  for _, name in ipairs(ending_signals()) do
    local handle = uv.new_signal()
    handle:start(name, function()
      if self.quit then
        handle:stop()
        uv.kill(uv.os_getpid(), name)
      end
      self.quit = name
    end)
    self:_keep(handle)
  end
  local ignored = uv.new_signal() -- a reader that goes away ends no broadcast
  ignored:start("sigpipe", function() end)
  self:_keep(ignored)
  return self
end

function Process:_keep(handle)
  self._handles[#self._handles + 1] = handle
end

--- Lets luv do what is due.
function Process.turn()
  uv.run "nowait"
end

--- Lets luv do what is due, again and again, in a task of its own that somebody cancels: a signal counts also while all
--- others wait for an answer.
function Process:attend()
  while true do
    self.turn()
    self._sleep(TICK)
  end
end

--- Waits; tasks only.
---@param seconds number
---@return boolean quit true: told to end, at once or meanwhile
function Process:pause(seconds)
  local deadline = clock.monotonic() + seconds
  repeat
    self.turn()
    if self.quit then return true end
    self._sleep(math.max(0, math.min(TICK, deadline - clock.monotonic())))
  until clock.monotonic() >= deadline
  self.turn()
  return self.quit ~= nil
end

local function close(handle)
  if not handle:is_closing() then handle:close() end
end

-- Reads a pipe to its end, the first LARGEST bytes of it.
local function collect(pipe)
  local parts, size = {}, 0
  pipe:read_start(function(_, chunk)
    if not chunk then return close(pipe) end
    if size < LARGEST then parts[#parts + 1] = chunk:sub(1, LARGEST - size) end
    size = size + #chunk
  end)
  return function() return table.concat(parts) end
end

--- Runs a program to its end, or to its deadline; tasks only.
---@param words string[] the program, looked for in PATH, and its arguments
---@param input string for its stdin
---@param seconds number after which it is ended
---@param ends_on_quit boolean|nil it is ended, too, when this process is told to end
---@return { code: integer, signal: integer, output: string }|nil result
---@return string|nil message
function Process:run(words, input, seconds, ends_on_quit)
  local stdin, stdout, ended = uv.new_pipe(false), uv.new_pipe(false), nil
  local handle, reason
  handle, reason = uv.spawn(words[1], { args = { table.unpack(words, 2) }, stdio = { stdin, stdout, 2 },
    detached = true }, function(code, signal)
    ended = { code = code, signal = signal }
    close(handle)
  end)
  if not handle then
    close(stdin)
    close(stdout)
    return nil, ("start '%s': %s"):format(words[1], tostring(reason):match "^%u+: ([^:]+)" or tostring(reason))
  end
  local output = collect(stdout)
  stdin:write(input, function() close(stdin) end)
  local deadline = clock.monotonic() + seconds
  local kill = "sigterm"
  while not ended do
    self._sleep(TICK / 2)
    self.turn()
    if self.quit and ends_on_quit then deadline, ends_on_quit = clock.monotonic(), nil end
    if not ended and clock.monotonic() > deadline then
      uv.kill(-handle:get_pid(), kill) -- and what it started
      deadline, kill = deadline + KILL_AFTER, "sigkill"
    end
  end
  self.turn()
  ended.output = output()
  return ended
end

--- Takes a lock that is free again when this process has ended, however that was: a child holds it, by flock(1), and
--- ends with the pipe from here.
---@param path string a file, made if need be
---@return boolean|nil taken false: another process has it
---@return string|nil message
function Process:lock(path)
  local stdin, stdout, state = uv.new_pipe(false), uv.new_pipe(false), nil
  local handle, reason
  local words = { "-w", tostring(LOCK_PATIENCE), "-E", "99", path, "cat" }
  handle, reason = uv.spawn("flock", { args = words, stdio = { stdin, stdout, nil },
    detached = true }, function(code)
    state = state or code
    close(handle)
  end)
  if not handle then
    close(stdin)
    close(stdout)
    return nil, ("start 'flock': %s (it comes with util-linux)"):format(tostring(reason):gsub(":.*", ""))
  end
  stdout:read_start(function(_, chunk) state = state or chunk and "held" end)
  stdin:write "\n" -- cat gives it back as soon as the lock is there
  local deadline = clock.monotonic() + LOCK_SECONDS
  while not state and clock.monotonic() < deadline do
    uv.sleep(5)
    self.turn()
  end
  if state == "held" then
    self:_keep(stdin)
    self:_keep(stdout)
    return true
  end
  close(stdin)
  close(stdout)
  if state == 99 then return false end
  return nil, ("lock '%s': %s"):format(path, state and "it cannot be made or opened" or "no answer")
end

--- Lets go of the locks, and of the signals.
function Process:close()
  for _, handle in ipairs(self._handles) do close(handle) end
  self._handles = {}
  self.turn()
end

Process.__close = Process.close

return process
