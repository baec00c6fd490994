-- SPDX-License-Identifier: MIT
-- What a long-running command needs from the operating system: signals to end, other programs, a lock that is released
-- when the process ends. Its tasks run in libuv's loop (cme.net.loop.luv), where signals, programs and pipes are events
-- like answers.

local child = require "cme.system.child"
local clock = require "cme.system.clock"
local codes = require "cme.codes"
local task = require "cme.task"
local uv = require "luv"

local process = {}

local KILL_AFTER = 2 -- seconds between being asked to end and being made to
local DRAIN_SECONDS = 1 -- for the rest of what a program said that has ended: what it started may hold the pipe
local LARGEST = 1048576 -- bytes kept of what a program says
-- A lock whose holder was just killed is free a moment later.
local LOCK_PATIENCE = 1 -- seconds
local LOCK_SECONDS = 10

---@class cme.cli.process
---@field quit string|nil the signal that asked to end, once it came
---@field told cme.task.signal told when it does
---@field _held table[] what is closed at the end: signals, and the programs that hold locks
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
---@return cme.cli.process
function process.new()
  local self = setmetatable({ told = task.signal(), _held = {} }, Process)
  for _, name in ipairs(ending_signals()) do
    local handle = uv.new_signal()
    handle:start(name, function()
      if self.quit then
        handle:stop()
        uv.kill(uv.os_getpid(), name)
      end
      self.quit = name
      self.told:notify()
    end)
    self:_keep(handle)
  end
  local ignored = uv.new_signal() -- a reader that goes away ends no broadcast
  ignored:start("sigpipe", function() end)
  self:_keep(ignored)
  return self
end

function Process:_keep(held)
  self._held[#self._held + 1] = held
end

--- Waits; tasks only.
---@param seconds number
---@return boolean quit true: told to end, at once or meanwhile
function Process:pause(seconds)
  if not self.quit then self.told:wait(seconds) end
  return self.quit ~= nil
end

-- Runs fn as a task until it has ended, or one of the limits, functions that wait, has; then it is cancelled.
local function run_within(limits, fn, ...)
  local running, waiting = task.spawn(fn, ...), {}
  for i, limit in ipairs(limits) do
    waiting[i] = task.spawn(function()
      limit()
      running:cancel()
    end)
  end
  local results = table.pack(pcall(running.wait, running))
  for _, each in ipairs(waiting) do each:cancel() end
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

function Process:_await_quit()
  if not self.quit then self.told:wait() end
end

--- Runs fn as a task, for so many seconds or until this process is told to end; then it is cancelled. Tasks only.
---@param seconds number|nil nil: no limit
---@param fn function
---@param ... any its arguments
---@return any ... what fn returns; nil, message, detail (`task.cancelled`) when it was cancelled
function Process:within(seconds, fn, ...)
  local limits = { function() self:_await_quit() end }
  if seconds then limits[2] = function() task.sleep(seconds) end end
  return run_within(limits, fn, ...)
end

--- Runs fn as a task. Once this process is told to end, or when it was before, fn has so many seconds left; then it is
--- cancelled. Tasks only.
---@param grace number seconds
---@param fn function
---@param ... any its arguments
---@return any ... as within()
function Process:finish(grace, fn, ...)
  return run_within({ function()
    self:_await_quit()
    task.sleep(grace)
  end }, fn, ...)
end

---@class cme.cli.process.job a program that runs
---@field program cme.system.child
---@field changed cme.task.signal told when it, or what it says, has ended
---@field over boolean both have
---@field said string[] the first LARGEST bytes of what it says

-- Starts a program whose output is kept.
---@return cme.cli.process.job|nil, string|nil message, cme.detail|nil detail
local function start(words)
  local job, size = { changed = task.signal(), over = false, said = {} }, 0
  local options = { program = words[1], args = { table.unpack(words, 2) }, stdin = "pipe", stdout = "pipe", stderr = 2,
    detached = true }
  function options.on_exit() job.changed:notify() end
  function options.on_end()
    job.over = true
    job.changed:notify()
  end
  function options.on_output(chunk)
    if size < LARGEST then table.insert(job.said, (chunk:sub(1, LARGEST - size))) end
    size = size + #chunk
  end
  local message, detail
  job.program, message, detail = child.spawn(options)
  return job.program and job, message, detail
end

-- Waits until it has ended, by itself or by force.
local function await_exit(job, seconds)
  local deadline, left = clock.monotonic() + seconds, seconds
  while not job.program.exit and left > 0 do
    job.changed:wait(left)
    left = deadline - clock.monotonic()
  end
  job.program:stop(KILL_AFTER, true) -- and what it started; nothing when it has ended
  while not job.program.exit do job.changed:wait() end
end

--- Runs a program to its end, or to its deadline; tasks only.
---@param words string[] the program, looked for in PATH, and its arguments
---@param input string for its stdin
---@param seconds number after which it is ended
---@return { code: integer, signal: integer, output: string }|nil result
---@return string|nil message
---@return cme.detail|nil detail code local.program
function Process.run(_, words, input, seconds)
  local job, message, detail = start(words)
  if not job then return nil, message, detail end
  local program = job.program
  local forget = task.on_cancel(task.current(), function()
    program:kill("sigkill", true)
    program:close()
  end)
  program:write(input, true)
  await_exit(job, seconds)
  if not job.over then job.changed:wait(DRAIN_SECONDS) end
  forget()
  program:close()
  return { code = program.exit.code, signal = program.exit.signal, output = table.concat(job.said) }
end

-- Waits until the lock is there ("held"), or the program has ended, which gives its exit code.
local function await_lock(path)
  local holder, message, detail
  local words = { "-w", tostring(LOCK_PATIENCE), "-E", "99", path, "cat" }
  local state = task.wait(function(wake)
    holder, message, detail = child.spawn { program = "flock", args = words, stdin = "pipe", stdout = "pipe",
      detached = true, on_output = function() wake "held" end, on_exit = function(exit) wake(exit.code) end }
    if not holder then return wake(false) end
    holder:write "\n" -- cat gives it back as soon as the lock is there
  end, LOCK_SECONDS)
  return holder, state, message, detail
end

--- Takes a lock that is free again when this process has ended, however that was: a child holds it, by flock(1), and
--- ends with the pipe from here. Tasks only.
---@param path string a file, made if need be
---@return true|nil taken
---@return string|nil message
---@return cme.detail|nil detail code local.locked: another process has it; local.lock: it cannot be taken
function Process:lock(path)
  local holder, state, message, detail = await_lock(path)
  if not holder then return codes.fail("local.lock:no_flock", { cause = codes.words(message, detail) }) end
  if state == "held" then
    self:_keep(holder)
    return true
  end
  holder:close()
  if state == 99 then return codes.fail "local.locked" end
  return codes.fail(state and "local.lock:unopened" or "local.lock:no_answer", { path = path })
end

--- Lets go of the locks, and of the signals. Not in a task.
function Process:close()
  for _, held in ipairs(self._held) do held:close() end
  self._held = {}
  uv.run "nowait" -- luv 1.44 crashes when the Lua state is closed before the close callbacks were called
end

Process.__close = Process.close

return process
